"""Who looks after the audit chain: at each start, each night, and at the end."""

from __future__ import annotations

from datetime import date, timedelta

from glassdesk.kernel.canonical import digest
from glassdesk.kernel.clock import Clock, Stopwatch
from glassdesk.kernel.unit_of_work import Transactions
from glassdesk.workflow.lineage.inspection import Inspection
from glassdesk.workflow.lineage.model import Inspected, Reason
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.risk.model import HaltLevel
from glassdesk.workflow.risk.service import Risk

ACTOR = "desk"
NIGHT = timedelta(hours=5)
"""05:00 UTC: midnight in New York in winter, one o'clock in summer."""
REST_SECONDS = 60.0
"""Machine seconds between two nights: in simulated time they fly by."""


class Watchman:
    """A chain that does not hold stops the desk (`T-50`: integrity reaches HALT by itself) and is told."""

    def __init__(
        self,
        inspection: Inspection,
        risk: Risk,
        notifications: Notifications,
        transactions: Transactions,
        clock: Clock,
        stopwatch: Stopwatch,
    ) -> None:
        self._inspection = inspection
        self._risk = risk
        self._notifications = notifications
        self._transactions = transactions
        self._clock = clock
        self._stopwatch = stopwatch
        self._night: date | None = None
        self._looked = float("-inf")

    def begin(self) -> Inspected:
        """Before anything is sent: the last 10,000 rows, then a new anchor where they hold."""
        self._night, self._looked = self._present(), self._stopwatch.seconds()
        return self._judge(self._inspection.tail(Reason.START))

    def look(self) -> Inspected | None:
        """Once a night: the whole chain, every anchor and its copy, and a new anchor."""
        night, now = self._present(), self._stopwatch.seconds()
        if night == self._night or now - self._looked < REST_SECONDS:
            return None
        self._night, self._looked = night, now
        return self._judge(self._inspection.full(Reason.NIGHT))

    def end(self) -> None:
        """Anchor what has come since, unless what was found stands in the way."""
        newest, _ = self._inspection.recent(limit=1)
        if not newest or not newest[0].problem:
            self._inspection.anchor()

    def _present(self) -> date:
        return (self._clock.now() - NIGHT).date()

    def _judge(self, found: Inspected) -> Inspected:
        if found.problem:
            self._stop(found)
        else:
            self._inspection.anchor()
        return found

    def _stop(self, found: Inspected) -> None:
        reason = f"the audit chain does not hold: {found.problem}"
        key = f"audit:broken:{digest(found.problem)[:16]}"
        with self._transactions.begin() as t:
            if self._risk.halt(t).level < HaltLevel.HALT:
                self._risk.set_halt(t, HaltLevel.HALT, reason, ACTOR)
            title = "The audit chain does not hold"
            body = f"{found.problem}. The desk is at HALT; stops stay where they are"
            self._notifications.tell(t, key, Severity.ALARM, title, body, "audit")
