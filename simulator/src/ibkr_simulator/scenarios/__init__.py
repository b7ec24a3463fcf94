"""Faults F-01 to F-83 by number."""
