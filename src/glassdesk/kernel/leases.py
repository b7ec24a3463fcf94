"""Leases with a fence: who may act, and a number that only grows so that a stale holder is noticed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A lease as its holder sees it; `fence` grows by one at every change of holder."""

    name: str
    owner: str
    fence: int
    until: datetime


class LeaseStore(Protocol):
    """Named leases. Instants are market time."""

    def acquire(
        self, t: Transaction, name: str, owner: str, *, now: datetime, ttl: timedelta
    ) -> Lease | None:
        """Take a free or expired lease with the next fence, renew an own one with the same fence, else
        `None`."""
        ...

    def holds(self, t: Transaction, lease: Lease) -> bool:
        """True while the stored owner and fence are the lease's."""
        ...

    def release(self, t: Transaction, lease: Lease) -> None:
        """Give it up, if still held."""
        ...

    def holder(self, t: Transaction, name: str) -> Lease | None:
        """The lease as stored, expired or not."""
        ...

    def void_all(self, t: Transaction, *, now: datetime) -> int:
        """End every lease and every run's claim at once: the embedded start's predecessor is dead. Answers
        how many."""
        ...
