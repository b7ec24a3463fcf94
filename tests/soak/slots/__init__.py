"""Thirty days of slots: a person who comes late or not at all, and a desk that dies at any moment."""
