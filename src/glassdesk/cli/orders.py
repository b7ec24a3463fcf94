"""`orders`: what went out, and to cancel, change or settle one. Only the dealer speaks to the broker: what a
person wants is a wish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from glassdesk.cli.answers import answered
from glassdesk.cli.here import OWNER, Here, command, step
from glassdesk.cli.show import done, facts, rows, said
from glassdesk.cli.symbols import names_of
from glassdesk.kernel.canonical import canonical_text, decode_text
from glassdesk.kernel.errors import Conflict, InvalidInput
from glassdesk.kernel.ids import short
from glassdesk.workflow.dealing.model import CommandKind, Modification, Resolution
from glassdesk.workflow.dealing.modify import check_wanted
from glassdesk.workflow.dealing.resolve import check_reason
from glassdesk.workflow.order_tracking.evidence import MEANINGS, Look
from glassdesk.workflow.order_tracking.model import Execution, Fact
from glassdesk.workflow.orders.model import Order, OrderState

app = step("Orders, and to cancel, change or settle one.")

Identity = Annotated[
    str, typer.Argument(metavar="ORDER", help="Its id, cOID or broker's id, or eight characters.")
]


@command(app, "list")
def list_all(
    here: Here,
    open_only: Annotated[bool, typer.Option("--open", help="Only those that are not final.")] = False,
    strategy: Annotated[str | None, typer.Option(help="Of one strategy only.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 60,
) -> None:
    """Newest reservation first."""
    states = [state for state in OrderState if not state.final] if open_only else None
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.orders.orders(t, states=states, strategy=strategy, limit=limit)
        symbol = names_of(desk, t)
    rows(
        here,
        found,
        {
            "order": lambda one: short(one.order),
            "reserved": lambda one: one.reserved_at,
            "strategy": lambda one: one.strategy,
            "symbol": lambda one: symbol(one.conid),
            "role": lambda one: one.role,
            "side": lambda one: one.ticket.side,
            "quantity": lambda one: one.ticket.quantity,
            "type": lambda one: one.ticket.order_type,
            "price": lambda one: one.ticket.price,
            "state": lambda one: one.state,
            "filled": lambda one: one.filled,
            "at": lambda one: one.average_price,
            "note": lambda one: one.note,
        },
        empty="no order",
    )


@command(app)
def show(here: Here, order: Identity) -> None:
    """One order: its ticket, every fact about it, every fill."""
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.orders.order(t, order)
        seen = desk.tracking.facts(t, found.order)
        fills = desk.tracking.executions(t, order=found.order)
        symbol = names_of(desk, t)(found.conid)
    told = {"order": found, "facts": seen, "executions": fills}
    facts(here, told, _lines(found, symbol) | _history(seen, fills))


def _lines(found: Order, symbol: str) -> dict[str, object]:
    ticket = found.ticket
    price = f"{ticket.order_type} {said(ticket.price)} {ticket.tif}"
    return {
        "order": found.order,
        "cOID": found.coid,
        "broker's id": found.broker_order_id,
        "run": found.run,
        "strategy": found.strategy,
        "ticket": f"{ticket.side} {said(ticket.quantity)} {symbol} {price}",
        "role": found.role,
        "state": found.state,
        "filled": f"{said(found.filled)} at {said(found.average_price)}",
        "sends": found.sends,
        "note": found.note,
    }


def _history(seen: Sequence[Fact], fills: Sequence[Execution]) -> dict[str, object]:
    """Numbered, since two things may be seen at one instant."""
    told = [(f.observed_at, f"{f.kind} {f.status} {f.detail}".strip()) for f in seen]
    told += [
        (e.executed_at, f"{e.side} {said(e.quantity)} at {said(e.price)}, commission {said(e.commission)}")
        for e in fills
    ]
    return {f"{number:>3} {said(at)}": words for number, (at, words) in enumerate(sorted(told), 1)}


@command(app)
def cancel(here: Here, order: Identity) -> None:
    """Ask the dealer to cancel it; before it is sent, its decision ends."""
    with here.desk() as desk, desk.transactions.begin() as t:
        found = desk.orders.order(t, order)
        if found.state.final:
            raise Conflict(
                f"the order is {found.state.value}", where="order", remedy="there is nothing to cancel"
            )
        unsent = found.state is OrderState.RESERVED
        kind = CommandKind.CANCEL_INTENT if unsent else CommandKind.CANCEL_ORDER
        wish = desk.dealing.ask(t, kind, found.intent if unsent else found.order, OWNER)
    done(here, f"The dealer cancels {short(found.order)} at its next turn.", wish)


@command(app)
def modify(
    here: Here,
    order: Identity,
    price: Annotated[str | None, typer.Option(help="Its new limit, or trigger of a stop.")] = None,
    quantity: Annotated[str | None, typer.Option(help="Its new number of shares.")] = None,
) -> None:
    """Change price or quantity of an order at the broker, once. Only here a stop may be loosened."""
    wanted = Modification(order=order, price=_number("price", price), quantity=_number("quantity", quantity))
    check_wanted(wanted)
    with here.desk() as desk:
        with desk.transactions.begin() as t:
            found = desk.orders.order(t, order)
            _at_broker(found)
            argument = canonical_text(replace(wanted, order=found.order))
            wish = desk.dealing.ask(t, CommandKind.MODIFY_ORDER, argument, OWNER)
        told = answered(desk, wish)
    done(here, f"{short(found.order)}: {told.result}", told)


def _number(name: str, text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        raise InvalidInput(f"{text!r} is no number", where=name, remedy="10.5") from None


def _at_broker(found: Order) -> None:
    if not found.state.at_broker:
        raise Conflict(
            f"the order is {said(found.state)}", where="order", remedy="only a working one changes"
        )


@command(app)
def resolve(
    here: Here,
    order: Identity,
    state: Annotated[
        str | None, typer.Option("--as", metavar="STATE", help="What became of it; without, only look.")
    ] = None,
    reason: Annotated[str, typer.Option(help="What you saw, and where.")] = "",
) -> None:
    """Settle an order that waits for a person: the live evidence, and with --as your decision."""
    wanted = Resolution(order=order, state=_state(state), reason=reason)
    check_reason(wanted)
    with here.desk() as desk:
        with desk.transactions.begin() as t:
            found = desk.orders.order(t, order)
            argument = canonical_text(replace(wanted, order=found.order))
            wish = desk.dealing.ask(t, CommandKind.RESOLVE_ORDER, argument, OWNER)
        told = answered(desk, wish)
        if wanted.state is not None:
            done(here, f"{short(found.order)}: {told.result}", told)
            return
        with desk.transactions.read() as t:
            symbol, seen = names_of(desk, t)(found.conid), desk.tracking.facts(t, found.order)
    look = decode_text(Look, told.result)
    facts(here, {"look": look, "facts": seen}, evidence_lines(look, symbol) | _history(seen, ()))


def _state(text: str | None) -> OrderState | None:
    if text is None:
        return None
    try:
        return OrderState(text.strip().lower().replace(" ", "_"))
    except ValueError:
        names = ", ".join(state.value for state in MEANINGS)
        raise InvalidInput(f"{text!r} is no state", where="--as", remedy=names) from None


def evidence_lines(look: Look, symbol: str) -> dict[str, object]:
    """The evidence and what may follow from it, one line each."""
    found, ticket = look.evidence, look.evidence.order.ticket
    row = found.row
    shown = (
        "nowhere" if row is None else f"{row.status}, {said(row.filled)} filled, {said(row.remaining)} left"
    )
    lines: dict[str, object] = {
        "order": found.order.order,
        "ticket": f"{ticket.side} {said(ticket.quantity)} {symbol} {ticket.order_type} {said(ticket.price)}",
        "state": f"{said(found.order.state)}: {found.order.note}",
        "read at": found.read_at,
        "in the list": ("yes" if found.listed else "no") if found.complete else "the list is not whole",
        "by its id": "known" if found.by_id else "not known, which proves nothing",
        "the broker shows it": shown,
        "filled in the ledger": f"{said(found.filled)} in {len(found.executions)} fill(s)",
        "unexplained shares": found.unexplained,
    }
    for choice in look.choices:
        word = f"--as {choice.state.value}"
        lines[word] = f"no: {choice.against}" if choice.against else choice.meaning
    return lines
