"""Verbs of the operations step: can the desk trade?"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from glassdesk.kernel.clock import Clock, Stopwatch
from glassdesk.kernel.errors import GlassdeskError, Unavailable
from glassdesk.kernel.ids import AccountKind
from glassdesk.kernel.leases import LeaseStore
from glassdesk.kernel.unit_of_work import Transaction, Transactions
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.lineage.ports import ArtifactStore
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.operations.figures import Figures
from glassdesk.workflow.operations.model import NOT_KNOWN, Check, Readiness
from glassdesk.workflow.operations.ports import SignsOfLife
from glassdesk.workflow.operations.pulse import QUIET, Pulse
from glassdesk.workflow.risk.halt import RESTORED
from glassdesk.workflow.risk.model import HaltLevel, LiveState
from glassdesk.workflow.risk.service import Risk
from glassdesk.workflow.session.model import SessionState
from glassdesk.workflow.session.service import Session

FRESH_SECONDS = 5.0
"""Machine seconds for which one look answers everybody: a stranger who asks without end costs nothing."""
PATIENCE_SECONDS = 3.0
"""How long whoever asks meanwhile waits for a look that does not end."""
MOST_AHEAD = timedelta(seconds=5)
"""How far what was written may lie ahead of this process's time (`RF-81`)."""
PROBE = b"glassdesk was here"
WRITTEN = "readiness"

_SESSION = {
    SessionState.UNREACHABLE: "the gateway does not answer",
    SessionState.SIGNED_OUT: "nobody is signed in at the broker",
    SessionState.TWO_FACTOR: "the sign-in is not confirmed on the phone yet",
    SessionState.NO_BRIDGE: "signed in, without a brokerage session",
    SessionState.HALF_READY: "signed in, the accounts are not loaded yet",
    SessionState.COMPETING: "another session holds the username",
    SessionState.RESETTING: "the broker resets; it comes back by itself",
}


def dealer_name(account: str) -> str:
    """The name of the lease of whoever deals on an account."""
    return f"dealer:{account}"


