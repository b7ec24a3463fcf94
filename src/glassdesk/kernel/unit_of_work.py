"""The unit of work: one transaction, handed as first argument to every store method."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol


class Transaction(Protocol):
    """An opaque handle. Stores know what is inside; nobody else does."""

    def after_commit(self, ring: Callable[[], None]) -> None:
        """Call `ring` once the transaction is durable; never when it rolled back."""
        ...


class Transactions(Protocol):
    """Opens units of work. No broker or model call happens inside one; each takes <= 20 ms."""

    def begin(self) -> AbstractContextManager[Transaction]:
        """A writing transaction: commits when the block ends, rolls back when it raises."""
        ...

    def read(self) -> AbstractContextManager[Transaction]:
        """A reading transaction: one consistent picture, never the write lock."""
        ...
