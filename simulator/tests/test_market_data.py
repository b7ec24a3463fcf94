"""Quotes and history as the broker words them: every field, every availability, every limit."""

import asyncio
import ssl
from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest

from ibkr_simulator.exchange.market import Market
from ibkr_simulator.exchange.tapes.choice import load
from ibkr_simulator.instants import MINUTE, iso, parse
from simulator.tests.conftest import Make, begin
from simulator.tests.small_tape import small_market
from simulator.tests.support import AAPL, IBM, Inside, Wire, limit

_NUMBERS = "31,70,71,73,74,75,76,82,83,84,85,86,87,88,7059,7295,7296,7635,7636,7637,7741,7762"
_ALL = f"{_NUMBERS},55,6008,6509,7184,7644,7768"


def quote(client: Inside, conid: int = AAPL, calls: int = 3) -> dict[str, str]:
    """The row after so many calls."""
    for _ in range(calls):
        rows = client.get(f"/iserver/marketdata/snapshot?conids={conid}&fields={_ALL}")
    return dict(rows[0])


def plain(text: str) -> Decimal:
    """The number in a formatted price."""
    return Decimal(text.lstrip("CH").replace(",", "").rstrip("%"))


def test_every_field_of_the_table_has_its_form(make: Make) -> None:
    client = make("2012-10-01T18:00:00Z")
    client.place(limit("own", 900.0, quantity=10))
    row = quote(client)
    assert set(_ALL.split(",")) <= set(row)
    assert all(isinstance(value, str) for name, value in row.items() if name not in ("conid", "_updated"))
    assert plain(row["84"]) < plain(row["31"]) < plain(row["86"])
    assert plain(row["71"]) <= plain(row["31"]) <= plain(row["70"])
    assert plain(row["82"]) == plain(row["31"]) - plain(row["7741"])
    assert row["82"][0] in "+-"
    assert row["83"].endswith("%")
    assert row["87"].endswith("M")
    assert (row["76"], row["7184"], row["6509"]) == ("10", "1", "RpB")
    assert plain(row["73"]) == 10 * plain(row["31"])
    assert "," in row["73"]
    assert abs(plain(row["73"]) - 10 * plain(row["74"]) - plain(row["75"])) < Decimal("0.06")


@pytest.mark.parametrize(
    ("letter", "code", "shown_at"),
    [
        ("R", "RpB", "2012-10-01T18:00:00Z"),
        ("D", "DPB", "2012-10-01T17:45:00Z"),
        ("Z", "ZpB", "2012-09-28T20:00:00Z"),
        ("Y", "YPB", "2012-09-28T20:00:00Z"),
    ],
)
def test_one_symbol_may_be_late_or_frozen(make: Make, letter: str, code: str, shown_at: str) -> None:
    client = make("2012-10-01T18:00:00Z", market_data_of=f"AAPL:{letter}")
    market = client.world.exchange.market
    row, other = quote(client), quote(client, IBM)
    expected = market.quote(AAPL, parse(shown_at))
    assert expected is not None
    assert (row["6509"], other["6509"]) == (code, "RpB")
    assert plain(row["31"]) == Decimal(expected.last) / 100
    assert row["31"].startswith("C") == (letter in "ZY")
    assert ("84" in row) == (letter in "RD")


@pytest.mark.parametrize("letter", ["N", "O"])
def test_one_symbol_may_have_no_prices_and_says_so(make: Make, letter: str) -> None:
    row = quote(make(market_data_of=f"{AAPL}:{letter}"))
    assert row["6509"] == f"{letter}pB"
    assert not {"31", "84", "86", "7741"} & set(row)


def test_a_letter_that_is_none_is_refused(make: Make) -> None:
    status, body = make().api("GET", "/iserver/accounts")
    assert status == 200, body
    with pytest.raises(AssertionError, match="switch market_data_of takes symbols or conids with a letter"):
        make().control("POST", "/switches", {"market_data_of": "AAPL:Q"})


def test_a_halted_contract_is_marked_and_has_no_book() -> None:
    market = small_market(
        date(2012, 10, 1), date(2012, 10, 5), [500_000], halts=[(date(2012, 10, 2), 30, 60)]
    )
    row = quote(begin(market, "2012-10-02T14:10:00Z"))
    assert row["31"] == "H5,000.00"
    assert not {"84", "86"} & set(row)


def test_lines_are_shared_and_given_back(make: Make) -> None:
    client = make(market_data_lines="1")
    assert "31" in quote(client)
    assert set(quote(client, IBM)) == {"conid", "conidEx"}
    assert client.post("/iserver/marketdata/unsubscribe", {"conid": AAPL}) == {"success": True}
    assert "31" in quote(client, IBM)
    assert client.api("POST", "/iserver/marketdata/unsubscribe", {"conid": AAPL}) == (
        500,
        {"error": "unknown"},
    )
    assert client.get("/iserver/marketdata/unsubscribeall") == {"unsubscribed": True}
    assert set(quote(client, calls=1)) == {"conid", "conidEx"}


