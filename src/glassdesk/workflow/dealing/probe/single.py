"""Experiments with one order that rests far below the market."""

from __future__ import annotations

from collections.abc import Sequence

from glassdesk.workflow.dealing.findings import Confidence, Finding
from glassdesk.workflow.dealing.probe.answers import shown, unanswered
from glassdesk.workflow.dealing.probe.catalogue import BLIND, OVERNIGHT, PREVIEW, RESTING
from glassdesk.workflow.dealing.probe.lab import SPACING, Lab, Steps, living, said
from glassdesk.workflow.order_tracking.model import OrderRow
from glassdesk.workflow.orders.model import Order, Outcome, OutcomeKind, TimeInForce

LOOKS = 6
"""Readings of the list before its flag counts as never coming."""


def preview(lab: Lab) -> Steps[list[Finding]]:
    """A what-if with the contract's market data given up first."""
    made = lab.maker.single("what-if", lab.prices().far, lab.parts.now())
    yield SPACING
    told = lab.means.broker.preview(made.orders[0].ticket, fresh=True)
    done = "market data given up, then a what-if of the resting order"
    if told.error:
        return [shown(PREVIEW.codes[0], done, f"refused: {told.error}", confidence=Confidence.LIKELY)]
    words = f"answered with the warning {told.warning!r}" if told.warning else "answered without a warning"
    return [shown(PREVIEW.codes[0], done, words)]


def resting(lab: Lab) -> Steps[list[Finding]]:
    """One order: how it is shown, and what its client id does the second time."""
    made = lab.maker.single(lab.leg(), lab.prices().far, lab.parts.now())
    outcome = lab.place(made)
    lab.remember("a single LMT", outcome)
    if outcome.kind is not OutcomeKind.ACCEPTED:
        return unanswered(RESTING.codes, f"the order was not accepted: {said(outcome)}")
    order = lab.order(made.orders[0])
    rows = yield from lab.listed()
    found = [_where_it_comes_back(lab, order, rows), _form(order)]
    found.append((yield from _flag(lab, order)))
    working = yield from _second_time(lab, order)
    lab.cancel(order)
    if not (yield from lab.ended([order])):
        return [
            *found,
            _while_it_worked(working),
            *unanswered(("P1-ended", "C1"), "the order did not end after its cancel"),
        ]
    found.append(_inactive(lab, order))
    over = yield from _second_time(lab, order)
    lab.refuses_duplicates = OutcomeKind.EXISTS is working.kind is over.kind
    return [*found, _while_it_worked(working), _after_its_cancel(over)]


def _where_it_comes_back(lab: Lab, order: Order, rows: Sequence[OrderRow]) -> Finding:
    row = next((row for row in rows if row.broker_order_id == order.broker_order_id), None)
    status = lab.parts.broker.reads.order_status(order.broker_order_id or "")
    places = {
        "the order list": row is not None and row.order_ref == order.coid,
        "a single status": status is not None and status.order_ref == order.coid,
    }
    words = "; ".join(f"{place}: {'yes' if there else 'no'}" for place, there in places.items())
    heard = {True: "yes", False: "no", None: "it is down"}[lab.means.broker.heard(order.coid)]
    done = "one order read in the list and by its id, and listened for on the stream"
    return shown("P2", done, f"{words}; the stream: {heard}")


def _form(order: Order) -> Finding:
    words = f"{len(order.coid)} characters of [a-z2-7] are accepted"
    return shown("P3", "one order with an id of our form", words)


def _flag(lab: Lab, order: Order) -> Steps[Finding]:
    """The list read as it comes, after its cache was dropped, with an order of ours alive."""
    seen: list[tuple[bool | None, bool]] = []
    for number in range(LOOKS):
        yield SPACING
        listing = lab.look(force=number == 0)
        there = any(row.broker_order_id == order.broker_order_id for row in listing.rows)
        seen.append((listing.snapshot, there))
        if number and listing.snapshot and there:
            break
    done = "the cache dropped with force=true, then the list read as it comes, one order of ours alive"
    words = ", ".join(f"{_word(flag)} {'with' if there else 'without'} it" for flag, there in seen)
    return shown("P4", done, f"{len(seen)} readings: {words}", setting=flag_setting(seen))


def _word(flag: bool | None) -> str:
    return "no flag" if flag is None else str(flag).lower()


