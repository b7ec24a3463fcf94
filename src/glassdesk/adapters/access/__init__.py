"""Passwords and tokens."""

from glassdesk.adapters.access.passwords import ArgonHasher, new_token

__all__ = ["ArgonHasher", "new_token"]
