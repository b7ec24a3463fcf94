"""Nouns of the access step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimeLink:
    """A link that signs in once. Only the digest of its token is stored."""

    token_sha256: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The person the desk belongs to; `password_hash` is `None` until a password of their own is set."""

    password_hash: str | None
    session_generation: int = 1
    """Grows at every password change: older web sessions end."""
