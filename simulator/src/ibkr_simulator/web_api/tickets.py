"""From an order in a request to a checked ticket, or the broker's refusal [§5.1]."""

from collections.abc import Mapping
from typing import Any, cast

from ibkr_simulator.exchange import fees, funds, money
from ibkr_simulator.exchange.accounts import Account
from ibkr_simulator.exchange.orders import AT_CLOSE, KINDS, TRAILING, Order, Side, Ticket, Trail
from ibkr_simulator.instants import DAY
from ibkr_simulator.messages import Answer, empty, error, ok
from ibkr_simulator.world import World

_TIFS = ("DAY", "GTC", "IOC", "OPG")
# The broker knows these, not for stocks of this exchange.
_OTHER_KINDS = ("MIDPRICE", "MIT", "LIT", "REL")
_OTHER_TIFS = ("PAX", "OVT", "OND")
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
_SETTLED_TEXT = (
    "YOUR ORDER IS NOT ACCEPTED. IN ORDER TO OBTAIN THE DESIRED POSITION YOUR SETTLED CASH "
    "[{have} USD] MUST EXCEED THE COST [{need} USD]"
)
_KIND_TEXT = "The order type is not supported for this contract."
_TIF_TEXT = "The time in force is invalid for this order."
_SHORT_TEXT = "The contract is not available for short sale."
_CASH_SHORT_TEXT = "Short stock positions can only be held in a margin account."


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


def parse(world: World, account: Account, fields: Mapping[str, Any]) -> Ticket:
    """Check one order's fields; it is for the path's account unless it names another. Raises Refused."""
    account_id = _account(world, account, fields)
    conid = _conid(world, fields)
    kind = _kind(fields)
    if fields.get("side") not in ("BUY", "SELL"):
        raise malformed("side is invalid")
    tif, outside = _tif(kind, fields), fields.get("outsideRTH") is True
    limit, stop = _prices(kind, fields)
    if outside and (kind != "LMT" or tif == "OPG"):
        raise refusal("invalid order attribute : Outside Regular Trading Hours")
    return Ticket(
        conid=conid,
        account=account_id,
        side=cast(Side, fields["side"]),
        kind=kind,
        tif=tif,
        quantity=_quantity(fields.get("quantity")),
        limit=limit,
        stop=stop,
        trail=_trail(fields) if kind in TRAILING else None,
        coid=_text(fields.get("cOID")),
        parent_coid=_text(fields.get("parentId")),
        single_group=fields.get("isSingleGroup") is True,
        outside_rth=outside,
    )


def _kind(fields: Mapping[str, Any]) -> str:
    kind = str(fields.get("orderType", ""))
    if kind in _OTHER_KINDS:
        raise refusal(_KIND_TEXT)
    if kind not in KINDS:
        raise Refused(empty(500))
    return kind


def _tif(kind: str, fields: Mapping[str, Any]) -> str:
    tif = str(fields.get("tif", ""))
    if tif in _OTHER_TIFS:
        raise refusal(_TIF_TEXT)
    if tif not in _TIFS:
        raise malformed("tif is invalid")
    if tif in ("IOC", "OPG") and kind not in ("LMT", "MKT"):
        raise refusal(_TIF_TEXT)
    if kind in AT_CLOSE and tif != "DAY":
        raise refusal(_TIF_TEXT)
    return tif


def _text(value: Any) -> str | None:
    return None if value in (None, "") else str(value)


def _account(world: World, account: Account, fields: Mapping[str, Any]) -> str:
    asked = fields.get("acctId", account.account_id)
    if asked not in world.accounts:
        raise malformed(f"accountId is not valid: {asked}")
    return str(asked)


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
    """Limit and stop; a plain stop carries its trigger in `price`, a trailing one may leave it out."""
    price, aux = fields.get("price"), fields.get("auxPrice")
    if kind in ("MKT", "MOC"):
        return None, None
    if kind in ("LMT", "LOC"):
        return _price(price), None
    if kind == "STP":
        return None, _price(aux if price is None else price)
    if kind == "TRAIL":
        return None, None if price is None else _price(price)
    return _price(price), None if kind == "TRAILLMT" and aux is None else _price(aux)


def _trail(fields: Mapping[str, Any]) -> Trail:
    """`trailingAmt` in units of `trailingType`: `amt` is money, `%` percent."""
    manner, distance = fields.get("trailingType"), _price(fields.get("trailingAmt"))
    if manner not in ("amt", "%"):
        raise Refused(empty(500))
    return Trail(amount=distance) if manner == "amt" else Trail(percent=distance)


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
    terms = (ticket.account, ticket.conid, ticket.side)
    same_side = [o for o in world.exchange.live() if (o.account, o.conid, o.side) == terms]
    if len(same_side) >= _MOST_WORKING:
        raise refusal(TOO_MANY_TEXT)
    if ticket.parent_coid is None:
        check_funds(world, ticket, None)


def check_duplicate(world: World, ticket: Ticket) -> None:
    """The broker knows this client id already [F-53]."""
    mode = world.switches.text("duplicate_coid")
    if ticket.coid is None or mode == "off" or not _remembered(world, ticket.coid):
        return
    text = f"Order couldn't be submitted: Local order ID={ticket.coid} is already registered."
    raise Refused(ok({"error": text}).but(status=int(mode)), text)


def _remembered(world: World, coid: str) -> bool:
    """Whether an earlier order holds this client id, for as long as the switch says [F-54]."""
    earlier, scope = world.exchange.by_coid(coid), world.switches.text("duplicate_scope")
    if earlier is None:
        return False
    if scope == "working":
        return earlier.live
    return scope == "ever" or world.now - earlier.placed_at < DAY


def check_funds(world: World, ticket: Ticket, replaced: Order | None) -> None:
    """What opens a position must fit the account's funds beside other working orders [F-65]."""
    account, exchange = world.accounts[ticket.account], world.exchange
    deal = deal_of(world, ticket, replaced)
    if not funds.opening(account, deal.conid, deal.signed):
        return
    if deal.signed < 0:
        _check_short(world, account)
    others = (order for order in exchange.live() if order is not replaced)
    working = funds.working(account, others, exchange.mark)
    cost = fees.commission(abs(deal.signed), deal.value) if deal.value else 0
    lacking = funds.shortfall(account, exchange.mark, world.now, deal, working, cost)
    if lacking is not None:
        text = _SETTLED_TEXT if account.is_cash else _FUNDS_TEXT
        raise refusal(text.format(have=money.text(lacking[0]), need=money.text(lacking[1])))


def _check_short(world: World, account: Account) -> None:
    if account.is_cash:
        raise refusal(_CASH_SHORT_TEXT)
    if not world.switches.on("shortable"):
        raise refusal(_SHORT_TEXT)


def deal_of(world: World, ticket: Ticket, replaced: Order | None = None) -> funds.Deal:
    """What the ticket would trade, at its own price or the market's."""
    wanted = ticket.quantity - (replaced.filled if replaced else 0)
    price = ticket.limit or ticket.stop or world.exchange.mark(ticket.conid)
    return funds.Deal(conid=ticket.conid, signed=wanted if ticket.side == "BUY" else -wanted, price=price)
