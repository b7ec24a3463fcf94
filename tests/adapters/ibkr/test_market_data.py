"""Bars and quotes: the right period, whole pages, nothing defaulted, nothing made up [§4]."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from glassdesk.adapters.ibkr.history import period_for
from glassdesk.adapters.ibkr.prices import quote_of
from glassdesk.kernel.errors import ReadFailed
from glassdesk.workflow.market_data.model import BarSize
from tests.adapters.ibkr.gateway import START, Desk, answer
from tests.facts import market_data

AAPL = 265598
HISTORY = "/iserver/marketdata/history"
SNAPSHOT = "/iserver/marketdata/snapshot"
UNSUBSCRIBE = "/iserver/marketdata/unsubscribe"


def series(size: BarSize, period: str, starts: list[datetime], **changes: Any) -> dict[str, Any]:
    rows = [
        {"o": 10.1, "h": 10.4, "l": 10, "c": 10.25, "v": 2.5, "t": int(start.timestamp()) * 1000}
        for start in starts
    ]
    stated = {"timePeriod": period, "barLength": size.seconds, "data": rows}
    example: dict[str, Any] = market_data.HISTORY.example
    return example | stated | changes


def days(last: datetime, count: int) -> list[datetime]:
    return [last - timedelta(days=back) for back in reversed(range(count))]


@pytest.mark.parametrize(
    ("size", "count", "period"),
    [
        (BarSize.MIN_1, 100, "1d"),
        (BarSize.MIN_5, 500, "1d"),
        (BarSize.MIN_15, 60, "1w"),
        (BarSize.HOUR_1, 100, "1m"),
        (BarSize.DAY, 10, "1m"),
        (BarSize.DAY, 200, "1y"),
        (BarSize.DAY, 300, "2y"),
        (BarSize.DAY, 5000, "3y"),
        (BarSize.WEEK, 52, "3y"),
        (BarSize.MONTH, 100, "15y"),
    ],
)
def test_the_shortest_period_that_brings_enough_is_asked_for(size: BarSize, count: int, period: str) -> None:
    assert period_for(size, count).code == period


@pytest.mark.parametrize("size", list(BarSize))
def test_no_period_asks_for_more_than_the_thousand_points_of_an_answer(size: BarSize) -> None:
    assert period_for(size, 10**6).bars < 1000


def test_bars_are_exact_and_volumes_are_shares(over: Desk) -> None:
    over.gateway.on("GET", HISTORY, series(BarSize.DAY, "1m", days(START, 5)))
    bars = over.broker.market_data.history(AAPL, BarSize.DAY, 5, read_at=START).bars
    assert [bar.start for bar in bars] == days(START, 5)
    assert (bars[0].open, bars[0].volume) == (Decimal("10.1"), Decimal(100))
    assert len(over.gateway.paths("GET")) == 2


def test_a_session_date_is_the_exchanges_own(over: Desk) -> None:
    late = datetime(2012, 10, 2, 3, 30, tzinfo=UTC)
    over.gateway.on("GET", HISTORY, series(BarSize.DAY, "1m", [late]))
    (bar,) = over.broker.market_data.history(AAPL, BarSize.DAY, 1, read_at=START).bars
    assert bar.session.isoformat() == "2012-10-01"


def test_older_pages_are_read_until_there_is_enough_and_overlaps_are_dropped(over: Desk) -> None:
    asked: list[dict[str, str]] = []

    def page(request: httpx2.Request) -> httpx2.Response:
        params = dict(request.url.params)
        asked.append(params)
        before = START if "startTime" not in params else _instant(params["startTime"]) + timedelta(days=2)
        return answer(series(BarSize.DAY, "3y", days(before, 700)))

    over.gateway.on("GET", HISTORY, page)
    bars = over.broker.market_data.history(AAPL, BarSize.DAY, 1500, read_at=START).bars
    starts = [bar.start for bar in bars]
    assert starts == sorted(set(starts))
    assert len(starts) >= 1500
    assert "startTime" not in asked[0]
    assert [one["direction"] for one in asked[1:]] == ["-1"] * (len(asked) - 1)


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d-%H:%M:%S").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "status"),
    [({"error": "Chart data unavailable"}, 500), ({"error": "No data."}, 200), (None, 200)],
)
def test_where_history_begins_the_pages_end(over: Desk, body: Any, status: int) -> None:
    empty = series(BarSize.DAY, "3y", []) if body is None else body
    over.gateway.on("GET", HISTORY, series(BarSize.DAY, "3y", days(START, 700)))
    over.gateway.then("GET", HISTORY, empty, status)
    assert len(over.broker.market_data.history(AAPL, BarSize.DAY, 1500, read_at=START).bars) == 700
    assert len(over.gateway.paths()) == 3


def test_a_server_that_ignores_the_start_does_not_loop(over: Desk) -> None:
    over.gateway.on("GET", HISTORY, series(BarSize.DAY, "3y", days(START, 700)))
    assert len(over.broker.market_data.history(AAPL, BarSize.DAY, 1500, read_at=START).bars) == 700
    assert over.gateway.paths().count(HISTORY) == 2


@pytest.mark.parametrize(
    "changes", [{"timePeriod": "1d"}, {"barLength": 60}, {"volumeFactor": None}, {"data": {}}]
)
def test_a_defaulted_or_strange_series_is_a_failed_read(over: Desk, changes: dict[str, Any]) -> None:
    over.gateway.on("GET", HISTORY, series(BarSize.DAY, "1m", [START], **changes))
    with pytest.raises(ReadFailed, match="unknown form"):
        over.broker.market_data.history(AAPL, BarSize.DAY, 1, read_at=START)


def test_no_data_at_all_is_a_failed_read_and_not_retried(over: Desk) -> None:
    over.gateway.on("GET", HISTORY, market_data.NO_DATA.example, status=500)
    with pytest.raises(ReadFailed, match="No data"):
        over.broker.market_data.history(AAPL, BarSize.DAY, 1, read_at=START)
    assert over.gateway.paths().count(HISTORY) == 1


def row(**fields: Any) -> dict[str, Any]:
    stated = {"conid": AAPL, "conidEx": str(AAPL), "_updated": 1349100000000, "6509": "RpB"}
    return stated | {"31": "655.05", "84": "655.04", "86": "655.06"} | fields


def test_a_quote_is_polled_through_the_preflight_and_piecemeal_fields(over: Desk) -> None:
    bare = {"conid": AAPL, "conidEx": str(AAPL)}
    partial = {key: value for key, value in row().items() if key != "86"}
    over.gateway.on("GET", SNAPSHOT, [bare], [partial], [row()])
    quote = over.broker.market_data.quotes([AAPL], read_at=START)[AAPL]
    assert (quote.bid, quote.ask) == (Decimal("655.04"), Decimal("655.06"))
    assert quote.read_at == START + timedelta(seconds=1)
    assert quote.updated_at == datetime(2012, 10, 1, 14, 0, tzinfo=UTC)


def test_a_field_that_never_comes_is_left_out_after_three_seconds(over: Desk) -> None:
    over.gateway.on("GET", SNAPSHOT, [{key: value for key, value in row().items() if key != "86"}])
    quote = over.broker.market_data.quotes([AAPL], read_at=START)[AAPL]
    assert (quote.bid, quote.ask, quote.mid) == (Decimal("655.04"), None, None)
    assert over.clock.now() - START == timedelta(seconds=3)


def test_a_contract_that_never_answers_is_missing_after_ten_seconds(over: Desk) -> None:
    over.gateway.on("GET", SNAPSHOT, [{"conid": AAPL, "conidEx": str(AAPL)}])
    assert over.broker.market_data.quotes([AAPL], read_at=START) == {}
    assert over.clock.now() - START == timedelta(seconds=10)


@pytest.mark.parametrize(
    ("fields", "bid", "last"),
    [
        ({"31": "C655.05"}, "655.04", None),
        ({"31": "H655.05"}, None, "655.05"),
        ({"31": "1,655.05"}, "655.04", "1655.05"),
        ({"31": ""}, "655.04", None),
        ({"84": "-1"}, None, "655.05"),
        ({"84": "0"}, None, "655.05"),
    ],
)
def test_what_is_no_price_of_now_is_left_out(
    fields: dict[str, str], bid: str | None, last: str | None
) -> None:
    quote = quote_of(row(**fields), START)
    assert quote is not None
    assert quote.bid == (Decimal(bid) if bid else None)
    assert quote.last == (Decimal(last) if last else None)


@pytest.mark.parametrize(
    ("letters", "real_time"), [("RpB", True), ("DPB", False), ("ZpB", False), ("NpB", False)]
)
def test_only_r_is_real_time(letters: str, real_time: bool) -> None:
    quote = quote_of(row(**{"6509": letters}), START)
    assert quote is not None
    assert quote.real_time is real_time


def test_lines_beyond_ninety_are_given_back_oldest_first(over: Desk) -> None:
    def rows(request: httpx2.Request) -> httpx2.Response:
        conids = request.url.params["conids"].split(",")
        return answer([row(conid=int(conid), conidEx=conid) for conid in conids])

    over.gateway.on("GET", SNAPSHOT, rows)
    over.gateway.on("POST", UNSUBSCRIBE, market_data.NOTHING_OPEN.example, status=500)
    over.broker.market_data.quotes(range(1, 91), read_at=START)
    assert over.gateway.paths("POST") == []
    over.broker.market_data.quotes([91, 92], read_at=START)
    assert [body for _, path, body in over.gateway.asked if path == UNSUBSCRIBE] == [
        {"conid": 1},
        {"conid": 2},
    ]
