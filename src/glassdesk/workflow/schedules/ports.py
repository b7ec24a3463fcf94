"""What the schedules step needs from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.schedules.model import Outcome, Pause, Slot


class SlotStore(Protocol):
    """Slots, each strategy's watermark, which never moves back, and the agenda: when to look at it next."""

    def add(self, t: Transaction, slot: Slot) -> bool:
        """Insert; False when (strategy, instant) exists."""
        ...

    def watermark(self, t: Transaction, strategy: str) -> datetime | None:
        """Every instant up to here has its row."""
        ...

    def set_watermark(self, t: Transaction, strategy: str, instant: datetime) -> None:
        """Move forward; a smaller value is ignored."""
        ...

    def plan(self, t: Transaction, strategy: str, due: datetime | None) -> None:
        """Look at the strategy at this instant, `None`: never."""
        ...

    def due(self, t: Transaction, now: datetime) -> Sequence[str]:
        """Strategies planned for now or earlier, soonest first; it costs nothing for those that are not."""
        ...

    def planned(
        self, t: Transaction, *, after: tuple[datetime, str] | None = None, limit: int = 200
    ) -> Sequence[tuple[datetime, str]]:
        """The agenda, soonest first, from behind an entry on."""
        ...

    def next_due(self, t: Transaction) -> datetime | None:
        """The soonest of the agenda."""
        ...

    def ticked_at(self, t: Transaction) -> datetime | None:
        """When a worker last said that it ticks."""
        ...

    def tick(self, t: Transaction, now: datetime) -> None:
        """Say so; an earlier instant is ignored."""
        ...

    def slots(
        self,
        t: Transaction,
        *,
        strategy: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 200,
    ) -> Sequence[Slot]:
        """Newest first; `until` is not included."""
        ...

    def outcomes(
        self,
        t: Transaction,
        *,
        strategy: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int,
    ) -> Sequence[Outcome]:
        """Slots with their runs, newest first."""
        ...

    def paused(self, t: Transaction) -> Mapping[str, Pause]:
        """Strategies whose schedule is paused, by name."""
        ...

    def pause(self, t: Transaction, pause: Pause) -> None:
        """The first pause stays until it is resumed."""
        ...

    def resume(self, t: Transaction, strategy: str, at: datetime) -> None:
        """Take the pause back; failures before `at` count no more."""
        ...

    def resumed_at(self, t: Transaction, strategy: str) -> datetime | None:
        """When it was last resumed."""
        ...
