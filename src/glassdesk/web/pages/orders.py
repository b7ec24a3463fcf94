"""Orders: brackets with the state of every leg, and a cancel that goes through the dealer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from fastapi import APIRouter, Request, Response

from glassdesk.kernel.canonical import canonical_text
from glassdesk.kernel.errors import Conflict, InvalidInput
from glassdesk.web.forms.fields import Form, say
from glassdesk.web.parts import OWNER, Here, Parts
from glassdesk.web.rendering import go, page
from glassdesk.web.views.brackets import brackets_of, line_of
from glassdesk.workflow.dealing.model import CommandKind, Modification, Resolution
from glassdesk.workflow.dealing.modify import MOVABLE, check_wanted
from glassdesk.workflow.dealing.resolve import check_reason
from glassdesk.workflow.orders.model import Order, OrderState, Role

router = APIRouter()

NEED_A_PERSON = (OrderState.UNKNOWN, OrderState.NEEDS_OPERATOR)


@router.get("/orders")
def orders(
    request: Request, here: Here, strategy: str = "", state: str = "", symbol: str = "", role: str = ""
) -> Response:
    """Newest reservation first; what waits for a person above all."""
    desk = here.desk
    with desk.transactions.read() as t:
        named = {c.symbol.upper(): c.conid for c in desk.contracts.known(t)}
        conid = named.get(symbol.strip().upper(), 0) if symbol.strip() else None
        found = desk.orders.orders(
            t, strategy=strategy or None, conid=conid, states=_states(state), limit=300
        )
        rows = [one for one in found if not role or one.role.value == role]
        return page(
            request,
            t,
            "orders/list.html",
            brackets=brackets_of(desk, t, rows),
            state=state,
            strategy=strategy,
            symbol=symbol,
            role=role,
            filtered=bool(strategy or state or symbol or role),
            waiting=len(desk.approvals.waiting(t)),
            owners=desk.tracking.owner_orders(t, desk.account),
            queue=[line_of(desk, t, one) for one in desk.orders.orders(t, states=NEED_A_PERSON)],
        )


@router.get("/orders/{order}")
def show(request: Request, here: Here, order: str) -> Response:
    """One order: its ticket, its legs, every fact and every fill."""
    return _show(request, here, order)


def _show(request: Request, here: Parts, order: str, **more: object) -> Response:
    desk = here.desk
    with desk.transactions.read() as t:
        found = desk.orders.order(t, order)
        return page(
            request,
            t,
            "orders/show.html",
            line=line_of(desk, t, found),
            order=found,
            legs=brackets_of(desk, t, desk.orders.orders(t, run=found.run)),
            facts=desk.tracking.facts(t, found.order),
            sends=desk.orders.sends(t, found.order),
            calls=desk.lineage.calls(t, f"order:{found.order}"),
            wishes=desk.dealing.wishes(t, found.order)[:5],
            can_modify=found.state in MOVABLE and found.role is not Role.EXIT,
            **more,  # type: ignore[arg-type]
        )


@router.post("/orders/{order}/cancel")
def cancel(request: Request, here: Here, order: str) -> Response:
    """Ask the dealer to cancel it."""
    ask_cancel(here, order)
    return go(
        request, f"/orders/{order}", "Asked for. The dealer cancels it at its next turn, within a second."
    )


@router.get("/orders/{order}/resolve")
def resolving(request: Request, here: Here, order: str) -> Response:
    """The operator's queue, one order: the evidence, and the question (`T-75`)."""
    return _resolving(request, here, order)


@router.post("/orders/{order}/look")
def look(request: Request, here: Here, order: str) -> Response:
    """Ask the dealer for the evidence as it is now."""
    _ask(here, order, CommandKind.RESOLVE_ORDER, lambda found: Resolution(order=found.order))
    return go(
        request, f"/orders/{order}/resolve", "Asked for. The dealer reads the broker and answers below."
    )


@router.post("/orders/{order}/resolve")
def resolve(request: Request, here: Here, order: str, form: Form) -> Response:
    """Name a state and a reason; the second time, with the tick, it is a wish to the dealer."""
    try:
        wanted = Resolution(order=order, state=_state(form.text("state")), reason=form.text("reason"))
        check_reason(wanted)
        if not form.ticked("sure"):
            raise InvalidInput("not confirmed", where="sure", remedy="tick the box once you are sure")
        _ask(here, order, CommandKind.RESOLVE_ORDER, lambda found: replace(wanted, order=found.order))
    except InvalidInput as problem:
        errors = {problem.where: say(problem)}
        return _resolving(request, here, order, status=422, errors=errors, values=form.shown())
    return go(request, f"/orders/{order}/resolve", "Asked for. The dealer checks it against the evidence.")


@router.post("/orders/{order}/modify")
def modify(request: Request, here: Here, order: str, form: Form) -> Response:
    """Change price or quantity, once."""
    try:
        wanted = Modification(
            order=order, price=form.maybe_decimal("price"), quantity=form.maybe_decimal("quantity")
        )
        check_wanted(wanted)
        _ask(here, order, CommandKind.MODIFY_ORDER, lambda found: replace(wanted, order=found.order))
    except InvalidInput as problem:
        errors = {problem.where: say(problem)}
        return _show(request, here, order, status=422, errors=errors, values=form.shown())
    return go(request, f"/orders/{order}", "Asked for. The dealer changes it once and answers below.")


def _ask(
    here: Parts, identity: str, kind: CommandKind, about: Callable[[Order], Resolution | Modification]
) -> None:
    desk = here.desk
    with desk.transactions.begin() as t:
        found = desk.orders.order(t, identity)
        desk.dealing.ask(t, kind, canonical_text(about(found)), OWNER)
    here.wake_dealer()


def _state(text: str) -> OrderState:
    try:
        return OrderState(text)
    except ValueError:
        raise InvalidInput("no state chosen", where="state", remedy="choose one of those below") from None


def _resolving(request: Request, here: Parts, order: str, **more: object) -> Response:
    desk = here.desk
    with desk.transactions.read() as t:
        found = desk.orders.order(t, order)
        return page(
            request,
            t,
            "orders/resolve.html",
            line=line_of(desk, t, found),
            order=found,
            facts=desk.tracking.facts(t, found.order),
            seen=desk.dealing.look_at(t, found.order),
            wishes=desk.dealing.wishes(t, found.order)[:5],
            **more,  # type: ignore[arg-type]
        )


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
    if text == "ended":
        return [state for state in OrderState if state.final]
    return None
