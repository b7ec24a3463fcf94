"""What the access step needs from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.access.model import OneTimeLink, Owner


class PasswordHasher(Protocol):
    """Argon2id."""

    def hash(self, password: str) -> str:
        """A salted hash."""
        ...

    def verify(self, password: str, hashed: str) -> bool:
        """True when it matches; takes about as long when it does not."""
        ...


class AccessStore(Protocol):
    """The owner, one-time links, failed attempts."""

    def owner(self, t: Transaction) -> Owner:
        """The owner; an unset one before the first password."""
        ...

    def put_owner(self, t: Transaction, owner: Owner) -> None:
        """Replace."""
        ...

    def put_link(self, t: Transaction, link: OneTimeLink) -> None:
        """Insert."""
        ...

    def use_link(self, t: Transaction, token_sha256: str, *, now: datetime) -> bool:
        """Mark it used; False when unknown, expired or used before."""
        ...

    def failures_since(self, t: Transaction, since: datetime) -> int:
        """Failed sign-ins since an instant."""
        ...

    def add_failure(self, t: Transaction, *, at: datetime) -> None:
        """Record a failed sign-in."""
        ...
