"""Tape and paths: deterministic, inside the bar, never ahead of time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibkr_simulator.exchange.market import Market, Watch
from ibkr_simulator.exchange.path import DayBar, draw
from ibkr_simulator.instants import MINUTE, iso, parse
from simulator.tests.conftest import Make
from simulator.tests.support import AAPL


@st.composite
def day_bars(pick: st.DrawFn) -> DayBar:
    """Any bar a day can have."""
    low = pick(st.integers(1, 100_000))
    high = low + pick(st.integers(0, 5_000))
    between = st.integers(low, high)
    return DayBar(
        open=pick(between), high=high, low=low, close=pick(between), volume=pick(st.integers(0, 10**9))
    )


@given(day_bars(), st.sampled_from([210, 390]), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_a_path_begins_ends_and_stays_where_the_bar_says(bar: DayBar, minutes: int, seed: int) -> None:
    path = draw(bar, minutes, seed)
    assert (path.prices[0], path.prices[-1]) == (bar.open, bar.close)
    assert (path.prices.max(), path.prices.min()) == (bar.high, bar.low)
    assert len(path.prices) == minutes + 1
    assert path.volumes.sum() == bar.volume
    assert (path.volumes >= 0).all()


def test_the_same_seed_draws_the_same_path_and_another_one_does_not(market: Market) -> None:
    session = market.sessions.latest(parse("2012-10-01T15:00:00Z"))
    again, other = Market(market.tape, 7), Market(market.tape, 8)
    same = market.path(AAPL, session).prices
    assert np.array_equal(same, again.path(AAPL, session).prices)
    assert not np.array_equal(same, other.path(AAPL, session).prices)


def test_a_path_is_known_to_the_cent(market: Market) -> None:
    session = market.sessions.latest(parse("2012-10-01T15:00:00Z"))
    assert int(market.path(AAPL, session).prices.sum()) == PATH_SUM


PATH_SUM = 26_051_446


def test_the_history_tape_has_its_three_splits(market: Market) -> None:
    days = [
        (split.conid, market.sessions.days[split.session].isoformat(), split.ratio)
        for split in market.tape.splits
    ]
    assert days == [(AAPL, "2000-06-21", 2), (272093, "2003-02-18", 2), (AAPL, "2005-02-28", 2)]


@given(st.integers(0, 3200), st.integers(-2000, 90_000), st.integers(-500, 500), st.booleans(), st.booleans())
@settings(max_examples=80, deadline=None)
def test_the_first_crossing_is_the_first_print_that_reaches_the_level(
    market: Market, session: int, offset: int, distance: int, down: bool, spread: bool
) -> None:
    after = market.sessions.opens[session] + offset * MINUTE // 60
    quote = market.quote(AAPL, after)
    level = (quote.last if quote else 10_000) + distance
    watch = Watch(conid=AAPL, down=down, at_open=level, later=level + (-1 if down else 1) * spread)
    until = after + 3 * 1440 * MINUTE
    assert market.first_crossing(watch, after, until) == _slow_crossing(market, watch, after, until)


def _slow_crossing(market: Market, watch: Watch, after: int, until: int) -> int | None:
    sessions = market.sessions
    for session in range(max(0, sessions.latest(after)), min(len(sessions), sessions.latest(until) + 1)):
        for minute, price in enumerate(market.path(watch.conid, session).prices.tolist()):
            at = sessions.opens[session] + minute * MINUTE
            level = watch.at_open if minute == 0 else watch.later
            if after < at <= until and (price <= level if watch.down else price >= level):
                return at
    return None


def test_nothing_later_than_now_is_visible(make: Make) -> None:
    client = make("2012-10-01T15:00:30Z")
    day = client.get(f"/iserver/marketdata/history?conid={AAPL}&period=5d&bar=1d")["data"][-1]
    minutes = client.get(f"/iserver/marketdata/history?conid={AAPL}&period=1d&bar=1min")["data"]
    assert minutes[-1]["t"] == parse("2012-10-01T15:00:00Z") // 1000
    assert day["h"] == max(bar["h"] for bar in minutes)
    assert day["c"] == minutes[-1]["c"]
    assert day["v"] == pytest.approx(sum(bar["v"] for bar in minutes))


def test_minutes_of_a_finished_day_make_its_daily_bar(make: Make) -> None:
    client = make("2012-10-01T20:00:00Z")
    day = client.get(f"/iserver/marketdata/history?conid={AAPL}&period=1d&bar=1d")["data"][-1]
    minutes = client.get(f"/iserver/marketdata/history?conid={AAPL}&period=1d&bar=5min")["data"]
    assert len(minutes) == 78
    assert (day["o"], day["c"]) == (minutes[0]["o"], minutes[-1]["c"])
    assert (day["h"], day["l"]) == (max(bar["h"] for bar in minutes), min(bar["l"] for bar in minutes))


@pytest.mark.parametrize(
    ("asked", "period", "length", "count"),
    [
        ("period=1w&bar=15min", "1w", 900, None),
        ("period=1y&bar=1d", "1y", 86400, None),
        ("period=30min&bar=1min", "30min", 60, 30),
        ("period=15y&bar=1m", "15y", 2592000, None),
        ("period=1y&bar=1min", "1y", 86400, None),
        ("period=99q&bar=1d", "1d", 60, None),
        ("period=1000d&bar=1d", "1000d", 86400, 1000),
    ],
)
def test_periods_and_bars_are_served_by_the_table(
    make: Make, asked: str, period: str, length: int, count: int | None
) -> None:
    answer = make("2012-10-01T18:00:00Z").get(f"/iserver/marketdata/history?conid={AAPL}&{asked}")
    assert (answer["timePeriod"], answer["barLength"]) == (period, length)
    assert 0 < len(answer["data"]) <= 1000
    assert count is None or len(answer["data"]) == count


def test_history_can_be_paged_backwards_without_gap_or_overlap(make: Make) -> None:
    client = make("2012-10-01T12:00:00Z")
    path = f"/iserver/marketdata/history?conid={AAPL}&bar=1d"
    both = [bar["t"] for bar in client.get(f"{path}&period=400d")["data"]]
    late = [bar["t"] for bar in client.get(f"{path}&period=200d")["data"]]
    start = iso((late[0] - 1) * 1000)[:19].replace("-", "").replace("T", "-")
    early = [bar["t"] for bar in client.get(f"{path}&period=200d&startTime={start}")["data"]]
    assert early + late == both


def test_history_before_a_split_is_adjusted_once_it_has_happened(make: Make) -> None:
    path = f"/iserver/marketdata/history?conid={AAPL}&period=2d&bar=1d"
    before = make("2005-02-26T15:00:00Z").get(path)["data"][-1]
    after = make("2005-02-28T12:00:00Z").get(path)["data"][-1]
    assert after["t"] == before["t"]
    assert after["c"] == pytest.approx(before["c"] / 2, abs=0.006)
    assert after["v"] == before["v"] * 2


def test_snapshot_comes_preflight_first_and_piecemeal(make: Make) -> None:
    client = make()
    path = f"/iserver/marketdata/snapshot?conids={AAPL}&fields=31,84,86"
    assert client.get(path) == [{"conidEx": str(AAPL), "conid": AAPL}]
    second, third = client.get(path)[0], client.get(path)[0]
    assert "86" not in second
    assert float(third["84"]) + 0.02 == pytest.approx(float(third["86"]))
    assert third["6509"] == "RpB"
    assert third["_updated"] == parse("2012-10-01T15:00:00Z") // 1000


def test_before_the_open_the_last_price_is_marked_as_prior_close(make: Make) -> None:
    client = make("2012-10-01T12:00:00Z", snapshot_calls="1")
    path = f"/iserver/marketdata/snapshot?conids={AAPL}&fields=31,84,86"
    client.get(path)
    row = client.get(path)[0]
    assert row["31"] == "C667.10"
    assert "84" not in row
