"""The end of an unlock of a live account is told in time (`T-61`)."""

from __future__ import annotations

from datetime import timedelta

from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign

EVERY = timedelta(hours=1)
"""A person may have unlocked it meanwhile."""


class LiveWatch:
    """Looks when an unlock ends soon, or has ended."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def look(self, reign: Reign) -> None:
        """On a live account, where it is due."""
        now = self._parts.now()
        if self._parts.settings.kind is not AccountKind.LIVE:
            return
        if reign.reminded_until is None or now >= reign.reminded_until:
            with self._parts.transactions.begin() as t:
                again = self._parts.risk.remind_live(t)
            reign.reminded_until = now + EVERY if again is None else min(again, now + EVERY)
        reign.due.at(reign.reminded_until)
