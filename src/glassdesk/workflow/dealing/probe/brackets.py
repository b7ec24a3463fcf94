"""Experiments with brackets whose entry rests far below the market."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from glassdesk.workflow.dealing.findings import Confidence, Finding
from glassdesk.workflow.dealing.ports import Between
from glassdesk.workflow.dealing.probe.answers import shown, unanswered
from glassdesk.workflow.dealing.probe.catalogue import BRACKET
from glassdesk.workflow.dealing.probe.lab import Lab, Steps, living, said
from glassdesk.workflow.dealing.probe.making import Made
from glassdesk.workflow.order_tracking.model import OrderRow
from glassdesk.workflow.orders.bracket import repriced
from glassdesk.workflow.orders.model import Order, OrderState, Outcome, OutcomeKind, Role
from glassdesk.workflow.orders.switches import UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A bracket as it was sent, answered and listed."""

    made: Made
    outcome: Outcome
    entry: Order
    children: tuple[OrderRow, ...]
    """Rows of the broker's list."""


def bracket(lab: Lab) -> Steps[list[Finding]]:
    """Children with client ids of their own, and one of them changed."""
    family = yield from _sent(lab, child_coid=True)
    if family.entry.broker_order_id is None:
        yield from _over(lab, family)
        return unanswered(BRACKET.codes, f"the bracket was not accepted: {said(family.outcome)}")
    setting = _own_id(lab, family)
    done = "a bracket whose children carried client ids of their own"
    found = [_of_own_id(family, setting, done)]
    lab.child_coid = setting == "kept"
    if setting == "refused":
        yield from _over(lab, family)
        family = yield from _sent(lab, child_coid=False)
    found += [_reference(family, setting), _ids(family)]
    lab.remember("a bracket (STP and far LMT children)", family.outcome)
    found.append(shown("B4", "the questions of every order of this probe", lab.questions()))
    found.append((yield from _changed(lab, family)))
    yield from _over(lab, family)
    return found


def _sent(lab: Lab, *, child_coid: bool, between: Between | None = None) -> Steps[Family]:
    prices = lab.prices()
    made = lab.maker.bracket(lab.leg(), prices, lab.parts.now(), price=prices.far)
    outcome = lab.place(made, child_coid=child_coid, between=between)
    rows = yield from lab.listed()
    entry = lab.order(made.orders[0])
    return Family(made=made, outcome=outcome, entry=entry, children=children_in(rows, lab.rows_of(made)))


def children_in(rows: Sequence[OrderRow], legs: Sequence[Order]) -> tuple[OrderRow, ...]:
    """Rows of a bracket's children: by parent, by id, or by client id and side."""
    parent, ids = legs[0].broker_order_id, {leg.broker_order_id for leg in legs[1:]} - {None}
    coids = {leg.coid for leg in legs[1:]}
    return tuple(
        row
        for row in rows
        if (parent is not None and row.parent_id == parent)
        or row.broker_order_id in ids
        or row.order_ref in coids
    )


def _own_id(lab: Lab, family: Family) -> str:
    """`kept` where list or answer shows it; `dropped` where the children live and an answer that names every
    leg does not; `refused` where the answer failed and no child is listed."""
    coids = {one.coid for one in family.made.orders[1:]}
    alive = [row for row in family.children if living(row)]
    if any(row.order_ref in coids for row in alive) or any(lab.answered_with(coid) for coid in coids):
        return "kept"
    if alive:
        return "dropped" if _names_all(family) else UNKNOWN
    return "refused" if family.outcome.kind is not OutcomeKind.ACCEPTED else UNKNOWN


def _of_own_id(family: Family, setting: str, done: str) -> Finding:
    words = {
        "kept": "kept",
        "dropped": "accepted, and shown nowhere",
        "refused": f"refused: {said(family.outcome)}",
    }
    if setting == UNKNOWN:
        return unanswered(("B1",), "accepted, and neither answer nor list shows whether it was kept")[0]
    return shown("B1", done, words[setting], setting=setting)


