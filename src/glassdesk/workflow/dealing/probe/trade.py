"""The experiment that trades: three shares bought, watched while some are missing, and sold by the
clean-up."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from glassdesk.workflow.dealing.findings import Finding
from glassdesk.workflow.dealing.probe.answers import shown, unanswered
from glassdesk.workflow.dealing.probe.brackets import children_in
from glassdesk.workflow.dealing.probe.catalogue import TRADE
from glassdesk.workflow.dealing.probe.lab import Lab, Steps, living, said
from glassdesk.workflow.dealing.probe.making import Made
from glassdesk.workflow.order_tracking.model import OrderRow
from glassdesk.workflow.orders.model import Order, OutcomeKind
from glassdesk.workflow.orders.switches import UNKNOWN

THREE = Decimal(3)
"""So that a part is there for a while."""
WATCHED = 8
"""Readings of the list while the entry fills."""


def trade(lab: Lab) -> Steps[list[Finding]]:
    """Three shares in a bracket at the market."""
    prices = lab.prices()
    made = lab.maker.bracket(lab.leg(), prices, lab.parts.now(), price=prices.over, quantity=THREE)
    outcome = lab.place(made, child_coid=lab.child_coid)
    rows, entry = yield from _watched(lab, made)
    if entry.broker_order_id is None:
        return unanswered(TRADE.codes, f"the bracket was not accepted: {said(outcome)}")
    if not 0 < entry.filled < THREE:
        found = unanswered(("T1", "T2"), "the entry was not filled in part while we looked")
    else:
        found = yield from _in_part(lab, made, rows)
    entry = lab.order(entry)
    return [*found, (yield from _after_fill(lab, entry)), _execution(lab, entry)]


def _watched(lab: Lab, made: Made) -> Steps[tuple[Sequence[OrderRow], Order]]:
    """Read until something is filled."""
    looks = 0
    while True:
        rows = yield from lab.listed()
        entry, looks = lab.order(made.orders[0]), looks + 1
        if looks >= WATCHED or entry.filled > 0 or entry.state.final:
            return rows, entry


def _in_part(lab: Lab, made: Made, rows: Sequence[OrderRow]) -> Steps[list[Finding]]:
    """A part is there: look at the children, then cancel the rest and look again."""
    children = [row for row in children_in(rows, lab.rows_of(made)) if living(row)]
    filled = lab.order(made.orders[0]).filled
    manner = children_manner(children, filled)
    entry = lab.order(made.orders[0])
    words = ", ".join(f"{row.order_type} {row.total:g} {row.status}" for row in children) or "none listed"
    done = f"3 ordered, {filled:g} filled; the children as listed"
    found = [shown("T1", done, words, setting=manner)]
    if not entry.state.at_broker:
        return [*found, *unanswered(("T2",), "the entry was filled before its rest was cancelled")]
    lab.cancel(entry)
    yield from lab.ended([entry])
    entry = lab.order(entry)
    if not 0 < entry.filled < THREE:
        return [*found, *unanswered(("T2",), "the rest was filled before it was cancelled")]
    rows = yield from lab.listed()
    left = [row for row in children_in(rows, lab.rows_of(made)) if living(row)]
    done = f"the rest cancelled with {entry.filled:g} filled"
    setting = "kept" if left else "cancelled"
    return [*found, shown("T2", done, f"{len(left)} children live on", setting=setting)]


def children_manner(children: Sequence[OrderRow], filled: Decimal) -> str:
    """`held_until_full` while the target is not active, else by its quantity."""
    target = next((row for row in children if row.order_type == "LMT"), None)
    if target is None:
        return UNKNOWN
    if target.status.lower() == "presubmitted":
        return "held_until_full"
    return "scaled" if target.total <= filled else "full"


def _after_fill(lab: Lab, entry: Order) -> Steps[Finding]:
    """The entry's payload once more; only where the id was refused before, since it would buy again."""
    if not lab.refuses_duplicates:
        why = "it would buy again: the id was not refused while the first order worked"
        return unanswered(("P1-filled",), why)[0]
    if not entry.state.final or not entry.filled:
        return unanswered(("P1-filled",), "nothing was filled")[0]
    outcome = lab.again(entry)
    yield from lab.cleared()
    done = "a filled entry's payload sent again"
    if outcome.kind is OutcomeKind.ACCEPTED:
        lab.refuses_duplicates = False
        return shown("P1-filled", done, f"no: a second order was made, {said(outcome)}", setting="working")
    return shown("P1-filled", done, said(outcome))


def _execution(lab: Lab, entry: Order) -> Finding:
    with lab.parts.transactions.read() as t:
        fills = lab.parts.tracking.executions(t, order=entry.order)
    if not fills:
        return unanswered(("P8",), "no execution was shown")[0]
    one = fills[0]
    id_in_trades = "yes" if one.order_ref == entry.coid else "no"
    commission = "there" if one.commission is not None else "still missing"
    words = f"{one.execution}.{one.revision:02d}; commission {commission}; our id in trades: {id_in_trades}"
    return shown("P8", "the first execution in the trades", words)
