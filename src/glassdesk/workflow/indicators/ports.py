"""What the indicators step needs from outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.indicators.model import IndicatorSet


class IndicatorStore(Protocol):
    """Indicator sets by name; a set once put never changes."""

    def put(self, t: Transaction, indicators: IndicatorSet) -> None:
        """Append a set. Raises `Conflict` when the name is taken."""
        ...

    def get(self, t: Transaction, name: str) -> IndicatorSet | None:
        """By name."""
        ...

    def all(self, t: Transaction) -> Sequence[IndicatorSet]:
        """Every set, by name."""
        ...
