"""Keep the brokerage session: look, tickle each minute, repair with growing pauses, tell a person once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.session.model import SessionState, SessionStatus

TICKLE = timedelta(seconds=60)
LONGEST_PAUSE = timedelta(seconds=60)
SETTLES = (SessionState.NO_BRIDGE, SessionState.HALF_READY)
"""States that an initialisation, or a little patience, can mend [F-02, F-04]."""


class SessionPart:
    """The dealer owns the session; nobody else repairs it."""

    def __init__(self, parts: Parts, telling: Telling) -> None:
        self._parts = parts
        self._telling = telling

    def keep(self, reign: Reign) -> bool:
        """One look where it is due; true while ready. The epoch grows at each new ready session."""
        now = self._parts.now()
        if reign.ready and reign.looked_at is not None and now - reign.looked_at < TICKLE:
            return True
        if not reign.ready and reign.repair_at is not None and now < reign.repair_at:
            reign.due.at(reign.repair_at)
            return False
        status = self._look(reign, now)
        reign.looked_at = now
        if status.ready:
            reign.repairs, reign.repair_at = 0, None
        else:
            self._wait(reign, now)
        self._write_down(reign, status)
        return status.ready

    def lost(self, reign: Reign) -> None:
        """A read found the session down: look before anything else."""
        reign.ready, reign.repair_at = False, None
        reign.due.at(self._parts.now() + timedelta(seconds=5))

    def _look(self, reign: Reign, now: datetime) -> SessionStatus:
        broker = self._parts.broker.session
        status = broker.keep_alive(seen_at=now) if reign.ready else broker.status(seen_at=now)
        return broker.repair(seen_at=now) if status.state in SETTLES else status

    def _write_down(self, reign: Reign, status: SessionStatus) -> None:
        accounts = self._parts.broker.session.accounts() if status.ready and not reign.ready else ()
        with self._parts.transactions.begin() as t:
            stored = self._parts.sessions.status(t)
            before, epoch = stored if stored is not None else (None, 0)
            # A new reign cannot know whether the session lived on: it counts as new.
            if status.ready and not reign.ready:
                epoch += 1
                self._parts.sessions.put_accounts(t, accounts)
            self._tell(t, before, status)
            self._parts.sessions.put_status(t, _dated(reign, before, status), epoch=epoch)
        if epoch != reign.epoch:
            reign.listed_at, reign.rows = None, ()
        reign.epoch, reign.ready = epoch, status.ready

    def _tell(self, t: Transaction, before: SessionStatus | None, status: SessionStatus) -> None:
        if before is None or before.state is not status.state:
            body = {"before": before.state if before else None, "after": status.state}
            self._parts.audit.append(t, "dealer", "session.state", "session", body)
            if not status.ready and status.state not in SETTLES:
                self._telling.session(t, status, self._parts.broker.session.login_url)

    def _wait(self, reign: Reign, now: datetime) -> None:
        pause = min(LONGEST_PAUSE, timedelta(seconds=5 * 2 ** min(reign.repairs, 6)))
        reign.repairs += 1
        reign.repair_at = now + pause
        reign.due.at(reign.repair_at)


def _dated(reign: Reign, before: SessionStatus | None, status: SessionStatus) -> SessionStatus:
    """What one look cannot know: since when, how often mended, and when the next try is."""
    same = before is not None and before.state is status.state
    since = (before.since if before is not None and same else None) or status.seen_at
    return replace(
        status,
        since=since,
        next_try_at=reign.repair_at,
        repairs=reign.repairs,
        competing_since=since if status.state is SessionState.COMPETING else None,
    )
