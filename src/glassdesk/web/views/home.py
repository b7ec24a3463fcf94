"""The five questions a person opens the desk with: safe? how am I doing? what next? why? what is wrong?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from glassdesk.desk import Desk
from glassdesk.kernel.canonical import decode_text
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.web.views.positions import PositionView, positions_of
from glassdesk.workflow.charts.model import Chart
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.orders.model import IntentState, Order, OrderState
from glassdesk.workflow.portfolio.model import Books, Snapshot
from glassdesk.workflow.risk.model import HaltLevel
from glassdesk.workflow.runs.model import Run, RunState
from glassdesk.workflow.runs.outputs import Charts
from glassdesk.workflow.schedules.model import SlotState
from glassdesk.workflow.schedules.service import Due
from glassdesk.workflow.signals.model import Signal

CARDS = 9
ACTED_CARDS = 3
_ACTED = (RunState.RESERVED, RunState.QUEUED, RunState.AWAITING_APPROVAL)
RECENT = timedelta(days=3)
_LOST = (SlotState.MISSED, SlotState.MACHINE_ASLEEP, SlotState.BLOCKED)
_TO_SETTLE = (OrderState.UNKNOWN, OrderState.NEEDS_OPERATOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """One thing that is wrong, in one sentence, with one place to go."""

    tone: str
    text: str
    href: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One run as a card."""

    run: Run
    signal: Signal | None
    chart: Chart | None
    order: Order | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The first page."""

    wrong: tuple[Wrong, ...]
    positions: tuple[PositionView, ...]
    books: Books
    snapshots: Sequence[Snapshot]
    coming: Sequence[Due]
    decisions: tuple[Decision, ...]


def home_of(desk: Desk, t: Transaction, now: datetime) -> Home:
    """Gather the page as of `now`."""
    positions = tuple(positions_of(desk, t))
    return Home(
        wrong=(
            *_session(desk, t),
            *_settle(desk, t),
            *_unsafe(positions),
            *_told(desk, t),
            *_lost(desk, t, now),
        ),
        positions=positions,
        books=desk.portfolio.books(t, desk.account, now),
        snapshots=desk.portfolio.snapshots(t, desk.account),
        coming=desk.schedules.next(t, now, 5),
        decisions=tuple(_decision(desk, t, run) for run in _shown(desk, t)),
    )


def _session(desk: Desk, t: Transaction) -> Iterator[Wrong]:
    status, halt = desk.session.status(t), desk.risk.halt(t)
    if status is not None and not status.ready:
        text = (
            f"The brokerage session is not ready ({status.state.value.replace('_', ' ')}): no run can start."
        )
        yield Wrong(tone="bad", text=text, href="/session", label="Sign in")
    if halt.level > HaltLevel.ACTIVE:
        text = f"Trading is at {halt.level.name} since {halt.actor} set it: {halt.reason}."
        yield Wrong(tone="warn", text=text, href="/risk", label="Resume or see why")
    waiting = [
        i for i, _ in desk.orders.intents(t, states=[IntentState.AWAITING_APPROVAL]) if i.leg == "main"
    ]
    if waiting:
        yield Wrong(tone="warn", text=_waiting_said(len(waiting)), href="/approvals", label="Decide")


def _waiting_said(count: int) -> str:
    return "One order waits for your approval." if count == 1 else f"{count} orders wait for your approval."


def _settle(desk: Desk, t: Transaction) -> Iterator[Wrong]:
    for order in desk.orders.orders(t, states=_TO_SETTLE):
        text = f"Nobody knows what became of an order: {order.ticket.side.value} {order.ticket.quantity}."
        yield Wrong(tone="bad", text=text, href=f"/orders/{order.order}/resolve", label="Settle it")
    for found in desk.positions.breaks(t):
        broker, ours = found.broker_quantity, found.derived_quantity
        text = f"{found.symbol}: the broker has {broker}, the desk counts {ours}."
        yield Wrong(tone="bad", text=text, href="/positions", label="Compare")


def _unsafe(positions: Sequence[PositionView]) -> Iterator[Wrong]:
    for view in positions:
        if not view.safe:
            state = view.protection.state.value if view.protection else "none"
            text = f"{view.position.symbol} is held and its stop is {state}."
            yield Wrong(
                tone="bad" if state in ("gone", "none") else "warn",
                text=text,
                href="/positions",
                label="Look",
            )


def _told(desk: Desk, t: Transaction) -> Iterator[Wrong]:
    open_alarms = desk.notifications.recent(t, severity=Severity.ALARM, seen=False)
    if open_alarms:
        text = f"{open_alarms[0].title}." + (
            f" And {len(open_alarms) - 1} more." if len(open_alarms) > 1 else ""
        )
        yield Wrong(tone="bad", text=text, href="/notifications", label="Read")


def _lost(desk: Desk, t: Transaction, now: datetime) -> Iterator[Wrong]:
    slots = [s for s in desk.schedules.slots(t, limit=50) if s.state in _LOST and s.instant > now - RECENT]
    if slots:
        yield Wrong(
            tone="warn",
            text=f"{len(slots)} slots were lost in three days, the last: {slots[0].reason}.",
            href="/schedules",
            label="See which",
        )
    failed = desk.runs.runs(t, states=[RunState.FAILED, RunState.QUARANTINED], limit=20)
    fresh = [run for run in failed if run.slot > now - RECENT]
    if fresh:
        text = f"{len(fresh)} runs failed in three days, the last on {fresh[0].symbol}: {fresh[0].reason}."
        yield Wrong(tone="warn", text=text, href=f"/runs/{fresh[0].run}", label="See why")


def _shown(desk: Desk, t: Transaction) -> list[Run]:
    """The newest three that made an order, then the newest of all."""
    recent = desk.runs.runs(t, limit=CARDS * 5)
    acted = [run for run in recent if run.state in _ACTED][:ACTED_CARDS]
    return (acted + [run for run in recent if run not in acted])[:CARDS]


def _decision(desk: Desk, t: Transaction, run: Run) -> Decision:
    rows = {row.name: row for row in desk.runs.steps(t, run.run)}
    orders = desk.orders.orders(t, run=run.run)
    return Decision(
        run=run,
        signal=decode_text(Signal, rows["signal"].output) if "signal" in rows else None,
        chart=decode_text(Charts, rows["charts"].output).decision if "charts" in rows else None,
        order=next((order for order in orders if order.parent is None), None),
    )