def test_a_quote_nobody_asks_for_ends_where_the_switch_says_so(make: Make) -> None:
    client = make("2012-10-01T15:00:00Z", snapshot_refresh_seconds="30")
    assert "31" in quote(client)
    client.advance("2012-10-01T15:00:30Z")
    assert "31" in quote(client, calls=1)
    client.advance("2012-10-01T15:01:01Z")
    assert set(quote(client, calls=1)) == {"conid", "conidEx"}


def ask_history(client: Inside, asked: str, conid: int = AAPL) -> dict[str, object]:
    return dict(client.get(f"/iserver/marketdata/history?conid={conid}&{asked}"))


@pytest.mark.parametrize(
    ("asked", "period", "length"),
    [
        ("", "1d", 60),
        ("period=1D&bar=1d", "1d", 60),
        ("period=31min", "1d", 60),
        ("period=1w", "1w", 900),
        ("period=1w&bar=1min", "1w", 900),
        ("period=1m", "1m", 1800),
        ("period=3m&bar=1h", "3m", 86400),
        ("period=2y&bar=8h", "2y", 86400),
        ("period=15y&bar=1d", "15y", 604800),
        ("period=1min&bar=1d", "1min", 60),
    ],
)
def test_what_is_wrong_is_defaulted_without_a_word(make: Make, asked: str, period: str, length: int) -> None:
    found = ask_history(make("2012-10-01T18:00:00Z"), asked)
    assert (found["timePeriod"], found["barLength"]) == (period, length)
    weekly = ask_history(make("2012-10-01T18:00:00Z", history_period="1w"), "period=nonsense")
    assert (weekly["timePeriod"], weekly["barLength"]) == ("1w", 900)


def test_history_goes_back_and_forth_from_a_start(make: Make) -> None:
    client = make("2012-10-01T18:00:00Z")
    start = "startTime=20120920-14:00:00&period=1h&bar=5min"
    back, forth = ask_history(client, start), ask_history(client, f"{start}&direction=1")
    assert back["startTime"] == "20120920-13:30:00"
    assert forth["startTime"] == "20120920-14:00:00"
    assert len(list(forth["data"])) == 13  # type: ignore[call-overload]  # a list
    assert client.api("GET", f"/iserver/marketdata/history?conid={AAPL}&startTime=2012")[0] == 400
    far = f"/iserver/marketdata/history?conid={AAPL}&period=1d&bar=5min&startTime=19900102-14:00:00"
    assert client.api("GET", far) == (500, {"error": "No data."})
    foreign = f"/iserver/marketdata/history?conid={38708077}&period=1d"
    assert client.api("GET", foreign) == (500, {"error": "Chart data unavailable"})


def test_extended_hours_are_echoed_and_the_unfinished_bar_is_last(make: Make) -> None:
    client = make("2012-10-01T15:07:30Z")
    found = ask_history(client, "period=1d&bar=5min&outsideRth=true")
    assert (found["outsideRth"], found["tradingDayDuration"]) == (True, 960)
    bars = list(found["data"])  # type: ignore[call-overload]  # a list
    assert found["points"] == len(bars) - 1
    assert bars[-1]["t"] == parse("2012-10-01T15:05:00Z") // 1000
    late = make("2012-10-01T15:07:30Z", market_data="D")
    assert ask_history(late, "period=1d&bar=5min")["data"][-1]["t"] == parse("2012-10-01T14:50:00Z") // 1000  # type: ignore[index]


def test_a_synthetic_halt_leaves_a_hole_in_the_minutes() -> None:
    market = Market(load("synthetic:SYMBOLS=20,START=2024-01-02,DAYS=60", 7), 7)
    halt = market.tape.halts[0]
    client = begin(market, iso(halt.ends + 5 * MINUTE))
    data = ask_history(client, "period=1d&bar=1min", halt.conid)["data"]
    times = {bar["t"] * 1000 for bar in data}  # type: ignore[attr-defined]
    assert not times & set(range(halt.starts, halt.ends, MINUTE))
    assert {halt.starts - MINUTE, halt.ends} <= times


@pytest.mark.process
def test_a_sixth_history_at_once_is_refused(wire: Wire) -> None:
    wire.ready(history_millis="300")
    try:
        assert sorted(asyncio.run(_six_at_once(wire))) == [200, 200, 200, 200, 200, 429]
    finally:
        wire.control("POST", "/switches", {"history_millis": "3"})
    assert len(wire.get(f"/iserver/marketdata/history?conid={AAPL}&period=1d")["data"]) > 0


async def _six_at_once(wire: Wire) -> list[int]:
    tls = ssl.create_default_context(cafile=wire.endpoint["cert"])
    return await asyncio.gather(*(_status(wire.endpoint["port"], tls) for _ in range(6)))


async def _status(port: int, tls: ssl.SSLContext) -> int:
    reader, writer = await asyncio.open_connection("localhost", port, ssl=tls)
    path = f"/v1/api/iserver/marketdata/history?conid={AAPL}&period=1d&bar=5min"
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: test\r\n\r\n".encode())
    status = int((await reader.readline()).split()[1])
    # Not for the other side's goodbye, but for the socket: one that stays open is found by a later test.
    writer.transport.abort()
    with suppress(OSError):
        await writer.wait_closed()
    return status
