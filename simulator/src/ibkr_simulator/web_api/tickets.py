"""From an order in a request to a checked ticket, or the broker's refusal [§5.1]."""

from collections.abc import Mapping
from typing import Any, cast

from ibkr_simulator.exchange import money
from ibkr_simulator.exchange.orders import KINDS, Order, Side, Ticket
from ibkr_simulator.messages import Answer, empty, error, ok
from ibkr_simulator.world import World

_TIFS = ("DAY", "GTC", "IOC")
_MOST_WORKING = 15
TICK_TEXT = "The price does not conform to the minimum price variation for this contract."
TOO_MANY_TEXT = (
    "Your account has a minimum of 15 orders working on either the buy or sell side "
    "for this particular contract"
)
_FUNDS_TEXT = (
    "YOUR ORDER IS NOT ACCEPTED. IN ORDER TO OBTAIN THE DESIRED POSITION YOUR EQUITY WITH LOAN VALUE "
    "[{have} USD] MUST EXCEED THE INITIAL MARGIN [{need} USD]"
)


class Refused(Exception):
    """The request ends with this answer; `text` is set when the refusal is a 200 with an error."""

    def __init__(self, answer: Answer, text: str | None = None) -> None:
        super().__init__(text or str(answer.status))
        self.answer = answer
        self.text = text


def refusal(text: str) -> Refused:
    """Shape (c): 200 with an error text."""
    return Refused(ok({"error": text}), text)


def malformed(text: str) -> Refused:
    """400 with the broker's prefix."""
    return Refused(error(400, f"Bad Request: {text}"))


def parse(world: World, fields: Mapping[str, Any]) -> Ticket:
    """Check one order's fields. Raises Refused."""
    _check_account(world, fields)
    conid = _conid(world, fields)
    kind = str(fields.get("orderType", ""))
    if kind not in KINDS:
        raise Refused(empty(500))
    if fields.get("side") not in ("BUY", "SELL"):
        raise malformed("side is invalid")
    tif = str(fields.get("tif", ""))
    if tif not in _TIFS:
        raise malformed("tif is invalid")
    limit, stop = _prices(kind, fields)
    outside = fields.get("outsideRTH") is True
    if outside and kind != "LMT":
        raise refusal("invalid order attribute : Outside Regular Trading Hours")
    return Ticket(
        conid=conid,
        side=cast(Side, fields["side"]),
        kind=kind,
        tif=tif,
        quantity=_quantity(fields.get("quantity")),
        limit=limit,
        stop=stop,
        coid=_text(fields.get("cOID")),
        parent_coid=_text(fields.get("parentId")),
        single_group=fields.get("isSingleGroup") is True,
        outside_rth=outside,
    )


def _text(value: Any) -> str | None:
    return None if value in (None, "") else str(value)


def _check_account(world: World, fields: Mapping[str, Any]) -> None:
    asked = fields.get("acctId", world.account.account_id)
    if asked != world.account.account_id:
        raise malformed(f"accountId is not valid: {asked}")


def _conid(world: World, fields: Mapping[str, Any]) -> int:
    text = str(fields.get("conid") or str(fields.get("conidex", "")).split("@")[0])
    listing = world.listings.by_conid.get(int(text)) if text.isdigit() else None
    if listing is None:
        raise malformed("conid is invalid")
    if not listing.tradable:
        raise refusal("No trading permissions.")
    return listing.conid


def _quantity(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise malformed("quantity is invalid")
    if value != int(value):
        raise refusal("Fractional quantities are not supported for this order.")
    return int(value)


def _prices(kind: str, fields: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Limit and stop; a plain stop carries its trigger in `price`."""
    price, aux = fields.get("price"), fields.get("auxPrice")
    if kind == "MKT":
        return None, None
    if kind == "LMT":
        return _price(price), None
    if kind == "STP":
        return None, _price(aux if price is None else price)
    return _price(price), _price(aux)


def _price(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float | str) or value == "":
        raise refusal("invalid order price fields")
    try:
        cents = money.cents(value)
    except money.NotAnAmount as bad:
        raise refusal("invalid order price fields") from bad
    except ValueError as bad:
        raise refusal(TICK_TEXT) from bad
    if cents <= 0:
        raise refusal("invalid order price fields")
    return cents


def check_placeable(world: World, ticket: Ticket) -> None:
    """Rules that look at the account: duplicates, working orders, buying power. Raises Refused."""
    if ticket.conid not in world.exchange.market.tape.bars or world.exchange.quote(ticket.conid) is None:
        raise refusal("No trading permissions.")
    check_duplicate(world, ticket)
    same_side = [o for o in world.exchange.live() if o.conid == ticket.conid and o.side == ticket.side]
    if len(same_side) >= _MOST_WORKING:
        raise refusal(TOO_MANY_TEXT)
    if ticket.parent_coid is None:
        check_funds(world, ticket, None)


def check_duplicate(world: World, ticket: Ticket) -> None:
    """The broker knows this client id already [F-53]."""
    mode = world.switches.text("duplicate_coid")
    if ticket.coid is None or mode == "off" or world.exchange.by_coid(ticket.coid) is None:
        return
    text = f"Order couldn't be submitted: Local order ID={ticket.coid} is already registered."
    raise Refused(ok({"error": text}).but(status=int(mode)), text)


def check_funds(world: World, ticket: Ticket, replaced: Order | None) -> None:
    """What opens a position must fit the buying power beside other working orders [F-65]."""
    exchange = world.exchange
    opening = _opening(world, ticket, replaced)
    if opening <= 0:
        return
    working = sum(_bound(world, order) for order in exchange.live() if order is not replaced)
    need = opening * _value_price(world, ticket.limit, ticket.stop, ticket.conid) + working
    have = world.account.buying_power(exchange.mark)
    if need > have:
        margin = world.account.margin(exchange.mark) + need // 4
        raise refusal(_FUNDS_TEXT.format(have=money.text(exchange.equity()), need=money.text(margin)))


def _opening(world: World, ticket: Ticket, replaced: Order | None) -> int:
    held = world.account.quantity(ticket.conid) * (1 if ticket.side == "SELL" else -1)
    wanted = ticket.quantity - (replaced.filled if replaced else 0)
    return wanted - max(0, held)


def _bound(world: World, order: Order) -> int:
    if order.parent_id is not None or not order.buying:
        return 0
    return order.remaining * _value_price(world, order.limit, order.stop, order.conid)


def _value_price(world: World, limit: int | None, stop: int | None, conid: int) -> int:
    return limit or stop or world.exchange.mark(conid)
