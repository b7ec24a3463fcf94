"""Sign-in is part of safety (`T-62`): who signs in late loses a slot, and nobody watches what is held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from glassdesk.kernel.clock import format_instant
from glassdesk.kernel.money import tidy
from glassdesk.kernel.unit_of_work import Transaction, Transactions
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.positions.protection import Protection, ProtectionState
from glassdesk.workflow.positions.service import Positions
from glassdesk.workflow.schedules.service import Due, Schedules
from glassdesk.workflow.session.guide import NEW_YORK, eastern
from glassdesk.workflow.session.mending import PATIENCE, outage_key
from glassdesk.workflow.session.model import SessionState, SessionStatus
from glassdesk.workflow.session.service import Session

AT_RISK = (
    SessionState.UNREACHABLE,
    SessionState.SIGNED_OUT,
    SessionState.TWO_FACTOR,
    SessionState.COMPETING,
)
"""States that end by a person's act; the others end by themselves."""
LAST_CALL = timedelta(minutes=30)
"""A slot this near, with nobody signed in, is told again."""
MOST_SLOTS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInNeed:
    """What waits for a person at the gateway: `by` is the next slot of today's New York date."""

    state: SessionState
    by: datetime | None
    slots: int
    positions: tuple[Protection, ...]
    next_day: datetime | None = None
    """When the date begins in New York on which a slot is due next, after today's."""

    @property
    def pressing(self) -> bool:
        """Something is lost, or nobody watches something, until a person signs in."""
        return bool(self.slots or self.positions)

    @property
    def unprotected(self) -> int:
        """Positions whose stop is not known to have been live."""
        covered = (ProtectionState.LIVE, ProtectionState.UNVERIFIED)
        return sum(one.state not in covered for one in self.positions)

    @property
    def said(self) -> str:
        """`sign in by 09:00 ET: 2 slots today, 3 positions, all protected`."""
        head = f"sign in by {eastern(self.by)}" if self.by is not None else "sign in"
        return f"{head}: {_count(self.slots, 'slot')} today, {self._held()}"

    def _held(self) -> str:
        if not self.positions:
            return "no position"
        safe = f"{self.unprotected} NOT protected" if self.unprotected else "all protected"
        return f"{_count(len(self.positions), 'position')}, {safe}"


class SignIn:
    """Tells a person once a day, and again only while a slot is at risk."""

    def __init__(
        self,
        transactions: Transactions,
        session: Session,
        schedules: Schedules,
        positions: Positions,
        notifications: Notifications,
        account: str,
    ) -> None:
        self._transactions = transactions
        self._session = session
        self._schedules = schedules
        self._positions = positions
        self._notifications = notifications
        self._account = account

    def need(self, t: Transaction, now: datetime) -> SignInNeed | None:
        """What waits for a person; `None` while the session is ready, mends itself, or was never seen."""
        status = self._session.status(t)
        return self._need(t, status, now) if status is not None else None

    def _need(self, t: Transaction, status: SessionStatus, now: datetime) -> SignInNeed | None:
        if status.state not in AT_RISK:
            return None
        coming = self._schedules.next(t, now, MOST_SLOTS)
        today = _today(coming, now)
        later = coming[len(today)].instant.astimezone(NEW_YORK) if len(coming) > len(today) else None
        return SignInNeed(
            state=status.state,
            by=min(today, default=None),
            slots=len(today),
            positions=tuple(self.stops(t)),
            next_day=later and later.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC),
        )

    def stops(self, t: Transaction) -> Sequence[Protection]:
        """Every position with its stop: when it was last seen at the broker, and at what price."""
        return self._positions.protections(t, self._account, self._session.epoch(t))

    def waits(self, t: Transaction, status: SessionStatus) -> str:
        """What the dealer's word of an outage says of it: the slots and positions that wait, each with its
        stop; nothing where none does."""
        need = self._need(t, status, status.seen_at)
        return "\n".join(self._lines(need)) if need is not None and need.pressing else ""

    def remind(self, now: datetime) -> datetime | None:
        """Tell what is due to be told; answers when to look again, `None` for no such instant."""
        with self._transactions.read() as t:
            need = self.need(t, now)
            status = self._session.status(t)
        if need is None or status is None:
            return None
        if not need.pressing:
            return need.next_day
        patient_until = (status.down_since or status.seen_at) + PATIENCE
        if need.state is SessionState.UNREACHABLE and now < patient_until:
            # A gateway that is only just starting needs nobody.
            return patient_until
        with self._transactions.begin() as t:
            self._once_a_day(t, need, status, now)
            if need.by is not None and need.by - now <= LAST_CALL:
                self._tell(t, f"sign-in:{format_instant(need.by)}", "A slot is about to be lost", need)
        if need.by is None:
            return need.next_day
        last_call = need.by - LAST_CALL
        return last_call if last_call > now else need.by

    def _once_a_day(self, t: Transaction, need: SignInNeed, status: SessionStatus, now: datetime) -> None:
        day = now.astimezone(NEW_YORK).date()
        known = self._notifications.told(t, outage_key(status))
        if known is not None and known.created_at.astimezone(NEW_YORK).date() == day:
            return  # the dealer's word of the outage said it
        self._tell(t, f"sign-in:{day.isoformat()}", _TITLES.get(status.state, "Sign in"), need)

    def _tell(self, t: Transaction, key: str, title: str, need: SignInNeed) -> None:
        severity = Severity.ALARM if need.positions else Severity.WARNING
        self._notifications.tell(t, key, severity, title, "\n".join(self._lines(need)), "session")

    def _lines(self, need: SignInNeed) -> list[str]:
        return [f"{need.said}. {self._session.login_url}", *map(stop_said, need.positions)]


_TITLES = {
    SessionState.COMPETING: "Another session holds the username",
    SessionState.UNREACHABLE: "The gateway does not answer",
    SessionState.TWO_FACTOR: "Confirm the sign-in on your phone",
}


def sign_in_by(status: SessionStatus | None, next_slot: datetime | None, now: datetime) -> datetime | None:
    """The next slot, where it is today and a person has to sign in before it."""
    if status is None or status.state not in AT_RISK or next_slot is None:
        return None
    return next_slot if next_slot.astimezone(NEW_YORK).date() == now.astimezone(NEW_YORK).date() else None


def stop_said(one: Protection) -> str:
    """`AAPL 41: stop at 220.5, last seen at IBKR Mon 1 Oct 14:31 ET`: what is known, no more."""
    head = f"{one.symbol} {tidy(one.quantity)}"
    if one.state is ProtectionState.NONE:
        return f"{head}: NO stop was ever accepted"
    seen = f"{one.seen_at.astimezone(NEW_YORK):%a %d %b %H:%M} ET" if one.seen_at else "never"
    if one.state is ProtectionState.GONE or one.stop_price is None:
        return f"{head}: the stop is GONE, seen so at IBKR {seen}"
    return f"{head}: stop at {tidy(one.stop_price)}, last seen live at IBKR {seen}"


def _today(due: Sequence[Due], now: datetime) -> list[datetime]:
    day = now.astimezone(NEW_YORK).date()
    return [one.instant for one in due if one.instant.astimezone(NEW_YORK).date() == day]


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
