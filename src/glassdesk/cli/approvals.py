"""`approvals`: decisions that wait for a person's yes or no."""

from __future__ import annotations

from typing import Annotated

import typer

from glassdesk.cli.here import OWNER, Here, command, step
from glassdesk.cli.show import done, facts, rows, said
from glassdesk.cli.symbols import names_of
from glassdesk.kernel.ids import short
from glassdesk.workflow.orders.model import IntentState

app = step("Orders that wait for your yes or no.")

Identity = Annotated[str, typer.Argument(metavar="INTENT", help="Its id, or eight characters of it.")]


@command(app, "list")
def list_all(here: Here) -> None:
    """What waits, by the window in which it may be sent."""
    with here.desk() as desk, desk.transactions.read() as t:
        waiting = desk.orders.intents(t, states=[IntentState.AWAITING_APPROVAL])
        found = [intent for intent, _ in waiting if intent.parent is None]
        symbol = names_of(desk, t)
    rows(
        here,
        found,
        {
            "intent": lambda one: short(one.intent),
            "strategy": lambda one: one.strategy,
            "order": lambda one: f"{one.side} {said(one.quantity)} {symbol(one.conid)} at {said(one.price)}",
            "from": lambda one: one.window_opens,
            "until": lambda one: one.window_closes,
        },
        empty="nothing waits for you",
    )


@command(app)
def show(here: Here, intent: Identity) -> None:
    """One decision with all its legs."""
    with here.desk() as desk, desk.transactions.read() as t:
        main, state = desk.orders.intent(t, intent)
        legs = desk.orders.intents(t, run=main.run)
        symbol = names_of(desk, t)(main.conid)
    pairs = {"intent": main.intent, "state": state, "strategy": main.strategy, "run": main.run} | {
        leg.leg: f"{leg.side} {said(leg.quantity)} {symbol} {leg.order_type} {said(leg.price)}"
        for leg, _ in legs
    }
    facts(here, [{"state": one, "intent": leg} for leg, one in legs], pairs)


@command(app)
def approve(here: Here, intent: Identity) -> None:
    """Yes: it is sent in its window."""
    with here.desk() as desk, desk.transactions.begin() as t:
        found, _ = desk.orders.intent(t, intent)
        desk.orders.approve(t, found.intent, OWNER)
    done(
        here,
        f"{short(found.intent)} is approved and sent in its window.",
        {"intent": found.intent, "approved": True},
    )


@command(app)
def decline(here: Here, intent: Identity) -> None:
    """No: nothing is sent."""
    with here.desk() as desk, desk.transactions.begin() as t:
        found, _ = desk.orders.intent(t, intent)
        desk.orders.decline(t, found.intent, OWNER)
    done(
        here,
        f"{short(found.intent)} is declined; nothing is sent.",
        {"intent": found.intent, "approved": False},
    )