class Operations:
    """The desk as somebody sees it who watches over it from outside."""

    def __init__(
        self,
        transactions: Transactions,
        signs: SignsOfLife,
        artifacts: ArtifactStore,
        leases: LeaseStore,
        session: Session,
        risk: Risk,
        audit: Audit,
        notifications: Notifications,
        clock: Clock,
        stopwatch: Stopwatch,
        *,
        account: str,
        kind: AccountKind,
        figures: Figures | None = None,
    ) -> None:
        self._transactions = transactions
        self._signs = signs
        self._artifacts = artifacts
        self._leases = leases
        self._session = session
        self._risk = risk
        self._audit = audit
        self._notifications = notifications
        self._clock = clock
        self._stopwatch = stopwatch
        self._account = account
        self._figures = figures
        self.pulse = Pulse(transactions, signs, notifications, clock, dealer_name(account))
        self._kind = kind
        self._looking = threading.Lock()
        self._last: tuple[float, Readiness] | None = None

    @property
    def figures(self) -> Figures:
        """What is counted. Raises `Unavailable` where nothing counts."""
        if self._figures is None:
            raise Unavailable("nothing is counted here", where="figures")
        return self._figures

    def readiness(self) -> Readiness:
        """Whether the desk can trade, not older than five seconds. Never inside a transaction: it writes.
        Raises `Unavailable` where another's look has not ended."""
        if not self._looking.acquire(timeout=PATIENCE_SECONDS):
            raise Unavailable("the last look at the desk has not ended", where="readiness")
        try:
            now = self._stopwatch.seconds()
            if self._last is not None and now - self._last[0] < FRESH_SECONDS:
                return self._last[1]
            found = self._look()
            self._last = (self._stopwatch.seconds(), found)
            return found
        finally:
            self._looking.release()

    def _look(self) -> Readiness:
        now = self._clock.now()
        database = _checked("database", lambda: self._database(now))
        kept = _checked("artifacts", self.artifacts)
        return Readiness(at=now, checks=(database, kept, *self._from_database(now)))

    def _database(self, now: datetime) -> Check:
        with self._transactions.begin() as t:
            found = self._signs.schema_now(t)
            if found != self._signs.schema:
                why = f"the database is at schema {found or 'none'}, this program needs {self._signs.schema}"
                return Check(check="database", code="schema", why=why)
            self._signs.see(t, WRITTEN, now)
        return Check(check="database")

    def artifacts(self) -> Check:
        """Whether an artifact comes back as it was put. Raises `Unavailable`."""
        if self._artifacts.get(self._artifacts.put(PROBE)) == PROBE:
            return Check(check="artifacts")
        return Check(check="artifacts", code="changed", why="what is kept comes back changed")

    def _from_database(self, now: datetime) -> Iterator[Check]:
        looks: dict[str, Callable[[Transaction, datetime], Check]] = {
            "clock": self._time,
            "dealer": self._dealer,
            "session": self._signed_in,
            "account": self._proof,
            "halt": self._level,
            "unlock": self._unlocked,
        }
        try:
            with self._transactions.read() as t:
                found = [look(t, now) for look in looks.values()]
        except GlassdeskError:
            why = "the database cannot be read"
            found = [Check(check=name, code=NOT_KNOWN, why=f"{name}: {why}") for name in looks]
        yield from found

    def _time(self, t: Transaction, now: datetime) -> Check:
        last, _ = self._audit.head(t)
        newest = self._audit.entries(t, after=max(0, last - 1), limit=1)
        if newest and newest[0].at - now > MOST_AHEAD:
            why = "this machine's clock is behind what the desk wrote down"
            return Check(check="clock", code="behind", why=why)
        skewed = next(iter(self._notifications.unseen(t, f"clock:{now.date().isoformat()}")), None)
        if skewed is not None:
            why = "the broker's clock and this machine's disagree, and nobody has said yet that they know"
            return Check(check="clock", code="skewed", why=why)
        return Check(check="clock")

    def _dealer(self, t: Transaction, now: datetime) -> Check:
        lease = self._leases.holder(t, dealer_name(self._account))
        if lease is None:
            return Check(check="dealer", code="none", why="no dealer reigns")
        # simulated time leaps over the life of a lease while nothing is to be done
        if lease.until <= now and not self._clock.wakes_on_events:
            return Check(check="dealer", code="lapsed", why="the dealer's lease has run out")
        turned = self._signs.seen(t, dealer_name(self._account))
        if turned is not None and now - turned > QUIET and not self._clock.wakes_on_events:
            return Check(check="dealer", code="quiet", why="the dealer has ended no turn for 90 s")
        return Check(check="dealer")

    def _signed_in(self, t: Transaction, now: datetime) -> Check:
        del now
        status = self._session.status(t)
        if status is None:
            why = "no dealer has looked at the brokerage session yet"
            return Check(check="session", code="never_seen", why=why)
        if status.ready:
            return Check(check="session")
        return Check(check="session", code=status.state.value, why=_SESSION[status.state])

    def _proof(self, t: Transaction, now: datetime) -> Check:
        del now
        proof = self._session.proof(t, self._account, self._kind)
        if proof is None:
            return Check(check="account", code="not_told", why="the broker has not told of the account yet")
        if not proof.agrees:
            why = "the account's kind is not what the settings say"
            return Check(check="account", code="wrong_kind", why=why)
        return Check(check="account")

    def _level(self, t: Transaction, now: datetime) -> Check:
        del now
        halt = self._risk.halt(t)
        if halt.level is HaltLevel.ACTIVE:
            return Check(check="halt")
        if halt.reason.startswith(RESTORED):
            why = "restored from a backup: a person has to compare it with the broker and resume"
            return Check(check="halt", code="restored", why=why)
        return Check(check="halt", code=halt.level.name.lower(), why=f"halted: {halt.level.name}")

    def _unlocked(self, t: Transaction, now: datetime) -> Check:
        del now
        if self._kind is not AccountKind.LIVE:
            return Check(check="unlock")
        standing = self._risk.live(t)
        state = LiveState.NEVER if standing is None else standing.state
        if state is LiveState.UNLOCKED:
            return Check(check="unlock")
        why = f"the account is not open for real money: {state.value}"
        return Check(check="unlock", code=state.name.lower(), why=why)


def _checked(name: str, look: Callable[[], Check]) -> Check:
    """A failure is told by its code alone: its words may hold an address."""
    try:
        return look()
    except GlassdeskError as failure:
        return Check(check=name, code=failure.code, why=f"{name}: {failure.code}")
