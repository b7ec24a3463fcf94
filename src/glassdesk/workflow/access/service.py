"""Verbs of the access step."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from glassdesk.kernel.clock import Clock
from glassdesk.kernel.errors import Denied, InvalidInput
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.access.model import OneTimeLink, Owner
from glassdesk.workflow.access.ports import AccessStore, PasswordHasher

LINK_LIFETIME = timedelta(hours=24)
MINIMUM_PASSWORD = 10
ATTEMPTS = 5
ATTEMPT_WINDOW = timedelta(minutes=5)


def token_digest(token: str) -> str:
    """What is stored of a one-time link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


class Access:
    """Who may use the desk. Instants are those of the clock given: machine time, since people live in it."""

    def __init__(
        self, store: AccessStore, hasher: PasswordHasher, clock: Clock, new_token: Callable[[], str]
    ) -> None:
        self._store = store
        self._hasher = hasher
        self._clock = clock
        self._new_token = new_token

    def owner(self, t: Transaction) -> Owner:
        """The person the desk belongs to."""
        return self._store.owner(t)

    def new_link(self, t: Transaction) -> str:
        """The token of a fresh one-time link; only its digest is kept."""
        token, now = self._new_token(), self._clock.now()
        link = OneTimeLink(token_sha256=token_digest(token), created_at=now, expires_at=now + LINK_LIFETIME)
        self._store.put_link(t, link)
        return token

    def use_link(self, t: Transaction, token: str) -> bool:
        """True once for a link that exists and has not expired."""
        return self._store.use_link(t, token_digest(token), now=self._clock.now())

    def set_password(self, t: Transaction, password: str) -> Owner:
        """Set the owner's password; every older web session ends. Raises `InvalidInput` when it is too
        short."""
        if len(password) < MINIMUM_PASSWORD:
            raise InvalidInput(
                "the password is too short",
                where="password",
                remedy=f"use at least {MINIMUM_PASSWORD} characters",
            )
        before = self._store.owner(t)
        after = replace(
            before,
            password_hash=self._hasher.hash(password),
            session_generation=before.session_generation + 1,
        )
        self._store.put_owner(t, after)
        return after

    def check_attempts(self, t: Transaction) -> None:
        """Raises `Denied` after five failures in five minutes."""
        since = self._clock.now() - ATTEMPT_WINDOW
        if self._store.failures_since(t, since) >= ATTEMPTS:
            raise Denied("too many failed sign-ins", where="password", remedy="wait five minutes")

    def sign_in(self, t: Transaction, password: str) -> bool:
        """True for the owner's password; a failure is recorded. Call `check_attempts` first."""
        hashed = self._store.owner(t).password_hash
        if hashed is not None and self._hasher.verify(password, hashed):
            return True
        self._store.add_failure(t, at=self._clock.now())
        return False
