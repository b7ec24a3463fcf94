"""Questions the broker asks before it takes an order [§5.2]."""

from dataclasses import replace

from ibkr_simulator.exchange import ids, matching
from ibkr_simulator.exchange.orders import Order, Ticket
from ibkr_simulator.gateway import Ask, Brokerage, Pending
from ibkr_simulator.messages import Answer, Json, Request, ok
from ibkr_simulator.web_api.availability import availability, priced
from ibkr_simulator.world import World

TEXTS: dict[str, str] = {
    "o163": "The following order exceeds the price percentage limit",
    "o354": "You are submitting an order without market data. We strongly recommend against this as it may "
    "result in erroneous and unexpected trades. Are you sure you want to submit this order?",
    "o382": "The following value exceeds the tick size limit",
    "o383": 'The following order "size exceeds the Size Limit". Are you sure you want to submit this order?',
    "o403": "This order will most likely trigger and fill immediately. "
    "Are you sure you want to submit this order?",
    "o451": 'The following order "value estimate exceeds the Total Value Limit". '
    "Are you sure you want to submit this order?",
    "o10151": "Market order confirmation: the order may be executed at a price far from the displayed one.",
    "o10152": "Warning: a stop order becomes a market order when it is triggered. "
    "Are you sure you want to submit this order?",
    "o10331": "You are about to submit a stop order. Please be aware of the various stop order types "
    "available and the risks associated with each one. Are you sure you want to submit this order?",
}
_FAR_PERCENT = 3
_CHAIN = ("o354", "o451", "o383")


def pending_for(
    world: World, request: Request, tickets: list[tuple[Ticket, Order | None]], work: object
) -> Pending | None:
    """The questions this request raises, None when there are none. A ticket that changes an order comes
    with it."""
    brokerage = world.gateway.open_session
    extra = _extra(world, request)
    raised = [_messages(world, brokerage, ticket, order) for ticket, order in tickets]
    raised += [[(name, "")] for name in extra[:1]]
    asks = [_ask(world, index, messages) for index, messages in enumerate(raised) if messages]
    if not asks:
        return None
    asks[-1] = _chain(world, asks[-1], extra[1:])
    return Pending(asks={ask.question_id: ask for ask in asks}, work=work)


def _extra(world: World, request: Request) -> list[str]:
    """Messages that faults add: F-45 one, F-46 a chain, F-47 one nobody knows."""
    armed = world.faults.take(45, request)
    names = [str(armed.parameters.get("message_id", "o451"))] if armed else []
    if chain := world.faults.take(46, request):
        names += list(_CHAIN[: int(chain.parameters.get("depth", 3))])
    if unknown := world.faults.take(47, request):
        names.append(str(unknown.parameters.get("message_id", "o99999")))
    return names


def _messages(
    world: World, brokerage: Brokerage, ticket: Ticket, order: Order | None
) -> list[tuple[str, str]]:
    if ticket.parent_coid and not world.switches.on("child_questions"):
        return []
    names = [*_about_stop(world, ticket, order), *_about_price(world, ticket, order)]
    if ticket.kind in ("MKT", "MOC") and order is None:
        names.append("o10151")
    letter = availability(world, world.listings.by_conid[ticket.conid])
    if ticket.conid not in brokerage.lines() or not priced(letter):
        names.append("o354")
    raised = [name for name in names if world.switches.listed("questions", name)]
    return [(name, _detail(ticket)) for name in raised if name not in brokerage.suppressed]


def _about_stop(world: World, ticket: Ticket, order: Order | None) -> list[str]:
    """A stop has its risks, more so one that becomes a market order, or is reached already."""
    if ticket.stop is None and ticket.trail is None:
        return []
    if order is not None and (order.stop, order.trail) == (ticket.stop, ticket.trail):
        return []
    names = ["o10331"]
    if ticket.limit is None:
        names.append("o10152")
    quote = world.exchange.quote(ticket.conid)
    if quote and matching.reached(ticket.stop, quote.last, buying=ticket.side == "BUY"):
        names.append("o403")
    return names


def _about_price(world: World, ticket: Ticket, order: Order | None) -> list[str]:
    """Far from the market, many ticks away, too many shares, too much money."""
    if order is not None and (order.limit, order.quantity) == (ticket.limit, ticket.quantity):
        return []
    quote, number = world.exchange.quote(ticket.conid), world.switches.number
    price = ticket.limit or ticket.stop or (quote.last if quote else 0)
    away = abs(price - quote.last) if quote else 0
    conditions = {
        "o163": bool(ticket.limit and quote and away * 100 > _FAR_PERCENT * quote.last),
        "o382": away > number("tick_limit"),
        "o383": ticket.quantity > number("size_limit"),
        "o451": ticket.quantity * price > number("value_limit") * 100,
    }
    return [name for name, met in conditions.items() if met]


def _detail(ticket: Ticket) -> str:
    return f" ({ticket.side} {ticket.quantity} {ticket.kind} {ticket.tif})"


def _ask(world: World, index: int, messages: list[tuple[str, str]], follow_up: Ask | None = None) -> Ask:
    count = len(world.exchange.orders)
    key = (world.seed, world.now, world.gateway.epoch, count, index, *messages)
    unknown = "A message nobody has seen before. Continue?"
    return Ask(
        question_id=ids.question_id(*key),
        messages=tuple(TEXTS.get(name, unknown) + more for name, more in messages),
        message_ids=tuple(name for name, _ in messages),
        follow_up=follow_up,
    )


def _chain(world: World, first: Ask, names: list[str]) -> Ask:
    """The first question, followed by one for every name."""
    follow: Ask | None = None
    for index, name in reversed(list(enumerate(names))):
        follow = _ask(world, 100 + index, [(name, "")], follow)
    return replace(first, follow_up=follow)


def question_answer(pending: Pending) -> Answer:
    """Shape (b): one element per ticket with questions."""
    return ok([_element(ask) for ask in pending.asks.values()])


def _element(ask: Ask) -> Json:
    return {
        "id": ask.question_id,
        "message": list(ask.messages),
        "isSuppressed": False,
        "messageIds": list(ask.message_ids),
        "messageOptions": ["Yes", "No"],
    }
