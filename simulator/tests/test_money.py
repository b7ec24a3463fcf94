"""Balances, exact to the cent."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ibkr_simulator.exchange import fees
from ibkr_simulator.exchange.accounts import Position
from ibkr_simulator.exchange.orders import Side
from simulator.tests.conftest import Make
from simulator.tests.support import AAPL, limit


def test_cash_position_and_equity_agree_to_the_cent_after_a_round_trip(make: Make) -> None:
    client = make()
    client.place(limit("in", 700.0, quantity=33))
    client.advance("2012-10-03T15:00:00Z")
    client.place(limit("out", 600.0, side="SELL", quantity=33))
    cash = Decimal("100000.00")
    for row in client.executions():
        sign = -1 if row["side"] == "BUY" else 1
        cash += sign * row["quantity"] * Decimal(row["price"]) - Decimal(row["commission"])
    truth = client.control("GET", "/truth/equity")
    assert Decimal(truth["cash"]) == Decimal(truth["equity"]) == cash
    ledger = client.get("/portfolio/DU1234567/ledger")["BASE"]
    assert Decimal(str(ledger["cashbalance"])) == Decimal(str(ledger["netliquidationvalue"])) == cash
    assert sum(Decimal(row["amount"]) for row in client.control("GET", "/truth/cash")) == cash
    assert Decimal(str(ledger["realizedpnl"])) == cash - 100_000


def test_every_view_of_the_account_shows_the_same_net_liquidation(make: Make) -> None:
    client = make()
    client.place(limit("in", 700.0, quantity=33))
    client.advance("2012-10-02T17:23:00Z")
    truth = float(client.control("GET", "/truth/equity")["equity"])
    client.get("/iserver/account/pnl/partitioned")
    profit = client.get("/iserver/account/pnl/partitioned")["upnl"]["DU1234567.Core"]
    summary = client.get("/portfolio/DU1234567/summary")
    assert profit["nl"] == summary["netliquidation"]["amount"] == truth
    position = client.get("/portfolio/DU1234567/positions/0")[0]
    assert summary["totalcashvalue"]["amount"] + position["mktValue"] == truth
    assert profit["upl"] == position["unrealizedPnl"]


def test_the_days_profit_counts_from_yesterdays_close(make: Make) -> None:
    client = make()
    client.place(limit("in", 700.0, quantity=10))
    client.advance("2012-10-02T20:00:00Z")
    client.get("/iserver/account/pnl/partitioned")
    profit = client.get("/iserver/account/pnl/partitioned")["upnl"]["DU1234567.Core"]["dpl"]
    # AAPL closed at 659.39 on the first and 661.31 on the second.
    assert profit == 19.2


def test_commission_has_a_floor_and_a_ceiling() -> None:
    assert fees.commission(10, 10 * 66000) == 100
    assert fees.commission(1000, 1000 * 2000) == 500
    assert fees.commission(10, 10 * 50) == 5


def test_positions_are_cached_when_the_switch_says_so_and_portfolio2_is_not(make: Make) -> None:
    client = make(positions_cache_seconds="300")
    client.place(limit("a", 700.0))
    client.get("/portfolio/DU1234567/positions/0")
    client.place(limit("b", 700.0))
    assert client.get("/portfolio/DU1234567/positions/0")[0]["position"] == 10.0
    assert client.get("/portfolio2/DU1234567/positions")[0]["position"] == 20.0
    client.post("/portfolio/DU1234567/positions/invalidate", {})
    assert client.get("/portfolio/DU1234567/positions/0")[0]["position"] == 20.0
    assert client.get(f"/portfolio/DU1234567/position/{AAPL}")[0]["position"] == 20.0


fills = st.lists(
    st.tuples(st.sampled_from(["BUY", "SELL"]), st.integers(1, 500), st.integers(1, 90_000)),
    min_size=1,
    max_size=12,
)


@given(fills)
def test_realized_and_unrealized_together_are_all_that_was_gained(
    trades: list[tuple[Side, int, int]],
) -> None:
    position, paid = Position(conid=AAPL, symbol="AAPL"), 0
    for side, quantity, price in trades:
        sign = 1 if side == "BUY" else -1
        cash = -sign * quantity * price - fees.commission(quantity, quantity * price)
        position.book(sign * quantity, cash)
        paid += cash
    last = trades[-1][2]
    assert position.realized + position.quantity * last - position.cost == paid + position.quantity * last
    assert position.quantity == sum(q if side == "BUY" else -q for side, q, _ in trades)
    assert position.quantity or not position.cost
