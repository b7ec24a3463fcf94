"""Faults of the section."""
