"""Long tables, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")
PER_PAGE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Generic[Row]):
    """Some rows of a table whose newest come first."""

    rows: Sequence[Row]
    number: int
    """Which page this is, counted from 1."""
    first: int
    """Where its first row stands, counted from 1."""
    total: int

    @property
    def last(self) -> int:
        """Where its last row stands."""
        return self.first + len(self.rows) - 1

    @property
    def newer(self) -> int | None:
        """The page before."""
        return self.number - 1 if self.number > 1 else None

    @property
    def older(self) -> int | None:
        """The page after."""
        return self.number + 1 if self.last < self.total else None


def part(rows: Sequence[Row], number: int, *, size: int = PER_PAGE) -> Part[Row]:
    """Page `number` of rows, counted from 1; beyond the last page it is the last."""
    pages = max(1, -(-len(rows) // size))
    shown = min(max(1, number), pages)
    begins = (shown - 1) * size
    return Part(rows=rows[begins : begins + size], number=shown, first=begins + 1, total=len(rows))
