"""What a pipeline leaves behind for the dealer: run, signal, intents and order rows with their lineage."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from glassdesk.adapters.database import Stores
from glassdesk.desk import Desk
from glassdesk.kernel.ids import run_id
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.orders.bracket import Decision, Reservation
from glassdesk.workflow.orders.model import IntentState
from glassdesk.workflow.runs.model import Run, RunKind, RunState
from glassdesk.workflow.schedules.model import Slot, SlotState
from glassdesk.workflow.signals.model import Action, SignalRow
from tests.workflow.dealing.makers import a_signal, terms_of

STRATEGY = "morning"
MINUTE = timedelta(minutes=1)


def a_run(desk: Desk, stores: Stores, conid: int, action: Action) -> str:
    """The rows of a run that decided now."""
    slot = desk.clock.now()
    run = run_id(desk.deployment, STRATEGY, slot, conid)
    due = Slot(strategy=STRATEGY, version=1, instant=slot, state=SlotState.RUN, reason="", created_at=slot)
    row = Run(
        run=run,
        kind=RunKind.SCHEDULED,
        strategy=STRATEGY,
        version=1,
        slot=slot,
        conid=conid,
        symbol=f"S{conid}",
        account=desk.account,
        state=RunState.DUE,
        reason="",
        created_at=slot,
    )
    signal = SignalRow(signal=a_signal(run, conid, action), strategy=STRATEGY, conid=conid, slot=slot)
    with desk.transactions.begin() as t:
        stores.slots.add(t, due)
        stores.runs.add(t, row)
        stores.signals.add(t, signal)
    return run


def a_decision(
    desk: Desk, run: str, conid: int, quantity: int, minutes: int, terms: Mapping[str, object]
) -> Decision:
    """A decision on yesterday's bar whose entry window is open from now, for so many minutes."""
    now = desk.clock.now()
    last = desk.contracts.last_closed_session("XNYS", now).session
    return Decision(
        run=run,
        account=desk.account,
        kind=desk.account_kind,
        strategy=STRATEGY,
        strategy_version=1,
        conid=conid,
        quantity=Decimal(quantity),
        terms=terms_of(last_bar=last, **terms),
        window_opens=now,
        window_closes=now + minutes * MINUTE,
        reserved_at=now,
    )


def reserved(
    desk: Desk, run: str, reservation: Reservation, state: IntentState = IntentState.QUEUED
) -> Reservation:
    """Reserved and queued, or waiting for a person, with its lineage."""

    def link(t: Transaction, kind: str, entity: str, content: object, parents: tuple[str, ...] = ()) -> None:
        desk.lineage.record(t, kind=kind, entity=entity, content=content, parents=parents, run=run)

    with desk.transactions.begin() as t:
        for intent in reservation.intents:
            link(t, "intent", intent.intent, {"leg": intent.leg})
        desk.orders.reserve(t, reservation, state=state)
        for order in reservation.orders:
            link(t, "order", order.order, {"role": order.role}, (f"intent:{order.intent}",))
    return reservation
