"""Every example of the sheet is read by the parser that has to read it, and comes out as the sheet says."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from glassdesk.adapters.ibkr import contracts as our_contracts
from glassdesk.adapters.ibkr import order_tracking as our_tracking
from glassdesk.adapters.ibkr.calls import Answer
from glassdesk.adapters.ibkr.gate import Delivery
from glassdesk.adapters.ibkr.history import Period, history_of
from glassdesk.adapters.ibkr.known import US_ZONE
from glassdesk.adapters.ibkr.orders import cancel_outcome
from glassdesk.adapters.ibkr.outcomes import shapes_of
from glassdesk.adapters.ibkr.parse import Fields, Unparsable, load
from glassdesk.adapters.ibkr.portfolio import balances_of
from glassdesk.adapters.ibkr.positions import position_of
from glassdesk.adapters.ibkr.prices import quote_of
from glassdesk.adapters.ibkr.session import accounts_of, state_of_fields
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.orders.model import OutcomeKind, Side
from glassdesk.workflow.session.model import SessionState
from tests.facts import contracts, market_data, order_tracking, orders, session
from tests.facts.shapes import Fact

NOW = datetime(2026, 4, 2, 14, 0, tzinfo=UTC)


def sent(value: object) -> Any:
    """A value as it comes over the wire: numbers exact."""
    return load(json.dumps(value).encode())


def wire(fact: Fact) -> Any:
    return sent(fact.example)


def body(fact: Fact) -> Answer:
    return Answer(status=fact.status, body=json.dumps(fact.example).encode())


def test_a_full_status_is_ready() -> None:
    assert state_of_fields(Fields(wire(session.STATUS), "status")) == (SessionState.READY, "")


def test_a_logged_out_status_needs_a_person() -> None:
    assert state_of_fields(Fields(wire(session.LOGGED_OUT), "status"))[0] is SessionState.SIGNED_OUT


def test_an_answer_to_init_is_half_ready_until_it_is_established() -> None:
    assert state_of_fields(Fields(wire(session.INIT), "status"))[0] is SessionState.HALF_READY


def test_the_status_inside_a_tickle_is_read() -> None:
    inner = Fields(wire(session.TICKLE), "tickle").inner("iserver").inner("authStatus")
    assert state_of_fields(inner)[0] is SessionState.READY


def test_accounts_take_their_currency_from_the_portfolio() -> None:
    stated = {"accounts": ["DU1234567"], "isPaper": True}
    rows = [{"id": "DU1234567", "accountId": "DU1234567", "currency": "EUR"}]
    (account,) = accounts_of(stated, rows)
    assert (account.account, account.is_paper, account.currency) == ("DU1234567", True, "EUR")
    assert account.trading_type == ""


def test_T_56_accounts_take_what_pays_from_the_portfolio() -> None:
    rows = [{"accountId": "DU1234567", "currency": "USD", "tradingType": "STKCASH"}]
    (account,) = accounts_of({"accounts": ["DU1234567"], "isPaper": True}, rows)
    assert account.trading_type == "STKCASH"


def test_a_search_row_is_read_with_its_text_conid() -> None:
    (row,) = contracts.SEARCH.example
    assert our_contracts.search_row(row) == Contract(
        conid=756733, symbol="SPY", name="SPDR S&P 500", sec_type="STK", exchange="ARCA", currency=""
    )


def test_stocks_are_read_by_symbol() -> None:
    (found,) = our_contracts.stocks_of(wire(contracts.STOCKS), "AAPL")
    assert (found.conid, found.exchange, found.sec_type) == (265598, "NASDAQ", "STK")
    assert our_contracts.stocks_of(wire(contracts.STOCKS), "SPY") == []


def test_rules_are_read_in_codes_of_the_order_api() -> None:
    rules = our_contracts.rules_of(wire(contracts.RULES), 756733, "DU1234567", NOW)
    assert rules.can_trade
    assert {"LMT", "MKT", "STP"} <= rules.order_types
    assert rules.tifs == {"IOC", "GTC", "OPG", "GTD", "DAY"}
    assert rules.tick_at(Decimal("655.94")) == Decimal("0.01")


def test_rules_of_another_account_forbid_trading() -> None:
    assert not our_contracts.rules_of(wire(contracts.RULES), 756733, "DU7654321", NOW).can_trade


def test_hours_are_read_in_seconds() -> None:
    zone, hours = our_contracts.hours_of(wire(contracts.SCHEDULE))
    assert zone == ZoneInfo("America/New_York")
    assert [one.session for one in hours] == [date(2026, 4, 2)]
    assert hours[0].opens_at == datetime(2026, 4, 2, 13, 30, tzinfo=UTC)
    assert hours[0].closes_at == datetime(2026, 4, 2, 20, 0, tzinfo=UTC)


def test_bars_are_in_price_units_and_shares() -> None:
    (bar,) = history_of(wire(market_data.HISTORY), BarSize.MIN_1, Period(code="1d", bars=200), US_ZONE).bars
    assert (bar.open, bar.close) == (Decimal("646.42"), Decimal("646.86"))
    assert bar.volume == Decimal("17219.125") * 40
    assert bar.start == datetime(2026, 4, 2, 13, 30, tzinfo=UTC)
    assert bar.session == date(2026, 4, 2)


def test_a_snapshot_is_a_quote_and_a_preflight_is_none() -> None:
    (row,) = market_data.SNAPSHOT.example
    quote = quote_of(row, NOW)
    assert quote is not None
    assert (quote.bid, quote.ask, quote.last) == (Decimal("655.04"), Decimal("655.06"), Decimal("655.05"))
    assert quote.real_time
    assert quote_of(market_data.PREFLIGHT.example[0], NOW) is None


@pytest.mark.parametrize("fact", orders.PLACING, ids=lambda fact: fact.name)
def test_every_shape_of_a_placement_answer_says_something(fact: Fact) -> None:
    assert shapes_of(body(fact), ()).says_something


@pytest.mark.parametrize(
    ("fact", "kind"),
    [(orders.CANCEL, OutcomeKind.ACCEPTED), (orders.CANCEL_UNKNOWN, OutcomeKind.REJECTED)],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_an_answer_to_a_cancel_is_read(fact: Fact, kind: OutcomeKind) -> None:
    assert cancel_outcome(Delivery(answer=body(fact), sent=True), "602801486").kind is kind


def test_a_row_of_live_orders_is_read() -> None:
    found = our_tracking.orders_of(wire(order_tracking.LIVE_ORDERS))
    (row,) = found.rows
    assert found.complete
    assert (row.broker_order_id, row.order_ref, row.order_type) == ("473740665", "abc-0001", "LMT")
    assert [row.total, row.filled, row.remaining] == [5, 0, 5]
    assert (row.price, row.average_price, row.side) == (Decimal("640.00"), None, Side.BUY)


def test_the_first_list_of_a_session_is_unknown_not_empty() -> None:
    assert our_tracking.orders_of(wire(order_tracking.FIRST_LIST)).complete is False


def test_a_row_nobody_can_read_makes_the_list_incomplete() -> None:
    example = wire(order_tracking.LIVE_ORDERS)
    example["orders"].append({**example["orders"][0], "remainingQuantity": "many"})
    found = our_tracking.orders_of(example)
    assert len(found.rows) == 1
    assert found.complete is False


def test_an_order_status_is_read_from_text() -> None:
    stated = {
        "order_id": 473740665,
        "conid": 756733,
        "symbol": "SPY",
        "side": "B",
        "order_type": "LIMIT",
        "limit_price": "640.00",
        "size": "3.0",
        "total_size": "5.0",
        "cum_fill": "2.0",
        "average_price": "639.99",
        "tif": "DAY",
        "order_status": "Submitted",
        "account": "DU1234567",
    }
    row = our_tracking.status_of(stated)
    assert [row.total, row.filled, row.remaining] == [5, 2, 3]
    assert (row.side, row.price, row.average_price) == (Side.BUY, Decimal("640.00"), Decimal("639.99"))
    assert row.order_ref is None


def trade(**changes: object) -> Any:
    stated = {
        "execution_id": "0000e0d5.6576fd38.01.01",
        "symbol": "SPY",
        "side": "S",
        "order_ref": "gd1s",
        "order_id": 473740665,
        "trade_time_r": 1775136600000,
        "size": 5.0,
        "price": "1,640.25",
        "commission": "1.01",
        "account": "DU1234567",
        "conid": 756733,
    }
    return sent(stated | changes)


def test_an_execution_is_read_with_its_revision() -> None:
    found = our_tracking.execution_of(trade())
    assert (found.execution, found.revision) == ("0000e0d5.6576fd38.01", 1)
    assert (found.side, found.quantity, found.price) == (Side.SELL, Decimal(5), Decimal("1640.25"))
    assert found.commission == Decimal("1.01")
    assert our_tracking.execution_of(trade(execution_id="0000e0d5.6576fd38.01.02")).revision == 2


def test_a_missing_commission_is_not_stated_rather_than_nothing() -> None:
    assert our_tracking.execution_of(trade(commission="")).commission is None
    # A trade that the venue took back comes again with no shares.
    assert our_tracking.execution_of(trade(size=0.0)).quantity == Decimal(0)
    with pytest.raises(Unparsable):
        our_tracking.execution_of(trade(size=-1.0))


def test_both_kinds_of_position_rows_are_read() -> None:
    cached = {"acctId": "DU1", "conid": 756733, "contractDesc": "SPY", "position": 5.0, "avgCost": 640.2}
    cached_row = position_of(sent(cached | {"mktPrice": 641.5}), "DU1")
    fresh = {"conid": "756733", "description": "SPY", "position": 5.0, "avgCost": 640.2, "marketPrice": 641.5}
    assert position_of(sent(fresh), "DU1") == cached_row
    assert cached_row.quantity == 5


def test_balances_come_from_summary_and_ledger() -> None:
    figure = {"amount": 1005182.4, "currency": "USD", "isNull": False, "value": None}
    summary = load(json.dumps({"netliquidation": figure, "availablefunds": figure}).encode())
    ledger = load(b'{"BASE":{"cashbalance":1000.5,"settledcash":900.25},"USD":{}}')
    balances = balances_of("DU1", summary, ledger)
    assert (balances.net_liquidation, balances.cash) == (Decimal("1005182.4"), Decimal("1000.5"))
    assert (balances.settled_cash, balances.currency) == (Decimal("900.25"), "USD")
