"""A SELL signal reserves its exit at once (`T-02`): judged by the rules that may deny an exit, never by the
others."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.orders.bracket import exit_order
from glassdesk.workflow.orders.model import IntentKind, IntentState, Order, Role
from glassdesk.workflow.risk.model import Judged
from glassdesk.workflow.runs.parts import Parts
from glassdesk.workflow.runs.proposals import exit_proposal, gates, narrowed
from glassdesk.workflow.runs.reserving import decision, judge_and_reserve
from glassdesk.workflow.runs.steps import Moment, NoTrade, need

OPEN = (IntentState.AWAITING_APPROVAL, IntentState.QUEUED, IntentState.SENT)


def reserve_exit(parts: Parts, moment: Moment) -> None:
    """Reserve the sale of what the strategy holds. Raises `NoTrade` without a position: never a short
    (R19)."""
    with parts.transactions.begin() as t:
        quantity = _held(parts, t, moment)
        if _leaving(parts, t, moment):
            raise NoTrade("EXIT_AT_WORK: the position is being left already")
        if quantity <= 0:
            raise NoTrade("NO_POSITION: a SELL signal and nothing to sell; the desk never goes short")
        judged = _judge(parts, t, moment, quantity)
        denied = [v for v in judged.verdicts if not v.passed and v.denies]
        reservation = None
        if not denied:
            target = _resting_target(parts, t, moment)
            plan = decision(parts, moment, judged)
            closes = parts.contracts.session_end(need(moment.story.preflight).exchange, plan.window_opens)
            plan = replace(plan, window_closes=max(plan.window_closes, closes))
            reservation = exit_order(plan, target_order=target.order if target else None)
        judge_and_reserve(parts, t, moment, judged, reservation, 0.0)


def _leaving(parts: Parts, t: Transaction, moment: Moment) -> bool:
    """An exit of it waits or works: a person's, or one by its own rules."""
    run = moment.run
    mine = (run.account, run.strategy, run.conid)
    found = [i for i, _ in parts.orders.intents(t, states=OPEN) if i.kind is IntentKind.REDUCE]
    return any((i.account, i.strategy, i.conid) == mine and i.run != run.run for i in found)


def _held(parts: Parts, t: Transaction, moment: Moment) -> Decimal:
    held = parts.positions.held(t, moment.run.account)
    mine = [p.quantity for p in held if p.conid == moment.run.conid and p.strategy == moment.run.strategy]
    return sum(mine, Decimal(0))


def _judge(parts: Parts, t: Transaction, moment: Moment, quantity: Decimal) -> Judged:
    run, slot = moment.run, moment.run.slot
    exposure = narrowed(parts.exposure.exposure(t, run.account, run.strategy, now=slot), run.conid)
    proposal, around = exit_proposal(moment, quantity), gates(parts, t, moment)
    limits = parts.risk.in_force(moment.row.strategy.limits)
    assessment = parts.risk.assess(proposal, exposure, around, limits)
    return Judged(
        proposal=replace(proposal, run=""),
        sizing=None,
        exposure=exposure,
        gates=around,
        verdicts=assessment.verdicts,
        limits=limits,
    )


def _resting_target(parts: Parts, t: Transaction, moment: Moment) -> Order | None:
    resting = parts.orders.orders(t, strategy=moment.run.strategy, conid=moment.run.conid)
    live = [order for order in resting if order.role is Role.TARGET and order.state.at_broker]
    return live[0] if live else None
