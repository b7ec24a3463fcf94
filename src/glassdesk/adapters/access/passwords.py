"""Argon2id, at the library's current parameters, and random tokens."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError


class ArgonHasher:
    """The `PasswordHasher` port."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()

    def hash(self, password: str) -> str:
        """A salted hash."""
        return self._hasher.hash(password)

    def verify(self, password: str, hashed: str) -> bool:
        """True when it matches."""
        try:
            return self._hasher.verify(hashed, password)
        except (VerifyMismatchError, InvalidHashError):
            return False


def new_token() -> str:
    """256 random bits, safe in an address."""
    return secrets.token_urlsafe(32)