def _names_all(family: Family) -> bool:
    return len(family.outcome.acknowledged) == len(family.made.orders)


def _reference(family: Family, own_id: str) -> Finding:
    """What the rows show; it says something only where children have an id to be shown."""
    done = "the children's rows in the order list"
    if not family.children:
        return unanswered(("B2",), "no child was listed")[0]
    own = {one.coid for one in family.made.orders[1:]}
    seen = {row.order_ref for row in family.children}
    if seen <= own:
        return shown("B2", done, "yes, each shows its own", setting="yes")
    words = "their parent's" if seen == {family.entry.coid} else "none of their own"
    if own_id == "kept":
        return shown("B2", done, f"no, they show {words}", setting="no")
    why = f"no, they show {words}; whether they have one is not known"
    return shown("B2", done, why, confidence=Confidence.LIKELY)


def _ids(family: Family) -> Finding:
    done = "the answer to the bracket, counted"
    if family.outcome.kind not in (OutcomeKind.ACCEPTED, OutcomeKind.UNKNOWN):
        return unanswered(("B3",), said(family.outcome))[0]
    named = f"{len(family.outcome.acknowledged)} of {len(family.made.orders)} legs"
    setting = "all" if _names_all(family) else "parent"
    return shown("B3", done, f"{named} are named with an id", setting=setting)


def _changed(lab: Lab, family: Family) -> Steps[Finding]:
    """The target's price, one tick higher."""
    target = next((leg for leg in lab.rows_of(family.made) if leg.role is Role.TARGET), None)
    if target is None or target.broker_order_id is None or target.ticket.price is None:
        return unanswered(("B5",), "the target's id was not learnt")[0]
    wanted = repriced(target, price=target.ticket.price + lab.prices().tick)
    outcome = lab.modify(target, wanted)
    rows = yield from lab.listed()
    row = next((row for row in rows if row.broker_order_id == target.broker_order_id), None)
    done = f"the target's price changed by one tick: {said(outcome)}"
    if row is not None and row.price == wanted.ticket.price:
        return shown("B5", done, "yes, and it keeps its id")
    return shown("B5", done, "the list does not show the new price", confidence=Confidence.LIKELY)


def _over(lab: Lab, family: Family) -> Steps[None]:
    """Cancel the entry and wait for all legs; what does not end is left to the clean-up."""
    entry = lab.order(family.made.orders[0])
    if entry.state.at_broker:
        lab.cancel(entry)
        yield from lab.ended([entry])
    for leg in lab.rows_of(family.made):
        if leg.state.at_broker:
            lab.cancel(leg)


def between(lab: Lab) -> Steps[list[Finding]]:
    """A question left open while another request is made."""
    told = []
    for other in Between:
        family = yield from _sent(lab, child_coid=False, between=other)
        told.append(f"{other.value}: {_voided(family)}")
        yield from _over(lab, family)
        if family.entry.broker_order_id is None:
            _forget(lab, family)
    asked = any("no question" not in one for one in told)
    done = "three brackets, each with another request between the question and its reply"
    confidence = Confidence.SHOWN if asked else Confidence.NONE
    return [shown("P5", done, "; ".join(told), confidence=confidence)]


def _voided(family: Family) -> str:
    outcome = family.outcome
    if not outcome.questions:
        return "no question was asked"
    if outcome.kind is OutcomeKind.ACCEPTED:
        return "the question stayed valid"
    return f"the question was voided ({outcome.text})"


def _forget(lab: Lab, family: Family) -> None:
    """The answer said that the question is gone, and a complete list shows nothing: it was never accepted."""
    if not family.children:
        for leg in lab.rows_of(family.made):
            if leg.state is OrderState.UNKNOWN:
                lab.drop(leg, OrderState.ABANDONED, "its question was voided")
