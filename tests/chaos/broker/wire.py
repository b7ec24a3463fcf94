"""The way of one write to the broker: whether it leaves, when it arrives, what comes back.

A caller waits at most `TIMEOUT`; a request may arrive long after that, and then it counts all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum

from glassdesk.workflow.orders.model import Outcome, OutcomeKind
from tests.chaos.dice import Dice, Fault
from tests.chaos.scheduler import Scheduler

TIMEOUT = timedelta(seconds=10)
LATEST = timedelta(seconds=900)

Deed = Callable[[bool], Outcome]
"""What the broker does with a request on its arrival; True where it comes late."""


class Fate(StrEnum):
    """What the network does to a write."""

    FINE = "fine"
    NOT_SENT = "not_sent"
    LOST = "lost"
    UNHEARD = "unheard"
    LATE = "late"
    FIVE_BEFORE = "5xx_before"
    FIVE_AFTER = "5xx_after"
    ODD = "odd"


_FATES = (
    (Fault.NOT_SENT, Fate.NOT_SENT),
    (Fault.LOST_REQUEST, Fate.LOST),
    (Fault.LOST_RESPONSE, Fate.UNHEARD),
    (Fault.LATE, Fate.LATE),
    (Fault.FIVE_BEFORE, Fate.FIVE_BEFORE),
    (Fault.FIVE_AFTER, Fate.FIVE_AFTER),
    (Fault.ODD_BODY, Fate.ODD),
)
_RARE = {"modify": 4.0, "cancel": 4.0}
"""Steps that a seed has fewer of: each is hit more often."""


class Wire:
    """Carries writes."""

    def __init__(self, scheduler: Scheduler, dice: Dice, *, latest: timedelta = LATEST) -> None:
        self._scheduler = scheduler
        self._dice = dice
        self._latest = latest
        self.on_the_way = 0
        """Requests that will still arrive."""

    def carry(self, step: str, deed: Deed) -> Outcome:
        """One write and its answer. The caller's own greenlet waits."""
        weight = _RARE.get(step, 1.0)
        first = self._dice.stream("fates").randrange(len(_FATES))
        # any of them may be asked first, or the last ones would hardly ever strike
        order = _FATES[first:] + _FATES[:first]
        fate = next((fate for fault, fate in order if self._dice.strikes(fault, step, weight)), Fate.FINE)
        if fate is Fate.NOT_SENT:
            return Outcome(kind=OutcomeKind.NOT_SENT, text="connection refused")
        self._wait(step)
        if fate is Fate.FINE:
            answer = deed(False)
            self._wait(step)
            return answer
        return self._broken(fate, deed)

    def _broken(self, fate: Fate, deed: Deed) -> Outcome:
        if fate is Fate.LATE:
            self._send_late(deed)
        elif fate in (Fate.UNHEARD, Fate.FIVE_AFTER, Fate.ODD):
            deed(False)
        if fate in (Fate.LOST, Fate.UNHEARD, Fate.LATE):
            self._scheduler.sleep(TIMEOUT)
            return Outcome(kind=OutcomeKind.UNKNOWN, text="read timeout")
        if fate is Fate.ODD:
            return Outcome(kind=OutcomeKind.UNKNOWN, text="the answer has no known shape", http_status=200)
        return Outcome(kind=OutcomeKind.UNKNOWN, text="server error", http_status=503)

    def _send_late(self, deed: Deed) -> None:
        delay = self._dice.seconds("late", TIMEOUT.total_seconds() + 1, self._latest.total_seconds())
        if self._dice.stream("late").random() < 0.5:
            delay = min(delay, self._dice.seconds("late", 11, 180))
        self.on_the_way += 1

        def arrive() -> None:
            self.on_the_way -= 1
            deed(True)

        self._scheduler.at(self._scheduler.now + delay, arrive)

    def _wait(self, step: str) -> None:
        slow = self._dice.strikes(Fault.SLOW, step)
        self._scheduler.sleep(
            self._dice.seconds("latency", 1, 7) if slow else self._dice.seconds("latency", 0.02, 0.3)
        )
