"""`orders`: what went out, and to cancel one. Only the dealer writes to the broker: a cancel is a wish."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from glassdesk.cli.here import OWNER, Here, command, step
from glassdesk.cli.show import done, facts, rows, said
from glassdesk.cli.symbols import names_of
from glassdesk.kernel.errors import Conflict
from glassdesk.kernel.ids import short
from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.order_tracking.model import Execution, Fact
from glassdesk.workflow.orders.model import Order, OrderState

app = step("Orders, and to cancel one.")

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
