"""Dividends, splits, interest and fees, worked out by hand."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from simulator.tests.conftest import begin
from simulator.tests.small_tape import small_market
from simulator.tests.support import AAPL, Inside, limit

FIRST, LAST = date(2012, 10, 1), date(2013, 1, 31)
EX, PAY = date(2012, 10, 10), date(2012, 10, 25)
HELD = "/portfolio/DU1234567"


def flat(closes: list[int], *, tape: dict[str, Any] | None = None, **switches: str) -> Inside:
    """A world of flat days, without commissions of note: 100 shares at 50.00 cost 1.00."""
    given = {"questions": "", "regulatory_fees": "off", "dividends": "on", **switches}
    return begin(small_market(FIRST, LAST, closes, **(tape or {})), "2012-10-01T15:00:00Z", **given)


def trade(client: Inside, side: str, quantity: int) -> None:
    order = {"conid": AAPL, "orderType": "MKT", "tif": "DAY", "side": side, "quantity": quantity}
    assert client.place(order)[0]["order_status"] == "Filled"


def truth(client: Inside) -> dict[str, Decimal]:
    rows = client.control("GET", "/truth/equity")
    return {name: Decimal(value) for name, value in rows.items() if name not in ("account", "at")}


def lane(client: Inside, name: str) -> list[tuple[str, str, str]]:
    rows = client.control("GET", "/truth/cash")
    return [(row["at"], row["amount"], row["reference"]) for row in rows if row["lane"] == name]


def test_who_holds_shares_overnight_earns_the_dividend_and_gets_it_on_the_pay_date() -> None:
    client = flat([5_000], tape={"dividends": [(EX, "0.335", PAY)]})
    trade(client, "BUY", 101)
    before = truth(client)
    client.advance("2012-10-10T03:59:59Z")
    assert truth(client)["accrued_dividends"] == 0
    client.advance("2012-10-10T04:00:00Z")
    # 101 × 0.335 = 33.835
    assert truth(client)["accrued_dividends"] == Decimal("33.84")
    assert truth(client)["equity"] == before["equity"] + Decimal("33.84")
    assert truth(client)["cash"] == before["cash"]
    assert client.get(f"{HELD}/ledger")["USD"]["dividends"] == 33.84
    assert client.get(f"{HELD}/summary")["accrueddividend"]["amount"] == 33.84
    client.advance("2012-10-10T14:00:00Z")
    trade(client, "SELL", 101)
    client.advance("2012-10-25T04:00:00Z")
    assert lane(client, "dividend") == [("2012-10-25T04:00:00Z", "33.84", "dividend-265598-2012-10-10")]
    assert truth(client)["accrued_dividends"] == 0


def test_who_buys_on_the_ex_date_gets_none_and_who_is_short_pays() -> None:
    client = flat([5_000], tape={"dividends": [(EX, "0.50", PAY)]}, borrow_fee_percent="0")
    trade(client, "SELL", 200)
    client.advance("2012-10-10T14:00:00Z")
    trade(client, "BUY", 300)
    client.advance("2012-11-01T14:00:00Z")
    assert [row[1] for row in lane(client, "dividend")] == ["-100.00"]


def test_dividends_can_be_left_out() -> None:
    client = flat([5_000], tape={"dividends": [(EX, "0.50", PAY)]}, dividends="off")
    trade(client, "BUY", 100)
    client.advance("2012-11-01T14:00:00Z")
    assert lane(client, "dividend") == []


def test_a_lasting_order_is_not_reduced_for_a_dividend() -> None:
    client = flat([5_000], tape={"dividends": [(EX, "2.50", PAY)]})
    client.place(limit("gtc", 45.0, tif="GTC"))
    client.advance("2012-10-10T15:00:00Z")
    row = client.orders()["gtc"]
    assert (row["price"], row["totalSize"], row["status"]) == ("45.00", 10.0, "Submitted")


@pytest.mark.parametrize(
    ("ratio", "side", "held", "after", "paid"),
    [
        (Fraction(2), "BUY", 101, 202, []),
        # 151.5 shares; half of one at 50.00 / 1.5 = 33.33.
        (Fraction(3, 2), "BUY", 101, 151, ["16.67"]),
        # 10.1 shares; a tenth of one at 500.00.
        (Fraction(1, 10), "BUY", 101, 10, ["50.00"]),
        (Fraction(1, 10), "SELL", 101, -10, ["-50.00"]),
        (Fraction(1, 200), "BUY", 101, 0, ["5050.00"]),
    ],
)
def test_a_split_multiplies_shares_and_pays_for_what_is_left(
    ratio: Fraction, side: str, held: int, after: int, paid: list[str]
) -> None:
    day = date(2012, 10, 3)
    split_price = int(5_000 / ratio)
    client = flat([5_000, 5_000, split_price], tape={"splits": [(day, ratio)]}, borrow_fee_percent="0")
    trade(client, side, held)
    client.place(limit("gtc", 45.0, tif="GTC"))
    before = truth(client)["equity"]
    client.advance("2012-10-03T04:00:00Z")
    position = client.get("/portfolio2/DU1234567/positions")[0]
    assert position["position"] == after
    assert [row[1] for row in lane(client, "cash_in_lieu")] == paid
    order = client.control("GET", "/truth/orders")[-1]
    words = f"{ratio.numerator}:{ratio.denominator} split"
    assert (order["state"], order["reason"]) == ("cancelled", words)
    client.advance("2012-10-03T15:00:00Z")
    # What is missing are fractions of a cent a share.
    assert abs(truth(client)["equity"] - before) < Decimal("1.50")
    told = client.get("/portfolio2/DU1234567/positions")[0]
    gained = Decimal(str(told["realizedPnl"])) + Decimal(str(told["unrealizedPnl"]))
    assert truth(client)["equity"] == 100_000 + gained


def test_borrowed_money_costs_interest_day_by_day_and_is_booked_at_the_end_of_the_month() -> None:
    client = flat([5_000], interest_debit_percent="3.60")
    trade(client, "BUY", 3_000)
    # 150,030 and a commission of 15 leave a debit of 50,045: 5.0045 a day.
    client.advance("2012-10-02T04:00:00Z")
    assert truth(client)["accrued_interest"] == Decimal("-5.00")
    client.advance("2012-10-11T04:00:00Z")
    assert truth(client)["accrued_interest"] == Decimal("-50.05")
    assert client.get(f"{HELD}/summary")["accruedcash"]["amount"] == -50.05
    client.advance("2012-11-01T04:00:00Z")
    # 31 days.
    assert lane(client, "interest") == [("2012-11-01T04:00:00Z", "-155.14", "interest-2012-10")]
    assert truth(client)["accrued_interest"] == 0
    assert truth(client)["cash"] == Decimal("-50045.00") - Decimal("155.14")


def test_idle_cash_earns_above_the_free_part_and_proceeds_of_short_sales_earn_nothing() -> None:
    client = flat([5_000], interest_credit_percent="3.60", borrow_fee_percent="0")
    client.advance("2012-10-02T04:00:00Z")
    assert truth(client)["accrued_interest"] == Decimal("9.00")
    client.advance("2012-10-02T14:00:00Z")
    trade(client, "SELL", 1_000)
    client.advance("2012-10-10T04:00:00Z")
    # 100,000 less spread and commission of 15.00 and the free 10,000, for eight days more.
    assert truth(client)["accrued_interest"] == Decimal("80.99")


def test_lent_shares_cost_a_fee() -> None:
    client = flat([5_000], borrow_fee_percent="7.20", interest_debit_percent="0")
    trade(client, "SELL", 1_000)
    client.advance("2012-11-01T04:00:00Z")
    # 50,000 at 7.2 % are 10.00 a day, for 31 days.
    assert lane(client, "borrow") == [("2012-11-01T04:00:00Z", "-310.00", "borrow-2012-10")]


def test_a_monthly_fee_is_taken_at_the_end_of_every_month() -> None:
    client = flat([5_000], monthly_fee="4.50")
    client.advance("2013-01-15T15:00:00Z")
    assert [(row[1], row[2]) for row in lane(client, "fee")] == [
        ("-4.50", "fee-2012-10"),
        ("-4.50", "fee-2012-11"),
        ("-4.50", "fee-2012-12"),
    ]


def test_the_days_profit_begins_at_midnight_and_knows_deposits() -> None:
    client = flat([5_000, 5_100, 5_300])
    client.get("/iserver/account/pnl/partitioned")

    def day() -> float:
        return float(client.get("/iserver/account/pnl/partitioned")["upnl"]["DU1234567.Core"]["dpl"])

    trade(client, "BUY", 100)
    # A cent of spread and a commission of 1.00.
    assert day() == -2.0
    client.advance("2012-10-02T15:00:00Z")
    client.control("POST", "/person/deposit", {"amount": "1234.56"})
    assert day() == 100.0
    client.advance("2012-10-03T15:00:00Z")
    assert day() == 200.0


def test_a_busted_trade_gives_shares_money_and_commission_back() -> None:
    client = flat([5_000])
    trade(client, "BUY", 100)
    trade(client, "SELL", 40)
    bought = client.executions()[0]["execution_id"]
    told = client.control("POST", "/person/bust", {"execution_id": bought})
    assert told == {"execution_id": bought[:-1] + "2"}
    assert client.get("/portfolio2/DU1234567/positions")[0]["position"] == -40.0
    rows = client.get("/iserver/account/trades")
    assert [(row["execution_id"], row["size"]) for row in rows][-1] == (bought[:-1] + "2", 0.0)
    # Only the sale is left: 40 at 49.99 and its commission.
    assert truth(client)["cash"] == Decimal("100000.00") + 40 * Decimal("49.99") - 1
    with pytest.raises(AssertionError, match="an execution that stands"):
        client.control("POST", "/person/bust", {"execution_id": bought})


def test_what_fills_after_a_bust_pays_the_commission_of_what_is_left() -> None:
    client = flat([5_000], partial_fills="2")
    client.place({"conid": AAPL, "orderType": "MKT", "tif": "DAY", "side": "BUY", "quantity": 800})
    client.control("POST", "/person/bust", {"execution_id": client.executions()[0]["execution_id"]})
    client.advance("2012-10-01T15:10:00Z")
    rows = client.get("/iserver/account/trades")
    # 400 shares cost 2.00: the first 400 go, and come again.
    assert [(row["size"], row["commission"]) for row in rows] == [
        (400.0, "2.00"),
        (0.0, "0.00"),
        (400.0, "2.00"),
        (400.0, "2.00"),
    ]
    assert truth(client)["cash"] == Decimal("100000.00") - 800 * Decimal("50.01") - 4


def test_a_correction_shows_in_the_orders_average_price() -> None:
    client = flat([5_000])
    client.place(limit("a", 51.0, quantity=100))
    assert client.orders()["a"]["avgPrice"] == "50.01"
    client.world.exchange.correct(client.world.exchange.effective()[0], -3)
    assert client.orders()["a"]["avgPrice"] == "49.98"


def test_a_corrected_sale_is_realised_and_a_corrected_purchase_changes_the_cost() -> None:
    client = flat([5_000])
    trade(client, "BUY", 100)
    trade(client, "SELL", 40)
    before = client.get("/portfolio2/DU1234567/positions")[0]
    bought, sold = client.world.exchange.effective()
    client.world.exchange.correct(sold, 50)
    after = client.get("/portfolio2/DU1234567/positions")[0]
    assert after["realizedPnl"] == pytest.approx(before["realizedPnl"] + 20.0)
    assert after["avgCost"] == before["avgCost"]
    client.world.exchange.correct(bought, 50)
    last = client.get("/portfolio2/DU1234567/positions")[0]
    # Sixty of the hundred shares are still there: 30.00 of the 50.00 go into their cost.
    assert last["avgCost"] == pytest.approx(after["avgCost"] + 0.5)
    assert last["realizedPnl"] == pytest.approx(after["realizedPnl"] - 20.0)


def test_transactions_list_dividends_and_cash_in_lieu_without_price_and_quantity() -> None:
    client = flat([5_000], tape={"dividends": [(EX, "0.335", PAY)]})
    trade(client, "BUY", 101)
    client.advance("2012-10-25T04:00:00Z")
    asked = {"acctIds": ["DU1234567"], "conids": [AAPL], "days": 90}
    [_, paid] = client.post("/pa/transactions", asked)["transactions"]
    assert (paid["type"], paid["amt"], paid["rawDate"], paid["conid"]) == (
        "Dividend Payment", 33.84, "20121025", AAPL,
    )  # fmt: skip
    assert {"pr", "qty"}.isdisjoint(paid)
