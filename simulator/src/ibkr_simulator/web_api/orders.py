"""Placing, answering questions, modifying and cancelling [§5.1–5.4]."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ibkr_simulator.exchange.accounts import Account
from ibkr_simulator.exchange.orders import Order, Ticket
from ibkr_simulator.gateway import Pending
from ibkr_simulator.messages import Answer, Request, Route, bare_error, empty, error, ok
from ibkr_simulator.web_api.order_words import find, shown_id, status
from ibkr_simulator.web_api.placement import Placement, accept
from ibkr_simulator.web_api.questions import pending_for, question_answer
from ibkr_simulator.web_api.tickets import Refused, check_funds, check_placeable, malformed, parse
from ibkr_simulator.world import World

_EDITABLE = ("conid", "account", "side", "kind", "coid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Modification:
    """A checked change of a live order."""

    order_id: int
    ticket: Ticket


def place(world: World, request: Request) -> Answer:
    """`POST …/orders`: answers in one of the shapes a to e, all with 200."""
    try:
        placement = Placement(tickets=checked_tickets(world, request))
        if armed := world.faults.take(50, request):
            return ok({"error": str(armed.parameters.get("text", "No trading permissions."))})
        if world.faults.take(51, request):
            return _advanced_reject(world, request, placement)
        tickets = [each for each in placement.tickets if isinstance(each, Ticket)]
        return _ask_or_do(world, request, [(each, None) for each in tickets], placement)
    except Refused as refused:
        return refused.answer


def checked_tickets(world: World, request: Request) -> tuple[Ticket | str, ...]:
    """The tickets of a request; a child that cannot be is carried as its refusal's text. Raises Refused."""
    account = _path_account(world, request)
    orders = request.fields().get("orders")
    if not isinstance(orders, list) or not orders or not all(isinstance(each, dict) for each in orders):
        raise malformed("orders required")
    first = parse(world, account, orders[0])
    check_placeable(world, first)
    return (first, *(_child(world, account, fields) for fields in orders[1:]))


def _child(world: World, account: Account, fields: Mapping[str, Any]) -> Ticket | str:
    try:
        return parse(world, account, fields)
    except Refused as refused:
        if refused.text is None:
            raise
        return refused.text


def _advanced_reject(world: World, request: Request, placement: Placement) -> Answer:
    """Shape (d): nothing is placed until a person says yes through `/iserver/notification`."""
    number = 1_900_000_000 + len(world.exchange.orders)
    world.gateway.prompts[str(number)] = (request, placement)
    prompt = {
        "orderId": number,
        "reqId": "12",
        "dismissable": [],
        "text": "Your order was rejected. Do you want to resubmit it?",
        "options": ["Yes", "No"],
        "type": "prompt",
        "messageId": "p12",
        "prompt": True,
    }
    for stream in world.streams:
        stream.tell_prompt(prompt)
    return ok(prompt)


def notification(world: World, request: Request) -> Answer:
    """`POST /iserver/notification`: the answer to an advanced reject; yes places the order [F-51]."""
    prompted = world.gateway.prompts.pop(str(request.fields().get("orderId")), None)
    if prompted is not None and request.fields().get("text") == "Yes":
        try:
            accept(world, *prompted)
        except Refused as refused:
            return refused.answer
    return ok("Success")


def _ask_or_do(
    world: World,
    request: Request,
    tickets: list[tuple[Ticket, Order | None]],
    work: Placement | Modification,
) -> Answer:
    pending = pending_for(world, request, tickets, work)
    if pending is None:
        return _do(world, request, work)
    world.gateway.pending = pending
    return question_answer(pending)


def _do(world: World, request: Request, work: Placement | Modification) -> Answer:
    if isinstance(work, Placement):
        return accept(world, request, work)
    return _change(world, work)


def reply(world: World, request: Request) -> Answer:
    """`/iserver/reply/{id}`: yes to every element places the order, one no discards it."""
    pending, asked = world.gateway.pending, request.params["id"]
    if pending is None or asked not in pending.asks or world.faults.take(48, request):
        world.gateway.pending = None
        return bare_error(400, f"reply id not found: '{asked}'")
    if request.fields().get("confirmed") is not True:
        world.gateway.pending = None
        return bare_error(200, "Order not confirmed")
    return _confirmed(world, request, pending, asked)


def _confirmed(world: World, request: Request, pending: Pending, asked: str) -> Answer:
    follow = pending.asks.pop(asked).follow_up
    if follow is not None:
        pending.asks[follow.question_id] = follow
    if pending.asks:
        return question_answer(pending)
    world.gateway.pending = None
    try:
        return _do(world, request, pending.work)
    except Refused as refused:
        return refused.answer


