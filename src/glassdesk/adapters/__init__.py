"""Implementations of the ports. They do not know each other; only composition knows them all."""
