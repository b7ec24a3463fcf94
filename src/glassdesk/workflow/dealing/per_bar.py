"""Which positions are looked at when: by their exit rules, once per bar. What was not touched since costs
nothing in between."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.positions.model import Position

Key = tuple[int, str, datetime | None]


class PerBar:
    """Remembers when each holding is looked at next; all of it can be lost."""

    def __init__(self) -> None:
        self._at: dict[Key, datetime | None] = {}
        self._seen: tuple[datetime | None, datetime | None] | None = None

    def again(self) -> None:
        """Rules have changed: look at every position anew."""
        self._at.clear()
        self._seen = None

    def rests(self, reign: Reign, now: datetime) -> bool:
        """No fact and no comparison came since the last look, and no bar has closed."""
        if self._seen is None or self._seen != (reign.changed_at, reign.positions_at):
            return False
        self._remind(reign)
        return all(at is None or at > now for at in self._at.values())

    def due(self, held: Iterable[Position], now: datetime) -> list[Position]:
        """Those to look at now; what is not held any more is forgotten."""
        mine = {key_of(position): position for position in held if position.quantity > 0}
        self._at = {key: at for key, at in self._at.items() if key in mine}
        return [one for key, one in mine.items() if key not in self._at or self._passed(key, now)]

    def _passed(self, key: Key, now: datetime) -> bool:
        at = self._at[key]
        return at is not None and at <= now

    def next(self, position: Position, at: datetime | None) -> None:
        """Look at it then; `None` = not before its rules change."""
        self._at[key_of(position)] = at

    def done(self, reign: Reign) -> None:
        """Every position was looked at."""
        self._seen = (reign.changed_at, reign.positions_at)
        self._remind(reign)

    def _remind(self, reign: Reign) -> None:
        for at in self._at.values():
            if at is not None:
                reign.due.at(at)


def key_of(held: Position) -> Key:
    """One holding: the next one of the same contract is another."""
    return (held.conid, held.strategy, held.opened_at)
