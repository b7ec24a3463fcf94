"""Reserve: verdicts, intents, order rows, links, run state, audit in one transaction."""

from __future__ import annotations

from dataclasses import fields

from glassdesk.kernel.canonical import plain
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.orders.bracket import Decision, Reservation
from glassdesk.workflow.orders.model import Intent, IntentState, Order
from glassdesk.workflow.risk.model import Assessment, Judged, Purpose
from glassdesk.workflow.risk.rules_live import asks_person
from glassdesk.workflow.runs.commit import commit_step
from glassdesk.workflow.runs.model import Run, RunState
from glassdesk.workflow.runs.outputs import Reserved
from glassdesk.workflow.runs.parts import Parts
from glassdesk.workflow.runs.proposals import terms
from glassdesk.workflow.runs.steps import Made, Moment, need

_NOT_OURS_TO_HASH = {"intent", "run", "parent", "reserved_at", "target_order", "coid", "parent_coid"}
"""Identities of this deployment and instants of the clock: no part of what was decided."""


def decision(parts: Parts, moment: Moment, judged: Judged) -> Decision:
    """Who decides, for what, and when it may be sent."""
    flight, signal, strategy = need(moment.story.preflight), need(moment.story.signal), moment.row.strategy
    return Decision(
        run=moment.run.run,
        account=moment.run.account,
        kind=parts.account_kind,
        strategy=strategy.name,
        strategy_version=strategy.version,
        conid=moment.run.conid,
        quantity=judged.proposal.quantity,
        terms=terms(moment.row, flight, signal),
        window_opens=flight.window_opens,
        window_closes=flight.window_closes,
        reserved_at=parts.clock.now(),
    )


def judge_and_reserve(
    parts: Parts,
    t: Transaction,
    moment: Moment,
    judged: Judged,
    reservation: Reservation | None,
    seconds: float,
) -> None:
    """Commit the verdicts; with a reservation also everything that makes it an order. Raises `LeaseLost`,
    `Conflict`."""
    made = Made(output=judged, parents=(f"signal:{moment.run.run}", moment.strategy_node))
    run = commit_step(parts, t, moment.run, "verdicts", made, seconds)
    assessment = Assessment(verdicts=judged.verdicts)
    parts.risk.keep(t, run.run, "reserve", assessment)
    if reservation is None:
        _end(parts, t, run, RunState.NO_TRADE, denial(judged))
        return
    asks = judged.proposal.purpose is Purpose.OPENING and asks_person(judged.gates)
    _reserve(parts, t, moment, run, reservation, waits=asks or moment.needs_approval)


def denial(judged: Judged) -> str:
    """The first thing that stopped it, its number and its limit (`T-73`)."""
    if judged.sizing is not None and not judged.sizing.quantity:
        needed = judged.sizing.smallest_capital
        hint = f"; {needed} of desk capital would trade" if needed is not None else ""
        return f"TOO_SMALL: {judged.sizing.binding} allows no whole share{hint}"
    first = Assessment(verdicts=judged.verdicts).denials[0]
    return f"{first.rule}: {first.observed}, the limit is {first.limit}"


def _reserve(
    parts: Parts, t: Transaction, moment: Moment, run: Run, reservation: Reservation, *, waits: bool
) -> None:
    _link(parts, t, run, reservation)
    waits = waits and bool(reservation.orders)
    parts.orders.reserve(t, reservation, state=IntentState.AWAITING_APPROVAL if waits else IntentState.QUEUED)
    ids = tuple(intent.intent for intent in reservation.intents)
    made = Made(
        output=Reserved(legs=tuple(i.leg for i in reservation.intents)), parents=(f"verdicts:{run.run}",)
    )
    run = commit_step(parts, t, run, "reserve", made, 0.0)
    queued = moment.story.preflight is not None and moment.story.preflight.window_opens > parts.clock.now()
    state = RunState.AWAITING_APPROVAL if waits else RunState.QUEUED if queued else RunState.RESERVED
    _end(parts, t, run, state, f"reserved {len(ids)} leg(s)")


def _link(parts: Parts, t: Transaction, run: Run, reservation: Reservation) -> None:
    for intent in reservation.intents:
        above = [f"verdicts:{run.run}"] + ([f"intent:{intent.parent}"] if intent.parent else [])
        record_intent(parts, t, intent, above)
    for order in reservation.orders:
        above = [f"intent:{order.intent}"] + ([f"order:{order.parent}"] if order.parent else [])
        record_order(parts, t, order, above)


def record_intent(parts: Parts, t: Transaction, intent: Intent, parents: list[str]) -> None:
    """The node of an intent: what was wanted, without identities of this deployment."""
    parts.lineage.record(
        t, kind="intent", entity=intent.intent, content=_content(intent), parents=parents, run=intent.run
    )


def record_order(parts: Parts, t: Transaction, order: Order, parents: list[str]) -> None:
    """The node of an order: its ticket."""
    parts.lineage.record(
        t, kind="order", entity=order.order, content=_content(order.ticket), parents=parents, run=order.run
    )


def _content(value: Intent | object) -> dict[str, object]:
    return {
        field.name: plain(getattr(value, field.name))
        for field in fields(value)  # type: ignore[arg-type]
        if field.name not in _NOT_OURS_TO_HASH
    }


def _end(parts: Parts, t: Transaction, run: Run, state: RunState, reason: str) -> None:
    parts.runs.set_state(t, run, state, reason, at=parts.clock.now())
    parts.audit.append(t, "desk", f"run.{state}", f"run:{run.run}", {"reason": reason})
