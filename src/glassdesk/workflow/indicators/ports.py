"""What the indicators step needs from outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.indicators.model import IndicatorSetVersion


class IndicatorStore(Protocol):
    """Versions of indicator sets by name; a version once put never changes."""

    def put(self, t: Transaction, version: IndicatorSetVersion) -> None:
        """Append a version. Raises `Conflict` when its name has one of that number."""
        ...

    def versions(self, t: Transaction, name: str) -> Sequence[IndicatorSetVersion]:
        """Of one name, oldest first."""
        ...

    def newest(self, t: Transaction) -> Sequence[IndicatorSetVersion]:
        """The newest version of every name, by name."""
        ...

    def archive(self, t: Transaction, name: str, author: str, at: datetime) -> None:
        """Put a name away; its versions stay. Again is harmless."""
        ...

    def archived(self, t: Transaction) -> frozenset[str]:
        """Names that were put away."""
        ...
