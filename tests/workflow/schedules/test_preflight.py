"""What stands in the way of a slot is told while a person can do something about it (`T-62`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

import pytest

from glassdesk.kernel.errors import GlassdeskError, ReadFailed, SessionNotReady, Unavailable
from glassdesk.workflow.market_data.model import Quote
from glassdesk.workflow.risk.model import HaltLevel
from glassdesk.workflow.session.model import SessionState
from tests.workflow.runs.harness import DOWN, SLOT, UP, Harness, harness

BEFORE = timedelta(minutes=30)


@pytest.fixture
def h(tmp_path: Path) -> Iterator[Harness]:
    with harness(tmp_path / "home") as made:
        made.strategy("rising", "UP")
        yield made


def quoted(h: Harness, letters: str) -> None:
    quote = Quote(
        conid=UP,
        bid=Decimal(200),
        ask=Decimal("200.02"),
        last=Decimal(200),
        availability=letters,
        updated_at=None,
        read_at=h.clock.now(),
    )
    h.broker.quoted[UP] = quote


def told(h: Harness) -> list[str]:
    with h.desk.transactions.read() as t:
        return [one.body for one in h.desk.notifications.recent(t) if one.key.startswith("preflight:")]


def test_T_62_what_stands_in_the_way_is_told_once_half_an_hour_before(h: Harness) -> None:
    h.clock.advance(SLOT - BEFORE - timedelta(hours=1) - h.clock.now())
    with h.desk.transactions.begin() as t:
        h.desk.risk.set_halt(t, HaltLevel.PAUSE_ENTRIES, "looking first", "owner")
    assert h.desk.preflight.announce(h.clock.now()) == SLOT - BEFORE
    assert told(h) == []
    h.clock.advance(timedelta(hours=1))
    for _ in range(2):
        assert h.desk.preflight.announce(h.clock.now()) == SLOT + timedelta(days=1) - BEFORE
    [body] = told(h)
    assert body.splitlines()[0] == "The slot of 2012-10-01 13:00 UTC is at risk."
    assert "trading is at PAUSE_ENTRIES: looking first: resume first" in body


def test_T_62_where_nothing_is_in_the_way_nobody_is_told(h: Harness) -> None:
    quoted(h, "R")
    h.clock.advance(SLOT - BEFORE - h.clock.now())
    h.desk.preflight.announce(h.clock.now())
    assert told(h) == []


def test_T_62_data_that_is_not_subscribed_is_told_with_what_to_do(h: Harness) -> None:
    h.clock.advance(SLOT - BEFORE - h.clock.now())
    quoted(h, "N")
    h.desk.preflight.announce(h.clock.now())
    [body] = told(h)
    assert "UP: not subscribed" in body
    assert "Market Data Subscriptions" in body


@pytest.mark.parametrize("failure", [Unavailable, ReadFailed, SessionNotReady])
def test_T_62_a_quote_that_cannot_be_read_stops_nobody(
    h: Harness, failure: type[GlassdeskError], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def refused(*conids: object, **__: object) -> NoReturn:
        asked.append(conids)
        raise failure("the broker limits our requests until later")

    h.strategy("other", "DOWN")
    monkeypatch.setattr(h.broker, "quotes", refused)
    h.clock.advance(SLOT - BEFORE - h.clock.now())
    assert h.desk.preflight.announce(h.clock.now()) == SLOT + timedelta(days=1) - BEFORE
    assert told(h) == []
    assert len(asked) == 1


def test_T_62_quotes_are_read_once_however_often_a_strategy_is_due(
    h: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    h.strategy("often", "DOWN", cron="'*/5 9-15 * * 1-5'")
    asked: list[object] = []

    def quotes(conids: Sequence[int], **_: object) -> dict[int, Quote]:
        asked.append(conids)
        return {}

    monkeypatch.setattr(h.broker, "quotes", quotes)
    h.clock.advance(SLOT - h.clock.now())
    for _ in range(20):
        h.desk.preflight.announce(h.clock.now())
        h.clock.advance(timedelta(minutes=1))
    assert asked == [[DOWN]]
    h.clock.advance(timedelta(minutes=15))
    h.desk.preflight.announce(h.clock.now())
    assert asked == [[DOWN], [DOWN]]


def test_T_62_the_quotes_of_one_strategy_are_read_at_a_look_and_the_desk_comes_back_at_once(
    h: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    h.strategy("other", "DOWN")
    asked: list[object] = []

    def quotes(conids: Sequence[int], **_: object) -> dict[int, Quote]:
        asked.append(conids)
        return {}

    monkeypatch.setattr(h.broker, "quotes", quotes)
    h.clock.advance(SLOT - BEFORE - h.clock.now())
    assert h.desk.preflight.announce(h.clock.now()) == h.clock.now()
    assert len(asked) == 1
    assert h.desk.preflight.announce(h.clock.now()) == SLOT + timedelta(days=1) - BEFORE
    assert sorted(asked) == [[UP], [DOWN]]  # type: ignore[type-var]


def test_T_62_a_sign_in_and_a_full_strategy_are_obstacles_of_the_next_slot(h: Harness) -> None:
    h.session(SessionState.SIGNED_OUT)
    with h.desk.transactions.begin() as t:
        row = h.desk.strategies.get(t, "rising").strategy
        limits = replace(row.limits, max_positions=0)
        h.ground.stores.strategies.add_version(
            t, replace(h.desk.strategies.get(t, "rising"), strategy=replace(row, version=2, limits=limits))
        )
    with h.desk.transactions.read() as t:
        [due] = h.desk.schedules.next(t, h.clock.now(), 1)
        found = {one.code: one.said for one in h.desk.preflight.obstacles(t, due)}
    assert found == {
        "session": "the brokerage session is signed out",
        "limit": "it holds 0 of 0 positions",
    }