def modify(world: World, request: Request) -> Answer:
    """`POST …/order/{id}`: one bare order with all its fields; answers like a placement."""
    try:
        order = _live_order(world, request)
        if order.cancel_at is not None:
            raise Refused(error(400, "Order is pending cancel"))
        ticket = _changed_ticket(world, request, order)
        if order.parent_id is None:
            check_funds(world, ticket, order)
        return _ask_or_do(
            world, request, [(ticket, order)], Modification(order_id=order.order_id, ticket=ticket)
        )
    except Refused as refused:
        return refused.answer


def _changed_ticket(world: World, request: Request, order: Order) -> Ticket:
    if "orders" in request.fields():
        raise malformed("order should be one object")
    ticket = parse(world, _path_account(world, request), request.fields())
    changed = [name for name in _EDITABLE if _differs(getattr(ticket, name), getattr(order, name))]
    if changed:
        raise malformed(f"{', '.join(changed)} cannot be changed")
    if ticket.quantity < order.filled:
        raise malformed("quantity is below what is filled")
    return ticket


def _differs(asked: object, kept: object) -> bool:
    return asked is not None and asked != kept


def _change(world: World, work: Modification) -> Answer:
    order, ticket = world.exchange.orders[work.order_id], work.ticket
    if not order.live:
        raise Refused(error(400, "Order is inactive"))
    world.exchange.modify(
        order,
        quantity=ticket.quantity,
        limit=ticket.limit,
        stop=ticket.stop,
        tif=ticket.tif,
        trail=ticket.trail,
    )
    return ok(
        [{"order_id": str(order.order_id), "order_status": status(world, order), "encrypt_message": "1"}]
    )


def cancel(world: World, request: Request) -> Answer:
    """`DELETE …/order/{id}`: a request only; -1 asks for all orders."""
    try:
        account = _path_account(world, request)
        if world.faults.take(60, request):
            raise Refused(error(400, f"OrderID {request.params['order_id']} doesn't exist"))
        if request.params["order_id"] == "-1":
            return _cancel_all(world, account)
        order = _live_order(world, request)
    except Refused as refused:
        return refused.answer
    if not world.faults.take(59, request):
        world.exchange.request_cancel(order)
    body = {"msg": "Request was submitted", "order_id": shown_id(world, order), "conid": order.conid}
    return ok(body | {"account": order.account})


def _cancel_all(world: World, account: Account) -> Answer:
    for order in world.exchange.live():
        if order.live and order.account == account.account_id:
            world.exchange.request_cancel(order)
    return ok({"msg": "Request was submitted", "order_id": -1, "conid": -1, "account": None})


def _live_order(world: World, request: Request) -> Order:
    account, text = _path_account(world, request), request.params["order_id"]
    order = find(world, text)
    if order is None or order.account != account.account_id:
        raise Refused(error(400, f"OrderID {text} doesn't exist"))
    if not order.live:
        raise Refused(error(400, "Order is inactive"))
    return order


def suppress(world: World, request: Request) -> Answer:
    """`/iserver/questions/suppress`: for this brokerage session only."""
    asked = request.fields().get("messageIds")
    if not isinstance(asked, list) or not asked or len(asked) > 51:
        return empty(500)
    brokerage = world.gateway.open_session
    brokerage.suppressed.update(str(name) for name in asked)
    return ok({"status": "submitted"})


def suppress_reset(world: World, request: Request) -> Answer:
    """`…/suppress/reset`."""
    brokerage = world.gateway.open_session
    brokerage.suppressed.clear()
    return ok({"status": "submitted"})


def _path_account(world: World, request: Request) -> Account:
    asked = request.params.get("account", "")
    if asked not in world.accounts:
        raise malformed(f"accountId is not valid: {asked}")
    if not world.gateway.established(world.now):
        raise Refused(error(400, "Bad Request: Please query /accounts first"))
    return world.accounts[asked]


ROUTES = (
    Route(methods="POST", pattern="/iserver/account/{account}/orders", handler=place, priming=True),
    Route(
        methods="POST", pattern="/iserver/account/{account}/order/{order_id}", handler=modify, priming=True
    ),
    Route(
        methods="DELETE", pattern="/iserver/account/{account}/order/{order_id}", handler=cancel, priming=True
    ),
    Route(methods="POST", pattern="/iserver/reply/{id}", handler=reply),
    Route(methods="POST", pattern="/iserver/notification", handler=notification),
    Route(methods="POST", pattern="/iserver/questions/suppress", handler=suppress),
    Route(methods="POST", pattern="/iserver/questions/suppress/reset", handler=suppress_reset),
)
