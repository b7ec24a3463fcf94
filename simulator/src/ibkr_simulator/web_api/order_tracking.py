"""Live orders, single status and trades [§5.5–5.8]."""

from bisect import bisect_left
from typing import Any

from ibkr_simulator.exchange import money
from ibkr_simulator.exchange.orders import Execution, Order, Trail
from ibkr_simulator.instants import DAY, SECOND, Instant, millis, new_york_day, new_york_midnight, stamp
from ibkr_simulator.messages import Answer, Json, Request, Route, error, ok
from ibkr_simulator.web_api import order_words as words
from ibkr_simulator.world import World

_SHORT = "%y%m%d%H%M%S"
_MOST_ROWS = 1000


def live_orders(world: World, request: Request) -> Answer:
    """`/iserver/account/orders`: the first call primes; `force` empties; filters poison [F-40…42]."""
    brokerage = world.gateway.open_session
    if request.asked("force").lower() == "true":
        brokerage.orders_primed, brokerage.orders_filtered = False, False
    if request.asked("filters"):
        brokerage.orders_filtered = True
    established = world.gateway.established(world.now)
    settled = brokerage.orders_primed and established
    brokerage.orders_primed = True
    manner = world.switches.text("snapshot_flag")
    listed = settled or (established and manner == "list_with_false")
    if not listed or brokerage.orders_filtered:
        return ok({"orders": [], "snapshot": False})
    account = _asked_account(world, request)
    rows = [order for order in visible(world) if order.account == account]
    flag = settled and manner != "always_false"
    return ok({"orders": [order_row(world, order) for order in rows[-_MOST_ROWS:]], "snapshot": flag})


def _asked_account(world: World, request: Request) -> str:
    """The account a read is about: the one it names, else the selected one."""
    return request.asked("accountId") or world.account.account_id


def visible(world: World) -> list[Order]:
    """Orders of this brokerage day, of all accounts: live ones, and those that ended today."""
    since = new_york_midnight(new_york_day(world.now))
    hidden = world.switches.text("gtc_visible_next_day") == "hidden"
    return [order for order in world.exchange.since(since) if _shown(order, since, hidden=hidden)]


def _shown(order: Order, since: Instant, *, hidden: bool) -> bool:
    if order.unlisted or (hidden and order.placed_at < since):
        return False
    return order.live or (order.ended_at or 0) >= since


def order_row(world: World, order: Order) -> dict[str, Any]:
    """One row of live orders and of the `sor` feed."""
    listing = world.listings.by_conid[order.conid]
    prices, word = words.stop_and_limit(world, order), words.status(world, order)
    row: dict[str, Any] = {
        "acct": order.account,
        "account": order.account,
        "conidex": str(order.conid),
        "conid": order.conid,
        "orderId": words.shown_id(world, order),
        "cashCcy": "USD",
        "sizeAndFills": words.sizes_text(order),
        "orderDesc": words.description(order, prices),
        "description1": order.symbol,
        "ticker": order.symbol,
        "secType": "STK",
        "listingExchange": listing.exchange,
        "remainingQuantity": float(order.remaining if order.live else 0),
        "filledQuantity": float(order.filled),
        "totalSize": float(order.quantity),
        "companyName": listing.company,
        "status": word,
        "order_ccp_status": words.ccp_status(word),
        "avgPrice": words.average_price(order),
        "origOrderType": words.ORIGINAL_TYPES[order.kind],
        "orderType": words.TYPES[order.kind],
        "supportsTaxOpt": "1",
        "lastExecutionTime": stamp(order.updated_at, _SHORT),
        "lastExecutionTime_r": millis(order.updated_at),
        "timeInForce": order.tif if order.live else "CLOSE",
        "price": words.price_text(prices),
        "side": order.side,
        "isEventTrading": "0",
        "bgColor": "#000000",
        "fgColor": "#00F000",
    }
    return row | _optional(world, order, prices)


def _optional(world: World, order: Order, prices: words.Prices) -> dict[str, Any]:
    """Keys that only some rows have."""
    extra: dict[str, Any] = {}
    stop, _ = prices
    if (reference := words.order_ref(world, order)) is not None:
        extra["order_ref"] = reference
    if order.parent_id is not None:
        extra["parentId"] = order.parent_id
    if order.oca is not None:
        extra["ocaGroupId"] = order.oca
    if stop is not None:
        extra["auxPrice"] = extra["stop_price"] = money.text(stop)
    if order.trail is not None:
        extra |= _trail(order.trail)
    if order.reason is not None:
        extra["order_cancellation_by_system_reason"] = order.reason
    return extra


def _trail(trail: Trail) -> dict[str, Any]:
    """How a trailing stop follows the market."""
    return {
        "trailingAmt": money.text(trail.amount or trail.percent),
        "trailingType": "amt" if trail.amount else "%",
    }


def order_status(world: World, request: Request) -> Answer:
    """`/iserver/account/order/status/{id}`: no `order_ref`; 503 for what ended on an earlier day, and for an
    order of an account that is not selected [F-62]."""
    text = request.params["order_id"]
    order = words.find(world, text)
    if order is None:
        return error(400, f"Bad Request: Order {text} not found")
    if order.account != world.account.account_id:
        return error(503, "Service Unavailable")
    if not order.live and (order.ended_at or 0) < new_york_midnight(new_york_day(world.now)):
        return error(503, "Service Unavailable")
    return ok(_status_body(world, order))


