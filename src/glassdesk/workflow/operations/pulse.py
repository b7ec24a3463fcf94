"""The dealer's pulse (I-48): while it reigns, the end of its turns is written down, and whoever else lives
tells a person where that has stopped."""

from __future__ import annotations

from datetime import datetime, timedelta

from glassdesk.kernel.clock import Clock, format_instant
from glassdesk.kernel.unit_of_work import Transaction, Transactions
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.operations.ports import SignsOfLife

QUIET = timedelta(seconds=90)
"""A dealer that has ended no turn for so long watches nothing (I-48)."""
EVERY = timedelta(seconds=10)
"""So often the end of a turn is written down: a commit each, and a dealer turns once a second."""


class Pulse:
    """Felt in real time only: simulated time leaps over hours in which nothing is to be done."""

    def __init__(
        self,
        transactions: Transactions,
        signs: SignsOfLife,
        notifications: Notifications,
        clock: Clock,
        dealer: str,
    ) -> None:
        self._transactions = transactions
        self._signs = signs
        self._notifications = notifications
        self._clock = clock
        self._dealer = dealer
        self._last: datetime | None = None

    def turned(self, *, reigns: bool) -> None:
        """A turn of this process's dealer has ended. The first after a gap tells of it. Raises
        `Unavailable`."""
        if self._clock.wakes_on_events:
            return
        if not reigns:
            self._last = None  # another one's turns count now
            return
        now = self._clock.now()
        if self._last is not None and timedelta(0) <= now - self._last < EVERY:
            return
        with self._transactions.begin() as t:
            before = self._signs.seen(t, self._dealer)
            if before is not None and now - before > QUIET:
                self._tell_back(t, before, now)
            self._signs.see(t, self._dealer, now)
        self._last = now

    def look(self) -> bool:
        """Whether the dealer is quiet now; the first who sees it tells, once for each gap. False where none
        ever was. Raises `Unavailable`."""
        if self._clock.wakes_on_events:
            return False
        now = self._clock.now()
        with self._transactions.read() as t:
            last = self._signs.seen(t, self._dealer)
            if last is None or now - last <= QUIET:
                return False
            if self._notifications.told(t, _key(last)) is not None:
                return True
        with self._transactions.begin() as t:
            # it may have come back since
            if self._signs.seen(t, self._dealer) == last:
                self._tell_quiet(t, last)
        return True

    def _tell_quiet(self, t: Transaction, last: datetime) -> None:
        body = (
            f"its last turn ended at {format_instant(last)}: nothing is sent, no stop is looked after and "
            "nothing is read from the broker. Orders and stops rest there. Look whether `glassdesk up` or "
            "`dealer` still runs"
        )
        self._notifications.tell(t, _key(last), Severity.ALARM, "The dealer is quiet", body, "session")

    def _tell_back(self, t: Transaction, last: datetime, now: datetime) -> None:
        key = f"dealer:back:{format_instant(last)}"
        span = f"from {format_instant(last)} to {format_instant(now)}"
        body = f"nothing was watched {span}; now it reads what happened"
        self._notifications.tell(t, key, Severity.WARNING, "The dealer is back", body, "session")


def _key(last: datetime) -> str:
    return f"dealer:quiet:{format_instant(last)}"
