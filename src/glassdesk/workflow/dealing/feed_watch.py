"""What entries depend on is looked at when a session begins, before one waits for it: the feed's canary and
the two clocks (`T-06`, RF-81). Each trouble is told once a session; the rules deny meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta

from glassdesk.workflow.dealing.looking import Looking
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.quoting import canary_problem
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.risk.rules_gates import MOST_SKEW

EVERY = timedelta(minutes=5)
SETTLED = timedelta(minutes=1)
"""So long after the open the first quotes may take."""


class FeedWatch:
    """Reads the canary now and then in regular hours, where there is one."""

    def __init__(self, parts: Parts, telling: Telling) -> None:
        self._parts = parts
        self._telling = telling
        self._looking = Looking(parts)
        self._looked: tuple[int, datetime] | None = None
        """Epoch and instant of the last look."""

    def look(self, reign: Reign) -> None:
        """Once at the beginning of a session of the broker, then every five minutes of an open market."""
        settings, now = self._parts.settings, self._parts.now()
        if not reign.may_send or (settings.canary is None and self._parts.broker.clock is None):
            return
        here = self._parts.contracts.session_at(settings.exchange, now)
        if here is None or now < here.opens_at + SETTLED:
            return
        if self._looked is not None and self._looked[0] == reign.epoch and now - self._looked[1] < EVERY:
            reign.due.at(self._looked[1] + EVERY)
            return
        self._looked = (reign.epoch, now)
        reign.due.at(now + EVERY)
        self._tell(here.session.isoformat(), now)

    def _tell(self, day: str, now: datetime) -> None:
        settings = self._parts.settings
        read = self._looking.quotes(())
        canary = read.get(settings.canary or 0)
        late = settings.takes_delayed and canary is not None and canary.delayed
        problem = "" if late else canary_problem(settings.canary, read, now)
        skew = self._looking.skew(read)
        with self._parts.transactions.begin() as t:
            if problem:
                self._telling.canary(t, f"{day}:{settings.canary}", settings.canary, problem)
            if skew is not None and abs(skew) > MOST_SKEW:
                self._telling.skewed(t, day, skew)
