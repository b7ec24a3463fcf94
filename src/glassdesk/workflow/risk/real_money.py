"""The gate before real money (`T-61`): who unlocked a live account, until when, and how far it has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from glassdesk.kernel.clock import Clock, format_instant
from glassdesk.kernel.errors import Conflict, Denied, InvalidInput
from glassdesk.kernel.ids import AccountKind
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.risk.model import LiveStanding, LiveState
from glassdesk.workflow.risk.ports import EntryCount, LiveStore
from glassdesk.workflow.risk.rules_live import FIRST, LIFETIME
from glassdesk.workflow.risk.unlocks import LiveAct, LiveMove, Shown

SOON = timedelta(days=3)
"""The end of an unlock is told so long before."""


class RealMoney:
    """Unlocks and locks of the desk's own account. Another kind than live has no gate."""

    def __init__(
        self,
        store: LiveStore,
        entries: EntryCount,
        audit: Audit,
        clock: Clock,
        notifications: Notifications,
        *,
        account: str,
        kind: AccountKind,
    ) -> None:
        self._store = store
        self._entries = entries
        self._audit = audit
        self._clock = clock
        self._notifications = notifications
        self._account = account
        self._kind = kind

    def standing(self, t: Transaction) -> LiveStanding | None:
        """Where the live account stands now; `None` on a paper or simulated one."""
        if self._kind is not AccountKind.LIVE:
            return None
        moves = self._store.moves(t, self._account)
        unlock = next((one for one in reversed(moves) if one.act is LiveAct.UNLOCK), None)
        if unlock is None or unlock.until is None:
            return LiveStanding(state=LiveState.NEVER)
        accepted = self._entries.entries_accepted(t, self._account, unlock.at)
        state = LiveState.UNLOCKED if self._clock.now() < unlock.until else LiveState.EXPIRED
        if moves[-1].act is LiveAct.LOCK:
            state = LiveState.LOCKED
        return LiveStanding(state=state, until=unlock.until, accepted=accepted)

    def history(self, t: Transaction) -> Sequence[LiveMove]:
        """Every unlock and lock of the account, newest first."""
        return list(reversed(self._store.moves(t, self._account)))

    def evidence(self, t: Transaction) -> Shown | None:
        """What the last unlock was granted on, over or not; `None` before the first."""
        return next((one.shown for one in self.history(t) if one.act is LiveAct.UNLOCK), None)

    def unlock(self, t: Transaction, shown: Shown, actor: str, *, typed: str) -> LiveMove:
        """Open the account for `LIFETIME`; whoever calls has looked at every condition. Raises `Denied` on
        another kind of account, `InvalidInput` where the id that a person typed is not the account's."""
        self._require_live()
        if typed != self._account:
            raise InvalidInput(
                "that is not the account of this desk",
                where="account",
                remedy="type its id, letter by letter",
            )
        until = self._clock.now() + LIFETIME
        move = self._next(t, LiveAct.UNLOCK, actor, "the conditions were met", until, shown)
        body = (
            f"Opening orders may go out until {format_instant(until)}; the first {FIRST} wait for your yes."
        )
        self._append(t, move, Severity.WARNING, f"{self._account} is unlocked for real money", body)
        return move

    def lock(self, t: Transaction, reason: str, actor: str) -> LiveMove:
        """No opening order from now on; exits and protection go on. Raises `Denied` on another kind of
        account, `InvalidInput` without a reason, `Conflict` where nothing is unlocked."""
        self._require_live()
        if not reason.strip():
            raise InvalidInput("no reason given", where="reason", remedy="say why in a few words")
        found = self.standing(t)
        if found is None or found.state is not LiveState.UNLOCKED:
            state = found.state.value if found is not None else ""
            raise Conflict(f"the account is {state}", where="live", remedy="nothing is to be locked")
        move = self._next(t, LiveAct.LOCK, actor, reason.strip())
        body = f"{move.reason} (by {actor}). Opening orders are refused; exits and protection go on."
        self._append(t, move, Severity.WARNING, f"{self._account} is locked", body)
        return move

    def remind(self, t: Transaction) -> datetime | None:
        """Tell that the unlock ends soon, and that it ended, each once. Answers when to look again."""
        found = self.standing(t)
        if found is None or found.until is None or found.state in (LiveState.LOCKED, LiveState.NEVER):
            return None
        key, told = format_instant(found.until), self._notifications.tell
        remedy = "`glassdesk live unlock` opens it again; exits and protection go on either way."
        if found.state is LiveState.EXPIRED:
            title = f"The unlock of {self._account} is over: no opening order goes out"
            told(t, f"live:over:{key}", Severity.ALARM, title, remedy, "risk")
            return None
        soon = found.until - SOON
        if self._clock.now() < soon:
            return soon
        title = f"The unlock of {self._account} ends {key}"
        told(t, f"live:soon:{key}", Severity.WARNING, title, remedy, "risk")
        return found.until

    def _require_live(self) -> None:
        if self._kind is not AccountKind.LIVE:
            problem = f"{self._account} is a {self._kind.value} account"
            raise Denied(
                problem, where="account", remedy="a live account has a home of its own: docs/live.md"
            )

    def _next(
        self,
        t: Transaction,
        act: LiveAct,
        actor: str,
        reason: str,
        until: datetime | None = None,
        shown: Shown | None = None,
    ) -> LiveMove:
        number = len(self._store.moves(t, self._account)) + 1
        return LiveMove(
            account=self._account,
            move=number,
            act=act,
            at=self._clock.now(),
            actor=actor,
            reason=reason,
            until=until,
            shown=shown,
        )

    def _append(self, t: Transaction, move: LiveMove, severity: Severity, title: str, body: str) -> None:
        before = self.standing(t)
        self._store.add_move(t, move)
        after = self.standing(t)
        self._audit.append(
            t,
            move.actor,
            f"live.{move.act.value}",
            f"account:{move.account}",
            move,
            before=before,
            after=after,
        )
        key = f"live:{move.act.value}:{format_instant(move.at)}"
        self._notifications.tell(t, key, severity, title, body, "risk")
