"""From what is stored about a slot or a run to the first thing that stopped it (`T-73`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from glassdesk.desk import Desk
from glassdesk.kernel.ids import short
from glassdesk.kernel.money import tidy
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.orders.model import Intent, IntentState, Order, OrderState, Role
from glassdesk.workflow.risk.model import Verdict
from glassdesk.workflow.runs.model import Run, RunState
from glassdesk.workflow.schedules.model import Slot, SlotState
from glassdesk.workflow.signals.conditions.sentences import condition_text
from glassdesk.workflow.signals.model import SignalRow
from glassdesk.workflow.signals.rules.analyst import ENGINE
from glassdesk.workflow.signals.rules.catalogue import rule_of

NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """What stopped it; `nothing` for what went all the way."""

    what: str
    number: str = ""
    limit: str = ""
    passes: str = ""


_SLOTS = {
    SlotState.HOLIDAY: "a day on which the exchange opens",
    SlotState.MISSED: "a worker that runs when the slot is due",
    SlotState.MACHINE_ASLEEP: "a machine that is awake when the slot is due",
    SlotState.BLOCKED: "a session that is ready when the slot is due",
    SlotState.PAUSED: "`glassdesk schedules resume NAME`",
    SlotState.SKIPPED_OVERLAP: "the slot before being done",
}

_CODES = {
    "HALTED": "`glassdesk resume --reason …` before the slot",
    "DATA": "bars without that problem",
    "NO_BARS": "a listing at that date, or data of it at the broker",
    "TOO_FEW_BARS": "a longer history, or shorter indicators",
    "CLOSING": "`glassdesk strategies enable NAME`",
    "EXIT_AT_WORK": "the exit that is under way: it sells these shares",
    "NO_POSITION": "shares of this strategy: a SELL never opens a short",
    "NOT_SELECTED": "a better rank in its slot, or fewer entries before it",
    "LATE": "a worker that takes the run inside its start deadline",
    "BLOCKED_SESSION": "a sign-in inside the slot's deadline",
    "QUARANTINED": "a look into the worker's log",
}

_INTENTS = {
    IntentState.EXPIRED: "a price inside its limit while its window was open",
    IntentState.CANCELLED: "no cancel",
}

_ORDERS = {
    OrderState.REJECTED: "an order the broker accepts",
    OrderState.EXPIRED: "a price at or below its limit before the close",
    OrderState.CANCELLED: "a fill before it was cancelled",
    OrderState.ABANDONED: "an outcome that could be proved",
    OrderState.UNKNOWN: "an answer of the broker: it is being looked up",
    OrderState.NEEDS_OPERATOR: "a person's decision",
}


def of_slot(slot: Slot | None, day: date | None) -> Stop:
    """A slot that did not run, or none at all."""
    if slot is None:
        when = f"on {day}" if day else "yet"
        return Stop(
            what=f"nothing was due {when}",
            passes="an enabled strategy and a slot: `glassdesk schedules next`",
        )
    return Stop(what=f"slot {slot.state.value}", number=slot.reason, passes=_SLOTS.get(slot.state, ""))


def of_run(desk: Desk, t: Transaction, run: Run) -> Stop:
    """The first thing that stopped a run, wherever it stands."""
    if not run.state.final:
        return Stop(what=f"it is {run.state.value}", number=run.reason, passes="time: it is not done yet")
    if run.state in (RunState.NO_TRADE, RunState.FAILED, RunState.QUARANTINED):
        return _ended(desk, t, run)
    mains = [
        (intent, state) for intent, state in desk.orders.intents(t, run=run.run) if intent.parent is None
    ]
    orders = [order for order in desk.orders.orders(t, run=run.run) if order.role in (Role.ENTRY, Role.EXIT)]
    if not mains:
        return Stop(what=run.state.value, number=run.reason)
    return _of_intent(desk, t, run, *mains[0]) or _of_order(orders) or Stop(what=NOTHING, number=run.reason)


def _ended(desk: Desk, t: Transaction, run: Run) -> Stop:
    code, _, rest = run.reason.partition(": ")
    if not rest:
        return Stop(what=run.state.value, number=run.reason)
    denied = _denial(desk, t, run, "reserve")
    if denied is not None and denied.rule == code:
        return _of_verdict(denied)
    if code == "NO_SIGNAL":
        return _no_signal(desk, t, run, rest)
    if code == "CONDITIONS":
        return _not_asked(desk, t, run, rest)
    if code == "TOO_SMALL":
        problem, _, remedy = rest.partition("; ")
        return Stop(what=code, number=problem, limit="one whole share", passes=remedy)
    return Stop(what=code, number=rest, passes=_CODES.get(code, ""))


def _not_asked(desk: Desk, t: Transaction, run: Run, reason: str) -> Stop:
    """Its conditions were not true: what they say, and what would have let the analyst be asked."""
    screening = desk.runs.story(t, run.run).conditions
    conditions = desk.strategies.get(t, run.strategy, run.version).strategy.conditions
    held = screening is not None and screening.holding
    side = conditions and (conditions.sell if held else conditions.buy)
    stated = condition_text(side) if side else ""
    return Stop(what="CONDITIONS", number=reason, limit=stated, passes="that being true at a closed bar")


def _denial(desk: Desk, t: Transaction, run: Run, moment: str) -> Verdict | None:
    found = desk.risk.denials(t, run.run, moment)
    return found[0] if found else None


def _of_verdict(verdict: Verdict) -> Stop:
    return Stop(
        what=verdict.rule,
        number=verdict.observed,
        limit=verdict.limit,
        passes=f"{verdict.limit} ({verdict.explanation[:1].lower()}{verdict.explanation[1:]})",
    )


def _no_signal(desk: Desk, t: Transaction, run: Run, reason: str) -> Stop:
    row = desk.signals.of_run(t, run.run)
    failed = [check for check in row.signal.checks if not check.passed] if row is not None else []
    if failed:
        return Stop(what=f"NO_SIGNAL {failed[0].rule}", number=reason, passes=failed[0].detail)
    action = row.signal.action.value if row is not None else "no answer"
    return Stop(what=f"NO_SIGNAL {action}", number=reason, passes=_meaning(desk, t, run, row))


def _meaning(desk: Desk, t: Transaction, run: Run, row: SignalRow | None) -> str:
    """What the rule waits for; of a model nobody can say it."""
    asked = desk.runs.story(t, run.run).question
    if asked is not None and asked.facts.holding:
        return "it is held: no second entry is made, and its exit is not due"
    if row is None or row.signal.engine != ENGINE:
        return "another answer to the same question"
    return rule_of(desk.strategies.get(t, run.strategy, run.version).strategy.policy).meaning


def _of_intent(desk: Desk, t: Transaction, run: Run, intent: Intent, state: IntentState) -> Stop | None:
    if state is IntentState.AWAITING_APPROVAL:
        until = f"{intent.window_closes:%Y-%m-%d %H:%M}Z"
        return Stop(
            what="approval",
            number="none",
            limit=until,
            passes=f"`glassdesk approvals approve {short(intent.intent)}`",
        )
    if state is IntentState.QUEUED:
        waits = _denial(desk, t, run, "send")
        if waits is not None:
            return _of_verdict(waits)
        return Stop(
            what="its window",
            number="not open",
            limit=f"{intent.window_opens:%Y-%m-%d %H:%M}Z",
            passes="time",
        )
    if state is IntentState.DENIED:
        denied = _denial(desk, t, run, "send")
        return _of_verdict(denied) if denied is not None else Stop(what="denied at send")
    if state in _INTENTS:
        note = next((order.note for order in desk.orders.orders(t, run=run.run) if order.note), "")
        return Stop(what=state.value, number=note, passes=_INTENTS[state])
    return None


def _of_order(orders: list[Order]) -> Stop | None:
    if not orders:
        return None
    order = orders[0]
    done = f"{order.ticket.side} {tidy(order.filled)} at {order.average_price}"
    if order.filled:
        return Stop(what=NOTHING, number=done)
    if order.state.at_broker:
        return Stop(what=NOTHING, number=f"{order.state.value} at {order.ticket.price}")
    return Stop(what=order.state.value, number=order.note, passes=_ORDERS.get(order.state, ""))
