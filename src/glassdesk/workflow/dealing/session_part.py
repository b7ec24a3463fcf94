"""Keep the brokerage session: look, tickle each minute, mend with growing pauses, tell a person once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from glassdesk.kernel.errors import LeaseLost, SessionNotReady
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.session import mending
from glassdesk.workflow.session.clocks import login_ends, quiet_at
from glassdesk.workflow.session.model import Account, SessionState, SessionStatus

TICKLE = timedelta(seconds=60)


class SessionPart:
    """The dealer owns the session; nobody else repairs it."""

    def __init__(self, parts: Parts, telling: Telling) -> None:
        self._parts = parts
        self._telling = telling

    def keep(self, reign: Reign) -> bool:
        """One look where it is due; true while ready. The epoch grows at each new ready session."""
        now, hinted = self._parts.now(), self._hinted()
        if hinted and reign.ready:
            # The end of a session is told, its return never is: what is ready next is another one [F-78].
            reign.ready, reign.repair_at = False, None
        if reign.ready and reign.looked_at is not None and now - reign.looked_at < TICKLE:
            return True
        if not reign.ready and reign.repair_at is not None and now < reign.repair_at:
            reign.due.at(reign.repair_at)
            return False
        before, _ = self._stored()
        return self._settle(reign, before, self._mended(before, self._look(reign, now)))

    def lost(self, reign: Reign) -> None:
        """A read found the session down: look before anything else [F-07]."""
        reign.ready, reign.repair_at = False, None
        reign.due.at(self._parts.now() + timedelta(seconds=5))

    def at_rest(self) -> None:
        """Another dealer reigns: one stream for each username."""
        self._listen(ready=False)

    def frozen(self, reign: Reign) -> bool:
        """True around the broker's reset and in its maintenance: no new order is sent [F-09]."""
        quiet = quiet_at(self._parts.now(), self._parts.settings.region)
        if quiet is not None:
            reign.due.at(quiet.until)
        return quiet is not None

    def wished(self, reign: Reign, *, take_over: bool) -> SessionStatus:
        """A person asks: look, and initialise once where that can help, whatever the spacing says."""
        now = self._parts.now()
        before, _ = self._stored()
        seen = self._parts.broker.session.status(seen_at=now)
        helps = seen.state in (SessionState.NO_BRIDGE, SessionState.HALF_READY)
        if take_over or helps:
            seen = self._initialised(before, now, compete=take_over)
        else:
            seen = self._kept(before, seen)
        reign.ready = False
        self._settle(reign, before, seen)
        return seen

    def signed_out(self, reign: Reign) -> None:
        """A person ends the session at the broker."""
        self._parts.broker.session.logout()
        reign.ready, reign.repair_at = False, None

    def _hinted(self) -> bool:
        hints = self._parts.broker.hints
        return hints is not None and hints.session_changed()

    def _listen(self, ready: bool) -> None:
        if self._parts.broker.hints is not None:
            self._parts.broker.hints.attend(ready)

    def _look(self, reign: Reign, now: datetime) -> SessionStatus:
        broker = self._parts.broker.session
        return broker.keep_alive(seen_at=now) if reign.ready else broker.status(seen_at=now)

    def _mended(self, before: SessionStatus | None, seen: SessionStatus) -> SessionStatus:
        """What the look showed, or what one initialisation made of it; its counts go with it."""
        if mending.may_initialise(before, seen):
            return self._initialised(before, seen.seen_at, compete=False)
        if self._parts.settings.take_over and mending.may_take_over(before, seen):
            taken = self._initialised(before, seen.seen_at, compete=True)
            return replace(taken, took_over_at=seen.seen_at)
        return self._kept(before, seen)

    def _initialised(self, before: SessionStatus | None, now: datetime, *, compete: bool) -> SessionStatus:
        seen = self._parts.broker.session.repair(seen_at=now, compete=compete)
        repairs = mending.repairs_left(before, now) + 1
        taken = before.took_over_at if before is not None else None
        return replace(seen, repairs=repairs, repaired_at=now, took_over_at=taken)

    @staticmethod
    def _kept(before: SessionStatus | None, seen: SessionStatus) -> SessionStatus:
        if before is None:
            return seen
        repairs = mending.repairs_left(before, seen.seen_at)
        return replace(
            seen, repairs=repairs, repaired_at=before.repaired_at, took_over_at=before.took_over_at
        )

    def _settle(self, reign: Reign, before: SessionStatus | None, seen: SessionStatus) -> bool:
        """Write down what is known now and say when to look again."""
        status, accounts = self._begun(reign, self._dated(before, seen))
        reign.looked_at = status.seen_at
        self._write_down(reign, status, accounts)
        reign.repair_at = status.next_try_at
        if status.next_try_at is not None:
            reign.due.at(status.next_try_at)
        return status.ready

    def _begun(self, reign: Reign, status: SessionStatus) -> tuple[SessionStatus, tuple[Account, ...]]:
        """A session that is ready anew is asked for its accounts first, which primes it. Where it has none
        yet it is not ready [F-04]."""
        if not status.ready or reign.ready:
            return status, ()
        try:
            return status, tuple(self._parts.broker.session.accounts())
        except SessionNotReady as failure:
            early = replace(status, state=SessionState.HALF_READY, message=str(failure))
            return replace(early, next_try_at=mending.look_again_at(early), login_ends_at=None), ()

    def _dated(self, before: SessionStatus | None, seen: SessionStatus) -> SessionStatus:
        """With what one look cannot know: the broker's clocks, since when, and when to look again."""
        now, settings = seen.seen_at, self._parts.settings
        quiet = quiet_at(now, settings.region)
        if quiet is not None and seen.state in mending.MENDS_ITSELF:
            seen = replace(seen, state=SessionState.RESETTING, message=seen.message or quiet.why)
        same = before is not None and before.state is seen.state
        since = (before.since if before is not None and same else None) or now
        down = (before.down_since if before is not None else None) or now
        ends = login_ends(now, settings.region) if settings.forced_login and seen.ready else None
        dated = replace(
            seen,
            since=since,
            down_since=None if seen.ready else down,
            quiet_until=quiet.until if quiet is not None else None,
            login_ends_at=ends,
            competing_since=since if seen.state is SessionState.COMPETING else None,
        )
        return dated if seen.ready else replace(dated, next_try_at=mending.look_again_at(dated))

    def _stored(self) -> tuple[SessionStatus | None, int]:
        with self._parts.transactions.read() as t:
            return self._parts.sessions.status(t) or (None, 0)

    def _write_down(self, reign: Reign, status: SessionStatus, accounts: tuple[Account, ...]) -> None:
        with self._parts.transactions.begin() as t:
            # Whoever looked for longer than its lease would else end the epoch its successor sends in.
            if not self._parts.leases.holds(t, reign.lease):
                raise LeaseLost(f"the lease {reign.lease.name} has another holder", remedy="stop at once")
            before, epoch = self._parts.sessions.status(t) or (None, 0)
            # A new reign cannot know whether the session lived on: it counts as new.
            if status.ready and not reign.ready:
                epoch += 1
                self._parts.sessions.put_accounts(t, accounts)
            self._tell(t, before, status)
            self._parts.sessions.put_status(t, status, epoch=epoch)
        if epoch != reign.epoch:
            reign.listed_at, reign.rows = None, ()
        reign.epoch, reign.ready = epoch, status.ready
        self._listen(status.ready)

    def _tell(self, t: Transaction, before: SessionStatus | None, status: SessionStatus) -> None:
        if before is None or before.state is not status.state:
            body = {"before": before.state if before else None, "after": status.state}
            self._parts.audit.append(t, "dealer", "session.state", "session", body)
        if mending.is_to_be_told(status):
            waits = self._parts.waits_for_sign_in(t, status) if self._parts.waits_for_sign_in else ""
            self._telling.session(t, status, self._parts.broker.session.login_url, waits)
