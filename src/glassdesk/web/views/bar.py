"""The bar on every page: what this is, whether it is alive and safe, and what happens next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from glassdesk.kernel.ids import AccountKind
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.web.parts import Parts
from glassdesk.workflow.orders.model import OrderState
from glassdesk.workflow.risk.model import Halt, LiveStanding
from glassdesk.workflow.schedules.service import Due
from glassdesk.workflow.schedules.sign_in import sign_in_by
from glassdesk.workflow.session.guide import eastern
from glassdesk.workflow.session.model import SessionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One look, at one instant of market time."""

    kind: AccountKind
    account: str
    session: SessionStatus | None
    halt: Halt
    live: LiveStanding | None
    """Of a live account: whether it may be opened on, and until when."""
    waiting: int
    """Orders that wait for a person: for a yes, or to be settled."""
    next_slot: Due | None
    now: datetime
    simulated: bool
    login_ends_at: datetime | None
    """The next forced sign-in, while somebody is signed in."""
    alarms: int
    """Alarms that nobody has acknowledged."""
    sign_in_by: str
    """The slot that is lost if nobody signs in before it, `09:00 ET`; empty where none is."""


def bar_of(here: Parts, t: Transaction) -> Bar:
    """What the bar says now."""
    desk, now = here.desk, here.now()
    coming = desk.schedules.next(t, now, 1)
    status = desk.session.status(t)
    ready = status is not None and status.ready
    by = sign_in_by(status, coming[0].instant if coming else None, now)
    return Bar(
        kind=desk.account_kind,
        account=desk.account,
        session=status,
        halt=desk.risk.halt(t),
        live=desk.risk.live(t),
        alarms=desk.notifications.alarms(t),
        waiting=len(desk.approvals.waiting(t))
        + len(desk.orders.orders(t, states=[OrderState.NEEDS_OPERATOR])),
        next_slot=coming[0] if coming else None,
        now=now,
        simulated=here.settings.simulation is not None,
        login_ends_at=desk.session.next_sign_in(t, now) if ready else None,
        sign_in_by=eastern(by) if by is not None else "",
    )


def bar_texts(here: Parts) -> Mapping[str, str]:
    """The parts of the bar that go with time, by the name of their place; one look for all open pages."""
    words = here.templates.filters
    with here.desk.transactions.read() as t:
        bar = bar_of(here, t)
    texts = {"clock": words["instant"](bar.now)}
    if bar.next_slot is not None:
        texts["next"] = words["ahead"](bar.next_slot.instant - bar.now)
    if bar.login_ends_at is not None:
        texts["login"] = f"login ends {words['ahead'](bar.login_ends_at - bar.now)}"
    return {name: str(text) for name, text in texts.items()}
