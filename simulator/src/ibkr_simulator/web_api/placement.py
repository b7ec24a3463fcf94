"""Taking checked tickets: brackets, groups, and the answers to them [§5.1]."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ibkr_simulator.exchange.orders import Order, Ticket
from ibkr_simulator.messages import Answer, Json, Request, ok
from ibkr_simulator.web_api.order_words import shown_id, status
from ibkr_simulator.web_api.tickets import Refused, check_placeable, refusal
from ibkr_simulator.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Tickets of one request, in the order they were sent. A refused child is carried as its text."""

    tickets: tuple[Ticket | str, ...]


def accept(world: World, request: Request, placement: Placement) -> Answer:
    """Place all tickets: shape (a), with (e) for a child that fails beside its living parent [F-52].

    The first ticket's refusal ends the request.
    """
    placed: list[Order | str] = []
    for index, ticket in enumerate(placement.tickets):
        placed.append(_accept_one(world, request, placement, placed, ticket, first=index == 0))
    answer = ok(_elements(world, placed))
    _after_accept(world, [order for order in placed if isinstance(order, Order)])
    return answer


def _accept_one(
    world: World,
    request: Request,
    placement: Placement,
    placed: Sequence[Order | str],
    ticket: Ticket | str,
    *,
    first: bool,
) -> Order | str:
    try:
        if isinstance(ticket, str):
            raise refusal(ticket)
        return _place(world, request, placement, placed, ticket)
    except Refused as refused:
        if first or refused.text is None:
            raise
        return refused.text


def _place(
    world: World, request: Request, placement: Placement, placed: Sequence[Order | str], ticket: Ticket
) -> Order:
    parent = _parent(world, placed, ticket)
    ticket = _own_id(world, ticket, parent)
    check_placeable(world, ticket)
    if parent is not None and (failing := world.faults.take(52, request)):
        raise refusal(str(failing.parameters.get("text", "Invalid child order")))
    order = world.exchange.book(ticket, parent=parent, oca=_group(world, placement, placed, parent))
    _before_match(world, request, order)
    world.exchange.match_now(order)
    return order


def _parent(world: World, placed: Sequence[Order | str], ticket: Ticket) -> Order | None:
    if ticket.parent_coid is None:
        return None
    for order in placed:
        if isinstance(order, Order) and ticket.parent_coid == order.coid:
            return order
    parent = world.exchange.by_coid(ticket.parent_coid)
    if parent is None or not (parent.live or parent.filled):
        raise refusal(f"Parent order {ticket.parent_coid} not found")
    return parent


def _own_id(world: World, ticket: Ticket, parent: Order | None) -> Ticket:
    """What becomes of a child's own client id, in the manner of the switch."""
    manner = world.switches.text("child_coid")
    if parent is None or ticket.coid is None or manner == "kept":
        return ticket
    if manner == "refused":
        raise refusal("cOID is not allowed on a child order")
    return replace(ticket, coid=None)


def _group(
    world: World, placement: Placement, placed: Sequence[Order | str], parent: Order | None
) -> str | None:
    """Children of one parent form a group; so do tickets that all ask for it."""
    if parent is not None:
        return str(parent.order_id)
    grouped = [ticket for ticket in placement.tickets if isinstance(ticket, Ticket) and ticket.single_group]
    if len(grouped) < 2 or len(grouped) < len(placement.tickets):
        return None
    first = next((order for order in placed if isinstance(order, Order)), None)
    return first.oca if first else f"oco-{len(world.exchange.orders) + 1}"


def _before_match(world: World, request: Request, order: Order) -> None:
    """Faults of a fresh order: F-55 stuck, F-56 held back, F-57 dropped, F-58 filled in part only."""
    faults = world.faults
    held_back, dropped = faults.take(56, request), faults.take(57, request)
    if held_back:
        order.reason = str(held_back.parameters.get("reason", "Order held by the broker"))
    order.unlisted = dropped is not None
    order.stuck = bool(held_back or dropped or faults.take(55, request))
    if partly := faults.take(58, request):
        order.fill_cap = int(partly.parameters.get("quantity", max(1, order.quantity // 2)))
    world.exchange.touched(order)


def _after_accept(world: World, orders: Sequence[Order]) -> None:
    """What happens to an order after its good answer: F-56 Inactive, F-57 gone with all it came with."""
    dropped = any(order.unlisted for order in orders)
    for order in orders:
        order.unlisted = dropped
        if dropped and order.live:
            world.exchange.cancel_by_system(order, "silently dropped")
        elif order.live and order.stuck and order.reason:
            world.exchange.deactivate(order, order.reason)


def _elements(world: World, placed: Sequence[Order | str]) -> list[Json]:
    """One element per ticket, or the parents' alone, as the switch says."""
    if world.switches.text("bracket_ids") == "parent":
        children = [each for each in placed if isinstance(each, str) or each.parent_id is not None]
        placed = [each for each in placed if each not in children] or placed
    return [_element(world, order, bracket=len(placed) > 1) for order in placed]


def _element(world: World, order: Order | str, *, bracket: bool) -> Json:
    if isinstance(order, str):
        return {"order_id": -1, "order_status": "Failed", "text": order}
    answer = {
        "order_id": str(shown_id(world, order)),
        "order_status": status(world, order),
        "encrypt_message": "1",
    }
    if bracket and order.coid:
        answer["local_order_id"] = order.coid
    if order.parent_id is not None:
        answer["parent_order_id"] = str(order.parent_id)
    if order.oca is not None:
        answer["oca_group_id"] = order.oca
    return answer
