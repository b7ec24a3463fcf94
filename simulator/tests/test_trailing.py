"""Trailing stops, read off the tape, do what stepping through every print would do."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ibkr_simulator.exchange import trailing
from ibkr_simulator.exchange.accounts import Account
from ibkr_simulator.exchange.exchange import Exchange
from ibkr_simulator.exchange.market import Market
from ibkr_simulator.exchange.orders import Order, Side, Ticket, Trail
from ibkr_simulator.instants import MINUTE, SECOND, parse
from ibkr_simulator.switches import Switches
from simulator.tests.conftest import Make
from simulator.tests.support import AAPL, ACCOUNT, Inside, limit

NOON = parse("2012-10-01T16:00:00Z")
DAYS = 3
trails = st.builds(Trail, amount=st.integers(1, 2500)) | st.builds(Trail, percent=st.integers(1, 400))


def stop_order(side: Side, trail: Trail, now: int) -> Order:
    return Order(
        order_id=1,
        sequence=1,
        account="DU1",
        conid=AAPL,
        symbol="AAPL",
        side=side,
        kind="TRAIL",
        tif="GTC",
        quantity=1,
        placed_at=now,
        updated_at=now,
        trail=trail,
    )


def stepped(market: Market, order: Order, now: int, until: int) -> tuple[int | None, int]:
    """When the stop is reached and where it stands then, print by print."""
    sessions, stop = market.sessions, order.stop or 0
    for session in range(sessions.latest(now), sessions.latest(until) + 1):
        for minute, price in enumerate(market.path(AAPL, session).prices.tolist()):
            at = sessions.opens[session] + minute * MINUTE
            if not now < at <= until or order.trail is None:
                continue
            stop = (min if order.buying else max)(
                stop, trailing.behind(order.trail, price, buying=order.buying)
            )
            if price >= stop if order.buying else price <= stop:
                return at, stop
    return None, stop


@given(st.sampled_from(["BUY", "SELL"]), trails, st.integers(0, 40_000))
@settings(max_examples=60, deadline=None)
def test_a_trailing_stop_is_reached_when_stepping_through_the_prints_says_so(
    market: Market, side: Side, trail: Trail, seconds: int
) -> None:
    now = NOON + seconds * SECOND
    until = now + DAYS * 1440 * MINUTE
    order, quote = stop_order(side, trail, now), market.quote(AAPL, now)
    assert quote is not None
    trailing.begin(order, quote.last, now)
    reached, _ = stepped(market, order, now, until)
    assert trailing.first_trigger(market, order, now, until) == reached


@given(st.sampled_from(["BUY", "SELL"]), trails, st.integers(0, 40_000), st.integers(1, 2_000))
@settings(max_examples=40, deadline=None)
def test_the_exchange_fills_a_trailing_stop_at_that_print_however_time_passes(
    market: Market, side: Side, trail: Trail, seconds: int, step: int
) -> None:
    now = NOON + seconds * SECOND
    until = now + DAYS * 1440 * MINUTE
    exchange = Exchange(market, [Account(account_id="DU1")], Switches(), 7, now)
    exchange.book(Ticket(conid=AAPL, side=side, kind="TRAIL", tif="GTC", quantity=1, trail=trail))
    order, quote = stop_order(side, trail, now), market.quote(AAPL, now)
    assert quote is not None
    trailing.begin(order, quote.last, now)
    for at in (*range(now, until, step * MINUTE), until):
        exchange.advance(at)
    reached, stop = stepped(market, order, now, until)
    assert [each.at for each in exchange.executions] == ([] if reached is None else [reached])
    kept = next(iter(exchange.orders.values()))
    assert trailing.caught_up(market, kept, until) == stop


@given(st.sampled_from(["BUY", "SELL"]), trails, st.lists(st.integers(1, 300), max_size=4))
@settings(max_examples=60, deadline=None)
def test_looking_at_a_trailing_stop_often_moves_it_as_looking_once(
    market: Market, side: Side, trail: Trail, minutes: list[int]
) -> None:
    often, once = stop_order(side, trail, NOON), stop_order(side, trail, NOON)
    for order in (often, once):
        trailing.begin(order, 66_000, NOON)
    now = NOON
    for step in minutes:
        now += step * MINUTE
        trailing.catch_up(market, often, now)
    assert trailing.caught_up(market, once, now) == often.stop


def trail_order(name: str, **terms: Any) -> dict[str, Any]:
    base = limit(name, 0.0, side="SELL", tif="GTC") | {"orderType": "TRAIL", "trailingType": "amt"}
    del base["price"]
    return base | terms


def test_a_trailing_stop_follows_the_price_up_and_sells_on_the_way_down(make: Make) -> None:
    client = make(questions="")
    client.place(limit("in", 700.0))
    client.place(trail_order("t", trailingAmt=5))
    quote = client.world.exchange.quote(AAPL)
    assert quote is not None
    row = client.orders()["t"]
    assert (row["origOrderType"], row["status"]) == ("TRAILING_STOP", "PreSubmitted")
    assert (row["trailingAmt"], row["trailingType"]) == ("5.00", "amt")
    assert float(row["auxPrice"]) == float(row["price"]) == quote.last / 100 - 5
    seen = []
    while client.orders()["t"]["status"] == "PreSubmitted":
        seen.append(float(client.orders()["t"]["auxPrice"]))
        client.world.advance(client.world.now + 5 * MINUTE, tickled=False)
    assert seen == sorted(seen)
    assert seen[-1] > seen[0]
    sold = client.executions()[-1]
    assert (sold["coid"], sold["side"]) == ("t", "SELL")
    assert float(sold["price"]) <= seen[-1]


def test_a_first_stop_that_is_nearer_to_the_market_stands_and_a_farther_one_does_not(make: Make) -> None:
    client = make(questions="")
    quote = client.world.exchange.quote(AAPL)
    assert quote is not None
    last = quote.last / 100
    client.place(trail_order("near", trailingAmt=20, price=last - 5))
    client.place(trail_order("far", trailingAmt=20, price=last - 50))
    client.place(trail_order("buy", trailingAmt=20, price=last + 5, side="BUY"))
    stops = {name: float(row["auxPrice"]) for name, row in client.orders().items()}
    assert stops == {"near": last - 5, "far": last - 20, "buy": last + 5}


def test_a_stop_stays_at_least_a_cent_behind() -> None:
    assert Trail(percent=1).distance(100) == 1
    assert (Trail(percent=150).distance(10_000), Trail(percent=150).distance(10_034)) == (150, 151)
    assert Trail(amount=7).distance(10_000) == 7


def test_a_trailing_limit_takes_its_limit_along(make: Make) -> None:
    client = make(questions="")
    client.place(
        trail_order(
            "t", orderType="TRAILLMT", trailingAmt=5.25, trailingType="%", price=620.0, auxPrice=622.0
        )
    )
    client.advance("2012-10-02T13:35:00Z")
    row, truth = client.orders()["t"], client.control("GET", "/truth/orders")[0]
    status = client.get(f"/iserver/account/order/status/{truth['order_id']}")
    assert float(row["auxPrice"]) - float(row["price"]) == 2.0
    assert float(status["stop_price"]) - float(status["limit_price"]) == 2.0
    assert float(row["auxPrice"]) > 622.0


def test_a_trailing_child_begins_to_follow_when_its_parent_fills(make: Make) -> None:
    client = make(questions="")
    child = trail_order("b-stop", trailingAmt=10, parentId="b")
    quote = client.world.exchange.quote(AAPL)
    assert quote is not None
    client.place(limit("b", quote.last / 100 - 1), child)
    assert "auxPrice" not in client.orders()["b-stop"]
    _until_filled(client, "b")
    filled_at = float(client.executions()[0]["price"])
    quote = client.world.exchange.quote(AAPL)
    assert quote is not None
    assert float(client.orders()["b-stop"]["auxPrice"]) == quote.last / 100 - 10
    assert abs(quote.last / 100 - filled_at) < 1


def _until_filled(client: Inside, name: str) -> None:
    while client.orders()[name]["status"] != "Filled":
        client.world.advance(client.world.now + MINUTE, tickled=False)


def test_changing_a_trail_begins_afresh_and_never_without_its_type(make: Make) -> None:
    client = make(questions="")
    order_id = client.place(trail_order("t", trailingAmt=5))[0]["order_id"]
    path = f"{ACCOUNT}/order/{order_id}"
    assert client.post(path, trail_order("t", trailingAmt=20))[0]["order_status"] == "PreSubmitted"
    quote = client.world.exchange.quote(AAPL)
    assert quote is not None
    assert float(client.orders()["t"]["auxPrice"]) == quote.last / 100 - 20
    assert "error" in client.ask(trail_order("u", trailingAmt=0))
    for wrong in ("percent", None):
        order = trail_order("u", trailingAmt=1, trailingType=wrong)
        assert client.api("POST", f"{ACCOUNT}/orders", {"orders": [order]}) == (500, "")
