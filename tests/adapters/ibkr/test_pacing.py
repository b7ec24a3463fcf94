"""Requests per second, per endpoint, and the penalty box, in market time [§2]."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassdesk.adapters.ibkr.pacing import PENALTY, REQUESTS_PER_SECOND, Pacing, interval_of
from tests.adapters.ibkr.gateway import START

ANY = "/trsrv/stocks"


def admitted(pacing: Pacing, path: str, now: datetime) -> datetime | None:
    """Ask for a request that is answered at once."""
    at = pacing.admit(path, now)
    if at is None:
        pacing.ended(now)
    return at


@given(st.lists(st.integers(min_value=0, max_value=400), min_size=20, max_size=60))
def test_no_second_ever_sees_more_than_eight_requests(gaps: list[int]) -> None:
    pacing, now, sent = Pacing(), START, []
    for gap in gaps:
        now += timedelta(milliseconds=gap)
        while (at := admitted(pacing, ANY, now)) is not None:
            assert at > now
            now = at
        sent.append(now)
    for index, first in enumerate(sent):
        within = [at for at in sent[index:] if at < first + timedelta(seconds=1)]
        assert len(within) <= REQUESTS_PER_SECOND


@given(st.lists(st.sampled_from(["admit", "hold", "use", "release"]), min_size=5, max_size=80))
def test_slots_of_a_chain_count_as_requests(steps: list[str]) -> None:
    pacing, now, sent, held = Pacing(), START, [], 0
    for step in steps:
        now += timedelta(milliseconds=40)
        if step == "admit" and admitted(pacing, ANY, now) is None:
            sent.append(now)
        elif step == "hold" and held == 0 and pacing.hold(7, now) is None:
            held = 7
        elif step == "use" and held:
            pacing.use_held(now)
            pacing.ended(now)
            sent.append(now)
            held -= 1
        elif step == "release" and held:
            pacing.release(held)
            held = 0
        recent = [at for at in sent if at + timedelta(seconds=1) > now]
        assert len(recent) <= REQUESTS_PER_SECOND


def test_a_burst_of_eight_may_leave_at_once_and_the_ninth_a_second_later() -> None:
    pacing = Pacing()
    assert [admitted(pacing, ANY, START) for _ in range(8)] == [None] * 8
    assert admitted(pacing, ANY, START) == START + timedelta(seconds=1)


def test_live_orders_leave_once_in_five_seconds() -> None:
    pacing = Pacing()
    assert admitted(pacing, "/iserver/account/orders", START) is None
    assert admitted(pacing, "/iserver/account/orders", START) == START + timedelta(seconds=5)
    assert admitted(pacing, "/iserver/account/trades", START) is None
    assert admitted(pacing, "/iserver/account/orders", START + timedelta(seconds=5)) is None


def test_a_429_shuts_the_box_for_fifteen_minutes_but_for_one_tickle_a_minute() -> None:
    pacing, until = Pacing(), START + PENALTY
    admitted(pacing, ANY, START)
    pacing.answered(429, START)
    assert pacing.boxed(ANY, START) == until
    assert pacing.boxed("/tickle", START) is None
    assert admitted(pacing, "/tickle", START) is None
    pacing.answered(200, START)
    assert pacing.boxed("/tickle", START + timedelta(seconds=59)) == until
    assert pacing.boxed("/tickle", START + timedelta(seconds=60)) is None
    assert pacing.boxed(ANY, until - timedelta(seconds=1)) == until
    assert pacing.boxed(ANY, until) is None


def test_after_the_box_one_request_goes_first() -> None:
    pacing, after = Pacing(), START + PENALTY
    admitted(pacing, ANY, START)
    pacing.answered(429, START)
    assert pacing.boxed(ANY, after) is None
    assert admitted(pacing, ANY, after) is None
    assert pacing.boxed("/iserver/accounts", after) == after + timedelta(seconds=1)
    pacing.answered(200, after)
    assert pacing.boxed("/iserver/accounts", after) is None


def test_a_429_to_the_probe_shuts_the_box_again() -> None:
    pacing, after = Pacing(), START + PENALTY
    pacing.answered(429, START)
    admitted(pacing, ANY, after)
    pacing.answered(429, after)
    assert pacing.boxed(ANY, after) == after + PENALTY


@pytest.mark.parametrize(
    ("path", "seconds"),
    [
        ("/iserver/account/orders", 5),
        ("/iserver/account/trades", 5),
        ("/iserver/account/pnl/partitioned", 5),
        ("/portfolio/accounts", 5),
        ("/portfolio/subaccounts", 5),
        ("/tickle", 1),
        ("/sso/validate", 60),
        ("/fyi/unreadnumber", 1),
        ("/iserver/scanner/run", 1),
        ("/iserver/scanner/params", 900),
        ("/pa/performance", 900),
        ("/pa/summary", 900),
        ("/pa/transactions", 900),
    ],
)
def test_the_brokers_table_of_intervals_is_kept(path: str, seconds: int) -> None:
    pacing = Pacing()
    assert admitted(pacing, path, START) is None
    assert admitted(pacing, path, START) == START + timedelta(seconds=seconds)


@pytest.mark.parametrize("path", ["/iserver/account/DU1/orders", "/portfolio/DU1/summary", ANY])
def test_everything_else_keeps_the_window_alone(path: str) -> None:
    assert interval_of(path) is None


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 900)), min_size=40, max_size=120))
def test_however_long_requests_travel_the_broker_never_sees_more_than_ten_arrive_in_a_second(
    wishes: list[tuple[int, int]],
) -> None:
    """Eight leave and are slow, eight more leave a second later and are quick: once that was a penalty."""
    pacing, now, arrivals, under_way = Pacing(), START, list[datetime](), list[datetime]()
    for gap, travel in wishes:
        now += timedelta(milliseconds=gap)
        while True:
            for end in sorted(end for end in under_way if end <= now):
                pacing.ended(end)
                under_way.remove(end)
            at = pacing.admit(ANY, now)
            if at is None:
                break
            now = min([at, *under_way])
        end = now + timedelta(milliseconds=travel)
        arrivals.append(now + (end - now) * 0.9)
        under_way.append(end)
    arrivals.sort()
    for index, first in enumerate(arrivals):
        assert len([at for at in arrivals[index:] if at < first + timedelta(seconds=1)]) <= 10
