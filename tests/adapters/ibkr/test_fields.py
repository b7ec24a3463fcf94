"""Every field we read has one form: what is missing or of another is an error that names it [F-31, F-76].

What is read from an answer in its right form stands in tests/facts; here each field in turn is spoilt.
"""

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from glassdesk.adapters.ibkr import contracts as ours
from glassdesk.adapters.ibkr.history import Period, history_of
from glassdesk.adapters.ibkr.order_tracking import execution_of, orders_of, row_of, status_of
from glassdesk.adapters.ibkr.parse import Unparsable, load
from glassdesk.adapters.ibkr.portfolio import balances_of
from glassdesk.adapters.ibkr.positions import position_of
from glassdesk.adapters.ibkr.prices import quote_of
from glassdesk.adapters.ibkr.session import accounts_of
from glassdesk.workflow.market_data.model import BarSize
from tests.facts import contracts, market_data, order_tracking, session

NOW = datetime(2026, 4, 2, 14, 0, tzinfo=UTC)
READ_AT = datetime(2026, 4, 2, 13, 30, tzinfo=UTC)
MISSING = object()
Read = Callable[[Any], Any]

ORDER: dict[str, Any] = order_tracking.LIVE_ORDERS.example["orders"][0]
STATUS: dict[str, Any] = {
    "order_id": 473740665,
    "account": "DU1234567",
    "conid": 756733,
    "side": "B",
    "order_type": "LIMIT",
    "order_status": "Submitted",
    "limit_price": "640.00",
    "size": "5.0",
    "total_size": "5.0",
    "cum_fill": "0.0",
    "tif": "DAY",
}
TRADE: dict[str, Any] = {
    "execution_id": "0000e0d5.6576fd38.01.01",
    "order_ref": "gd1",
    "order_id": 7,
    "account": "DU1234567",
    "conid": 756733,
    "symbol": "SPY",
    "side": "B",
    "size": 5.0,
    "price": "640.01",
    "commission": "1.00",
    "trade_time": "20260402-13:30:00",
    "trade_time_r": 1775136600000,
}
QUOTE = {
    "conid": 1,
    "conidEx": "1",
    "_updated": 1775136600000,
    "6509": "RpB",
    "31": "5",
    "84": "4",
    "86": "6",
}
POSITION = {"acctId": "DU1", "conid": "756733", "position": -5.0, "avgCost": 640.0, "marketPrice": "641"}
INFO: dict[str, Any] = {
    "con_id": 756733,
    "symbol": "SPY",
    "instrument_type": "STK",
    "company_name": "SPDR",
    "exchange": "ARCA",
    "currency": "USD",
}
RULES: dict[str, Any] = contracts.RULES.example
BARS: dict[str, Any] = market_data.HISTORY.example


def bars(stated: Any) -> Any:
    return history_of(stated, BarSize.MIN_1, Period(code="1d", bars=200), ZoneInfo("America/New_York")).bars


def rules(stated: Any) -> Any:
    return ours.rules_of(stated, 756733, "DU1234567", NOW)


def quote(stated: Any) -> Any:
    return quote_of(stated, NOW)


def position(stated: Any) -> Any:
    return position_of(stated, "DU1")


def spoilt(example: dict[str, Any], path: str, value: object) -> Any:
    """As it comes over the wire, with the field at `path` gone or of another form."""
    made = deepcopy(example)
    *way, last = path.split("/")
    inner: Any = made
    for name in way:
        inner = inner[int(name) if name.isdigit() and isinstance(inner, list) else name]
    if value is MISSING:
        del inner[last]
    else:
        inner[last] = value
    return load(json.dumps(made).encode())