def flag_setting(seen: Sequence[tuple[bool | None, bool]]) -> str:
    """What the flag means, from (flag, our order was there) of each reading after the cache was dropped."""
    if any(flag and not there for flag, there in seen):
        return "early"
    if not any(flag for flag, _ in seen):
        return "always_false"
    first_flag, first_there = seen[0]
    return "list_with_false" if first_there and not first_flag else "settles_second_call"


def blind(lab: Lab) -> Steps[list[Finding]]:
    """The list never says that it is complete: without it nothing may be sent, so nothing else is asked."""
    flags = []
    for _ in range(LOOKS):
        yield SPACING
        flags.append(lab.look().snapshot)
    done = f"the list read {LOOKS} times, nothing placed"
    if any(flags):
        return unanswered(BLIND.codes, "the list settled only now: ask again")
    found = shown("P4", done, "it never says that it is complete", setting="always_false")
    rest = [code for code in BLIND.codes if code != "P4"]
    return [found, *unanswered(rest, "nothing is sent while the order list never says that it is complete")]


def _second_time(lab: Lab, order: Order) -> Steps[Outcome]:
    """The same payload again; what the broker makes of it is cancelled at once."""
    outcome = lab.again(order)
    rows = yield from lab.listed()
    for row in rows:
        if row.order_ref == order.coid and row.broker_order_id != order.broker_order_id and living(row):
            lab.strays[row.broker_order_id] = order.order
    yield from lab.cleared()
    return outcome


def _while_it_worked(outcome: Outcome) -> Finding:
    done = "the same payload sent again while its order worked"
    if outcome.kind is OutcomeKind.EXISTS:
        return shown("P1", done, said(outcome), setting=str(outcome.http_status))
    if outcome.kind is OutcomeKind.ACCEPTED:
        return shown("P1", done, f"no: a second order was made, {said(outcome)}", setting="off")
    return shown("P1", done, said(outcome), confidence=Confidence.NONE)


def _after_its_cancel(outcome: Outcome) -> Finding:
    done = "the same payload sent again after its order was cancelled"
    if outcome.kind is OutcomeKind.EXISTS:
        return shown("P1-ended", done, said(outcome), setting="24h")
    if outcome.kind is OutcomeKind.ACCEPTED:
        return shown("P1-ended", done, f"no: a new order was made, {said(outcome)}", setting="working")
    return shown("P1-ended", done, said(outcome), confidence=Confidence.NONE)


def _inactive(lab: Lab, order: Order) -> Finding:
    outcome = lab.cancel_id(order, order.broker_order_id or "")
    return shown("C1", "a cancelled order cancelled once more", said(outcome))


def overnight(lab: Lab) -> Steps[list[Finding]]:
    """One GTC order stays; the second day looks at it."""
    made = lab.maker.single(lab.leg(), lab.prices().far, lab.parts.now(), tif=TimeInForce.GTC)
    outcome = lab.place(made)
    if outcome.kind is not OutcomeKind.ACCEPTED:
        return unanswered(OVERNIGHT.codes, f"the order was not accepted: {said(outcome)}")
    yield from lab.listed()
    lab.kept.append(made.orders[0].order)
    why = "one GTC order rests; `glassdesk probe --second-day` looks at it from the next New York day on"
    return unanswered(OVERNIGHT.codes, why)


def second_day(lab: Lab, order: Order) -> Steps[list[Finding]]:
    """How the order of yesterday is shown; it is cancelled afterwards, under whatever id it has now."""
    rows = yield from lab.listed()
    done = "a GTC order left resting, looked for on a later New York day"
    first = lab.first_id(order)
    if any(row.broker_order_id == first and living(row) for row in rows):
        return [shown("P7", done, "listed under its id", setting="listed")]
    other = next((row for row in rows if living(row) and same_order(order, row)), None)
    if other is not None:
        if other.broker_order_id != lab.order(order).broker_order_id:
            lab.strays[other.broker_order_id] = order.order
        return [
            shown("P7", done, f"listed under another id, {other.broker_order_id}", setting="listed_new_id")
        ]
    status = lab.parts.broker.reads.order_status(first)
    if status is not None and living(status):
        return [shown("P7", done, "not listed, alive when asked for by its id", setting="hidden")]
    words = "gone: " + (status.status if status is not None else "nothing is known under its id")
    return [shown("P7", done, words, confidence=Confidence.LIKELY)]


def same_order(order: Order, row: OrderRow) -> bool:
    """Another row that can only be our order: same contract, side, price, quantity and life."""
    ticket = order.ticket
    mine = (ticket.conid, ticket.side, ticket.price, ticket.quantity, ticket.tif.value)
    return mine == (row.conid, row.side, row.price, row.total, row.tif)