def _status_body(world: World, order: Order) -> Json:
    listing = world.listings.by_conid[order.conid]
    prices, word = words.stop_and_limit(world, order), words.status(world, order)
    told = words.description(order, prices)
    body: dict[str, Any] = {
        "sub_type": None,
        "request_id": "209",
        "server_id": "0",
        "order_id": words.shown_id(world, order),
        "conidex": str(order.conid),
        "conid": order.conid,
        "symbol": order.symbol,
        "side": order.side[0],
        "contract_description_1": order.symbol,
        "listing_exchange": listing.exchange,
        "option_acct": "c",
        "company_name": listing.company,
        "size": f"{float(order.remaining if order.live else 0)}",
        "total_size": f"{float(order.quantity)}",
        "currency": "USD",
        "account": order.account,
        "order_type": words.ORIGINAL_TYPES[order.kind],
        "cum_fill": f"{float(order.filled)}",
        "order_status": word,
        "order_ccp_status": {"Filled": "2", "Cancelled": "4"}.get(word, "0"),
        "order_status_description": f"Order {word}",
        "tif": order.tif,
        "fgColor": "#FFFFFF",
        "bgColor": "#000000",
        "order_not_editable": not order.live,
        "editable_fields": "\u001e" if order.live else "",
        "cannot_cancel_order": not order.live,
        "outside_rth": order.outside_rth,
        "all_or_none": False,
        "deactivate_order": False,
        "sec_type": "STK",
        "available_chart_periods": "#R|1",
        "order_description": told,
        "order_description_with_contract": f"{order.symbol} {told}",
        "alert_active": 1,
        "child_order_type": "0" if order.parent_id is None else "3",
        "order_clearing_account": order.account,
        "clearing_id": "IB",
        "clearing_name": "IB",
        "size_and_fills": words.sizes_text(order),
        "exit_strategy_display_price": words.price_text(prices),
        "exit_strategy_chart_description": told,
        "order_time": stamp(order.placed_at, _SHORT),
    }
    return body | _status_optional(order, prices)


def _status_optional(order: Order, prices: words.Prices) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    stop, limit = prices
    if limit is not None:
        extra["limit_price"] = money.text(limit)
    if stop is not None:
        extra["stop_price"] = money.text(stop)
    if order.filled:
        extra["average_price"] = words.average_price(order)
    if order.reason is not None:
        extra["order_cancellation_by_system_reason"] = order.reason
    return extra


def trades(world: World, request: Request) -> Answer:
    """`/iserver/account/trades`: today and up to six days before; the first call primes [F-67]."""
    brokerage = world.gateway.open_session
    primed, brokerage.trades_primed = brokerage.trades_primed, True
    if not primed:
        return ok([])
    days = request.asked("days", "1")
    count = min(7, int(days)) if days.isdigit() and int(days) > 0 else 1
    since = new_york_midnight(new_york_day(world.now - (count - 1) * DAY))
    account = _asked_account(world, request)
    return ok([trade_row(world, each) for each in executed_since(world, since) if each.account == account])


def executed_since(world: World, since: Instant) -> list[Execution]:
    """Executions of all accounts since an instant, oldest first."""
    executions = world.exchange.executions
    return executions[bisect_left(executions, since, key=lambda each: each.at) :]


def _commission(world: World, execution: Execution) -> str:
    """It may come later than the trade; until then it is empty [F-67]."""
    delay = world.switches.number("commission_delay_seconds") * SECOND
    return "" if world.now < execution.at + delay else money.text(execution.commission)


def trade_row(world: World, execution: Execution) -> dict[str, Any]:
    """One execution; sizes are numbers, prices and commissions text."""
    listing = world.listings.by_conid[execution.conid]
    account = execution.account
    order = world.exchange.orders[execution.order_id]
    verb = "Bot" if execution.side == "BUY" else "Sold"
    row: dict[str, Any] = {
        "execution_id": execution.execution_id,
        "symbol": execution.symbol,
        "supports_tax_opt": "1",
        "side": execution.side[0],
        "order_description": f"{verb} {execution.quantity} @ {money.text(execution.price)} on SMART",
        "order_id": words.shown_id(world, order),
        "trade_time": stamp(execution.at, "%Y%m%d-%H:%M:%S"),
        "trade_time_r": millis(execution.at),
        "size": float(execution.quantity),
        "price": money.text(execution.price),
        "submitter": world.gateway.user,
        "exchange": listing.exchange,
        "commission": _commission(world, execution),
        "net_amount": money.number(execution.quantity * execution.price),
        "account": account,
        "accountCode": account,
        "account_allocation_name": account,
        "company_name": listing.company,
        "contract_description_1": execution.symbol,
        "sec_type": "STK",
        "listing_exchange": listing.exchange,
        "conid": execution.conid,
        "conidEx": str(execution.conid),
        "clearing_id": "IB",
        "clearing_name": "IB",
        "liquidation_trade": "0",
        "is_event_trading": "0",
        "position": str(world.accounts[account].quantity(execution.conid)),
    }
    hidden = order.parent_id is not None and not world.switches.on("child_order_ref")
    return row if hidden or not execution.coid else row | {"order_ref": execution.coid}


ROUTES = (
    Route(methods="GET", pattern="/iserver/account/orders", handler=live_orders, priming=True),
    Route(
        methods="GET", pattern="/iserver/account/order/status/{order_id}", handler=order_status, priming=True
    ),
    Route(methods="GET", pattern="/iserver/account/trades", handler=trades, priming=True),
)
