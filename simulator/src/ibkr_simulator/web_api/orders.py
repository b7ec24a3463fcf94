"""Placing, answering questions, previewing, modifying and cancelling [§5.1–5.4]."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ibkr_simulator.exchange import money
from ibkr_simulator.exchange.orders import Order, Ticket
from ibkr_simulator.gateway import Pending
from ibkr_simulator.messages import Answer, Json, Request, Route, bare_error, empty, error, ok
from ibkr_simulator.web_api.order_words import find, shown_id, status
from ibkr_simulator.web_api.placement import Placement, accept
from ibkr_simulator.web_api.questions import pending_for, question_answer
from ibkr_simulator.web_api.tickets import Refused, check_funds, check_placeable, malformed, parse
from ibkr_simulator.world import World

_EDITABLE = ("conid", "side", "kind", "coid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Modification:
    """A checked change of a live order."""

    order_id: int
    ticket: Ticket


def place(world: World, request: Request) -> Answer:
    """`POST …/orders`: answers in one of the shapes a to e, all with 200."""
    try:
        placement = Placement(tickets=_tickets(world, request))
        if armed := world.faults.take(50, request):
            return ok({"error": str(armed.parameters.get("text", "No trading permissions."))})
        if world.faults.take(51, request):
            return _advanced_reject(world)
        return _ask_or_do(world, request, [t for t in placement.tickets if isinstance(t, Ticket)], placement)
    except Refused as refused:
        return refused.answer


def _tickets(world: World, request: Request) -> tuple[Ticket | str, ...]:
    _check_path_account(world, request)
    orders = request.fields().get("orders")
    if not isinstance(orders, list) or not orders or not all(isinstance(each, dict) for each in orders):
        raise malformed("orders required")
    first = parse(world, orders[0])
    check_placeable(world, first)
    return (first, *(_child(world, fields) for fields in orders[1:]))


def _child(world: World, fields: Mapping[str, Any]) -> Ticket | str:
    try:
        return parse(world, fields)
    except Refused as refused:
        if refused.text is None:
            raise
        return refused.text


def _advanced_reject(world: World) -> Answer:
    number = 1_900_000_000 + len(world.exchange.orders)
    return ok(
        {
            "orderId": number,
            "reqId": "12",
            "dismissable": [],
            "text": "Your order was rejected. Do you want to resubmit it?",
            "options": ["Yes", "No"],
            "type": "prompt",
            "messageId": "p12",
            "prompt": True,
        }
    )


def _ask_or_do(
    world: World, request: Request, tickets: list[Ticket], work: Placement | Modification
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
        _check_path_account(world, request)
        order = _live_order(world, request.params["order_id"])
        ticket = _changed_ticket(world, request, order)
        check_funds(world, ticket, order)
        work = Modification(order_id=order.order_id, ticket=ticket)
        asks = [ticket] if ticket.stop != order.stop else []
        return _ask_or_do(world, request, asks, work)
    except Refused as refused:
        return refused.answer


def _changed_ticket(world: World, request: Request, order: Order) -> Ticket:
    if "orders" in request.fields():
        raise malformed("order should be one object")
    ticket = parse(world, request.fields())
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
        order, quantity=ticket.quantity, limit=ticket.limit, stop=ticket.stop, tif=ticket.tif
    )
    return ok(
        [{"order_id": str(order.order_id), "order_status": status(world, order), "encrypt_message": "1"}]
    )


def cancel(world: World, request: Request) -> Answer:
    """`DELETE …/order/{id}`: a request only; -1 asks for all orders."""
    try:
        _check_path_account(world, request)
        if world.faults.take(60, request):
            raise Refused(error(400, f"OrderID {request.params['order_id']} doesn't exist"))
        if request.params["order_id"] == "-1":
            return _cancel_all(world)
        order = _live_order(world, request.params["order_id"])
    except Refused as refused:
        return refused.answer
    if not world.faults.take(59, request):
        world.exchange.request_cancel(order)
    body = {"msg": "Request was submitted", "order_id": shown_id(world, order), "conid": order.conid}
    return ok(body | {"account": order.account})


def _cancel_all(world: World) -> Answer:
    for order in world.exchange.live():
        if order.live:
            world.exchange.request_cancel(order)
    return ok({"msg": "Request was submitted", "order_id": -1, "conid": -1, "account": None})


def _live_order(world: World, text: str) -> Order:
    order = find(world, text)
    if order is None:
        raise Refused(error(400, f"OrderID {text} doesn't exist"))
    if not order.live:
        raise Refused(error(400, "Order is inactive"))
    return order


def whatif(world: World, request: Request) -> Answer:
    """`…/orders/whatif`: formatted texts; `error` set would be a refusal."""
    try:
        tickets = _tickets(world, request)
    except Refused as refused:
        return refused.answer if refused.text is None else ok(_preview_error(refused.text))
    if world.faults.take(66, request):
        return ok(_preview_error("NA"))
    return ok(next(_preview(world, ticket) for ticket in tickets if isinstance(ticket, Ticket)))


def _preview(world: World, ticket: Ticket) -> Json:
    price = ticket.limit or ticket.stop or world.exchange.mark(ticket.conid)
    value = price * ticket.quantity
    fee = money.commission(ticket.quantity, value)
    sign = 1 if ticket.side == "BUY" else -1
    held, equity = world.account.quantity(ticket.conid), world.exchange.equity()
    margin = world.account.margin(world.exchange.mark)
    bound = _triple(margin, margin + sign * value // 4)
    brokerage = world.gateway.open_session
    warn = None if ticket.conid in brokerage.snapshots else _NO_MARKET_DATA
    return {
        "amount": {
            "amount": f"{money.grouped(value)} USD ({ticket.quantity} Shares)",
            "commission": f"{money.text(fee)} USD",
            "total": f"{money.grouped(value + sign * fee)} USD",
        },
        "equity": _triple(equity, equity - fee),
        "initial": bound,
        "maintenance": bound,
        "position": {
            "current": str(held),
            "change": str(sign * ticket.quantity),
            "after": str(held + sign * ticket.quantity),
        },
        "warn": warn,
        "error": None,
    }


_NO_MARKET_DATA = "21/You are trying to submit an order without having market data for this instrument."


def _triple(current: int, after: int) -> Json:
    return {
        "current": money.grouped(current),
        "change": money.grouped(after - current),
        "after": money.grouped(after),
    }


def _preview_error(text: str) -> Json:
    nothing = {"current": "NA", "change": "NA", "after": "NA"}
    amount = {"amount": "NA", "commission": "NA", "total": "NA"}
    parts = dict.fromkeys(("equity", "initial", "maintenance", "position"), nothing)
    return {"amount": amount, **parts, "warn": None, "error": text}


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


def _check_path_account(world: World, request: Request) -> None:
    asked = request.params.get("account")
    if asked != world.account.account_id:
        raise malformed(f"accountId is not valid: {asked}")
    if not world.gateway.established(world.now):
        raise Refused(error(400, "Bad Request: Please query /accounts first"))


ROUTES = (
    Route(methods="POST", pattern="/iserver/account/{account}/orders", handler=place, priming=True),
    Route(methods="POST", pattern="/iserver/account/{account}/orders/whatif", handler=whatif, priming=True),
    Route(
        methods="POST", pattern="/iserver/account/{account}/order/{order_id}", handler=modify, priming=True
    ),
    Route(
        methods="DELETE", pattern="/iserver/account/{account}/order/{order_id}", handler=cancel, priming=True
    ),
    Route(methods="POST", pattern="/iserver/reply/{id}", handler=reply),
    Route(methods="POST", pattern="/iserver/questions/suppress", handler=suppress),
    Route(methods="POST", pattern="/iserver/questions/suppress/reset", handler=suppress_reset),
)
