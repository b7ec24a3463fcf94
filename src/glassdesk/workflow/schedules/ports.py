"""What the schedules step needs from outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.schedules.model import Slot


class SlotStore(Protocol):
    """Slots and each strategy's watermark, which never moves back."""

    def add(self, t: Transaction, slot: Slot) -> bool:
        """Insert; False when (strategy, instant) exists."""
        ...

    def watermark(self, t: Transaction, strategy: str) -> datetime | None:
        """Every instant up to here has its row."""
        ...

    def set_watermark(self, t: Transaction, strategy: str, instant: datetime) -> None:
        """Move forward; a smaller value is ignored."""
        ...

    def slots(
        self, t: Transaction, *, strategy: str | None = None, since: datetime | None = None, limit: int = 200
    ) -> Sequence[Slot]:
        """Newest first."""
        ...

    def paused(self, t: Transaction) -> frozenset[str]:
        """Names of strategies whose schedule a person paused."""
        ...

    def set_paused(self, t: Transaction, strategy: str, *, paused: bool) -> None:
        """Pause or resume; repeating it is harmless."""
        ...
