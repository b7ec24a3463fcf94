"""Orders: brackets with the state of every leg, and a cancel that goes through the dealer."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from glassdesk.kernel.errors import Conflict, InvalidInput
from glassdesk.web.forms.fields import Form
from glassdesk.web.parts import OWNER, Here, Parts
from glassdesk.web.rendering import go, page
from glassdesk.web.views.brackets import brackets_of, ladder_of, line_of
from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.orders.model import IntentState, OrderState

router = APIRouter()

NEED_A_PERSON = (OrderState.UNKNOWN, OrderState.NEEDS_OPERATOR)


@router.get("/orders")
def orders(request: Request, here: Here, strategy: str = "", state: str = "") -> Response:
    """Newest reservation first."""
    desk = here.desk
    with desk.transactions.read() as t:
        rows = desk.orders.orders(t, strategy=strategy or None, states=_states(state), limit=300)
        return page(
            request,
            t,
            "orders/list.html",
            brackets=brackets_of(desk, t, rows),
            state=state,
            strategy=strategy,
            waiting=desk.orders.intents(t, states=[IntentState.AWAITING_APPROVAL]),
            ladder_of=ladder_of,
        )


@router.get("/orders/{order}")
def show(request: Request, here: Here, order: str) -> Response:
    """One order: its ticket, its legs, every fact and every fill."""
    desk = here.desk
    with desk.transactions.read() as t:
        found = desk.orders.order(t, order)
        legs = brackets_of(desk, t, desk.orders.orders(t, run=found.run))
        return page(
            request,
            t,
            "orders/show.html",
            line=line_of(desk, t, found),
            order=found,
            legs=legs,
            ladder_of=ladder_of,
            facts=desk.tracking.facts(t, found.order),
            calls=desk.lineage.calls(t, f"order:{found.order}"),
        )


@router.post("/orders/{order}/cancel")
def cancel(request: Request, here: Here, order: str) -> Response:
    """Ask the dealer to cancel it."""
    ask_cancel(here, order)
    return go(
        request, f"/orders/{order}", "Asked for. The dealer cancels it at its next turn, within a second."
    )


@router.post("/intents/{intent}")
def decide(request: Request, here: Here, intent: str, form: Form) -> Response:
    """Approve or decline what waits for a person."""
    wish, desk = form.text("do"), here.desk
    with desk.transactions.begin() as t:
        if wish == "approve":
            desk.orders.approve(t, intent, OWNER)
        elif wish == "decline":
            desk.orders.decline(t, intent, OWNER)
        else:
            raise InvalidInput(f"{wish!r} is no decision", where="do", remedy="approve or decline")
    return go(request, "/orders", "Approved: it is sent in its window." if wish == "approve" else "Declined.")


def ask_cancel(here: Parts, identity: str) -> str:
    """Write the wish down and answer the command's id. Raises `Conflict` for an order that is final."""
    desk = here.desk
    with desk.transactions.begin() as t:
        order = desk.orders.order(t, identity)
        if order.state.final:
            raise Conflict(
                f"the order is {order.state.value}", where="order", remedy="there is nothing to cancel"
            )
        unsent = order.state is OrderState.RESERVED
        kind = CommandKind.CANCEL_INTENT if unsent else CommandKind.CANCEL_ORDER
        command = desk.dealing.ask(t, kind, order.intent if unsent else order.order, OWNER)
    here.wake_dealer()
    return command.command


def _states(text: str) -> list[OrderState] | None:
    if text == "open":
        return [state for state in OrderState if not state.final]
    if text == "person":
        return list(NEED_A_PERSON)
    return None