NO_NUMBER: tuple[object, ...] = (MISSING, None, "", "NA", "1,30", "1e5", True, [], {})
NO_COUNT: tuple[object, ...] = (*NO_NUMBER, -1, "0.5")
NO_AMOUNT: tuple[object, ...] = (*NO_NUMBER, -1, "-0.01")
NO_POSITIVE: tuple[object, ...] = (*NO_AMOUNT, 0)
NO_TEXT: tuple[object, ...] = (MISSING, None, "", [], {}, True)
NO_SIDE: tuple[object, ...] = (*NO_TEXT, "b", "SHORT")
NO_MILLIS: tuple[object, ...] = (*NO_NUMBER, 1775136600, -1)
CASES: list[tuple[Read, dict[str, Any], str, tuple[object, ...]]] = [
    (row_of, ORDER, "orderId", NO_TEXT),
    (row_of, ORDER, "acct", ([], True)),
    (row_of, ORDER, "conid", tuple(v for v in NO_COUNT if v != -1)),
    (row_of, ORDER, "side", NO_SIDE),
    (row_of, ORDER, "status", NO_TEXT),
    (row_of, ORDER, "origOrderType", ([], True)),
    (row_of, ORDER, "filledQuantity", NO_AMOUNT),
    (row_of, ORDER, "remainingQuantity", NO_AMOUNT),
    (row_of, ORDER, "totalSize", ("NA", [], True)),
    (row_of, ORDER, "price", ("far", [], True)),
    (row_of, ORDER, "avgPrice", ("far", [], True)),
    (row_of, ORDER, "timeInForce", ([], True)),
    (row_of, ORDER, "order_ref", ([], True)),
    (status_of, STATUS, "order_id", NO_TEXT),
    (status_of, STATUS, "account", NO_TEXT),
    (status_of, STATUS, "conid", tuple(v for v in NO_COUNT if v != -1)),
    (status_of, STATUS, "side", NO_SIDE),
    (status_of, STATUS, "order_type", NO_TEXT),
    (status_of, STATUS, "order_status", NO_TEXT),
    (status_of, STATUS, "size", NO_AMOUNT),
    (status_of, STATUS, "total_size", NO_AMOUNT),
    (status_of, STATUS, "cum_fill", NO_AMOUNT),
    (status_of, STATUS, "limit_price", ("far", [], True)),
    (execution_of, TRADE, "execution_id", (*NO_TEXT, "0001", "a.b", ".1")),
    (execution_of, TRADE, "account", NO_TEXT),
    (execution_of, TRADE, "conid", tuple(v for v in NO_COUNT if v != -1)),
    (execution_of, TRADE, "side", NO_SIDE),
    (execution_of, TRADE, "size", NO_AMOUNT),
    (execution_of, TRADE, "price", NO_AMOUNT),
    (execution_of, TRADE, "commission", ("free", [], True)),
    (execution_of, TRADE, "order_id", ([], True)),
    (quote, QUOTE, "conid", tuple(v for v in NO_COUNT if v != -1)),
    (quote, QUOTE, "31", ("X5", "C", [], True)),
    (quote, QUOTE, "84", ("4,0", [], True)),
    (quote, QUOTE, "86", ("six", [], True)),
    (quote, QUOTE, "6509", ([], True)),
    (quote, QUOTE, "_updated", tuple(v for v in NO_MILLIS if v is not MISSING)),
    (position, POSITION, "conid", tuple(v for v in NO_COUNT if v != -1)),
    (position, POSITION, "position", NO_NUMBER),
    (position, POSITION, "avgCost", NO_NUMBER),
    (position, POSITION, "marketPrice", ("NA", [], True)),
    (ours.contract_of, INFO, "con_id", tuple(v for v in NO_COUNT if v != -1)),
    (ours.contract_of, INFO, "symbol", NO_TEXT),
    (ours.contract_of, INFO, "instrument_type", NO_TEXT),
    (ours.contract_of, INFO, "currency", NO_TEXT),
    (rules, RULES, "incrementRules", (MISSING, None, {}, "0.01")),
    (rules, RULES, "incrementRules/0/increment", NO_POSITIVE),
    (rules, RULES, "incrementRules/0/lowerEdge", NO_AMOUNT),
    (rules, RULES, "orderTypes", (MISSING, None, "limit")),
    (rules, RULES, "tifTypes", (MISSING, None, "DAY")),
    (rules, RULES, "canTradeAcctIds", (MISSING, None, "DU1234567")),
    (bars, BARS, "timePeriod", (*NO_TEXT, "1w")),
    (bars, BARS, "barLength", (*NO_COUNT, 300)),
    (bars, BARS, "volumeFactor", NO_POSITIVE),
    (bars, BARS, "data", (MISSING, None, {}, "none")),
    (bars, BARS, "data/0/o", NO_NUMBER),
    (bars, BARS, "data/0/h", NO_NUMBER),
    (bars, BARS, "data/0/l", NO_NUMBER),
    (bars, BARS, "data/0/c", NO_NUMBER),
    (bars, BARS, "data/0/v", NO_AMOUNT),
    (bars, BARS, "data/0/t", NO_MILLIS),
]


@pytest.mark.parametrize(
    ("read", "example", "path", "values"),
    CASES,
    ids=[f"{read.__name__}-{path}" for read, _, path, _ in CASES],
)
def test_a_field_of_another_form_is_refused_by_name(
    read: Read, example: dict[str, Any], path: str, values: tuple[object, ...]
) -> None:
    read(load(json.dumps(example).encode()))
    name = path.rsplit("/", 1)[-1]
    for value in values:
        with pytest.raises(Unparsable) as refused:
            read(spoilt(example, path, value))
        said = str(refused.value)
        assert name in said or "defaulted series" in said or "buy nor sell" in said or "revision" in said, (
            value
        )


@pytest.mark.parametrize(
    ("read", "example", "path", "value", "field", "expected"),
    [
        (row_of, ORDER, "orderId", "473740665", "broker_order_id", "473740665"),
        (row_of, ORDER, "price", 640, "price", Decimal(640)),
        (row_of, ORDER, "price", "1,640.00", "price", Decimal(1640)),
        (row_of, ORDER, "price", "", "price", None),
        (row_of, ORDER, "totalSize", MISSING, "total", Decimal(5)),
        (row_of, ORDER, "order_ref", MISSING, "order_ref", None),
        (row_of, ORDER, "origOrderType", "STOP", "order_type", "STP"),
        (row_of, ORDER, "origOrderType", "PEG MID", "order_type", "PEG MID"),
        (status_of, STATUS, "side", "S", "side", "SELL"),
        (status_of, STATUS, "total_size", "1,000.0", "total", Decimal(1000)),
        (execution_of, TRADE, "commission", "", "commission", None),
        (execution_of, TRADE, "commission", 1.05, "commission", Decimal("1.05")),
        (execution_of, TRADE, "execution_id", "0000e0d5.6576fd38.01.02", "revision", 2),
        (execution_of, TRADE, "order_id", "7", "broker_order_id", "7"),
        (execution_of, TRADE, "trade_time_r", 1775136600, "executed_at", READ_AT),
        (execution_of, TRADE, "trade_time_r", MISSING, "executed_at", READ_AT),
        (quote, QUOTE, "_updated", MISSING, "updated_at", None),
        (position, POSITION, "conid", 756733, "conid", 756733),
        (position, POSITION, "acctId", MISSING, "account", "DU1"),
        (ours.contract_of, INFO, "company_name", None, "name", ""),
    ],
    ids=[str(number) for number in range(20)],
)
def test_what_the_broker_states_in_several_forms_is_one_value(
    read: Read, example: dict[str, Any], path: str, value: object, field: str, expected: object
) -> None:
    assert getattr(read(spoilt(example, path, value)), field) == expected


def test_a_trade_without_any_time_is_refused() -> None:
    with pytest.raises(Unparsable, match="trade_time"):
        execution_of({**TRADE, "trade_time_r": None, "trade_time": "yesterday", "size": 5, "price": "1"})


def test_an_order_that_cannot_be_read_hides_what_the_list_says() -> None:
    whole = load(json.dumps({"orders": [ORDER], "snapshot": True}).encode())
    assert orders_of(whole).complete
    half = load(json.dumps({"orders": [ORDER, {**ORDER, "side": "?"}], "snapshot": True}).encode())
    assert (len(orders_of(half).rows), orders_of(half).complete) == (1, False)


@pytest.mark.parametrize(
    "stated", [{"orders": {}}, {"orders": None, "snapshot": True}, {"orders": [], "snapshot": 1}, []]
)
def test_a_list_of_another_form_is_refused(stated: object) -> None:
    with pytest.raises(Unparsable):
        orders_of(stated)


@pytest.mark.parametrize(
    ("stated", "rows"),
    [
        ({"accounts": None, "isPaper": True}, []),
        ({"accounts": ["DU1"], "isPaper": "yes"}, []),
        ({"accounts": ["DU1"], "isPaper": True}, {}),
        ({"accounts": ["DU1"], "isPaper": True}, [{"currency": "USD"}]),
        ([], []),
    ],
)
def test_accounts_of_another_form_are_refused(stated: object, rows: object) -> None:
    with pytest.raises(Unparsable):
        accounts_of(stated, rows)


def test_an_account_that_does_not_say_it_is_paper_counts_as_live() -> None:
    (account,) = accounts_of({"accounts": ["DU1"]}, [{"accountId": "DU1", "currency": "USD"}])
    assert account.is_paper is False
    assert session.STATUS.example["authenticated"] is True


@pytest.mark.parametrize(
    ("summary", "ledger", "field"),
    [
        ({}, {"BASE": {"cashbalance": 1}}, "netliquidation"),
        ({"netliquidation": {"amount": None, "currency": "USD"}}, {"BASE": {"cashbalance": 1}}, "amount"),
        ({"netliquidation": {"amount": 1, "currency": None}}, {"BASE": {"cashbalance": 1}}, "currency"),
        ({"netliquidation": {"amount": 1, "currency": "USD"}}, {"USD": {}}, "BASE"),
        (
            {"netliquidation": {"amount": 1, "currency": "USD"}},
            {"BASE": {"cashbalance": "NA"}},
            "cashbalance",
        ),
    ],
)
def test_balances_of_another_form_are_refused_by_name(
    summary: dict[str, Any], ledger: dict[str, Any], field: str
) -> None:
    with pytest.raises(Unparsable, match=field):
        balances_of("DU1", summary, ledger)
