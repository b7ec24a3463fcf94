"""Decisions on the bar that is still open, and on longer bars beside the decision bars (`T-04`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from glassdesk.composition.verifying import verify
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.market_data.resample import by_calendar
from glassdesk.workflow.runs.model import RunState
from glassdesk.workflow.runs.outputs import Story
from tests.workflow.runs.harness import SLOT, UP, Harness, harness

NOON = datetime(2012, 10, 1, 16, 0, tzinfo=UTC)
STILL_OPEN = b"2012-10-01, still open"


@pytest.fixture
def h(tmp_path: Path) -> Iterator[Harness]:
    with harness(tmp_path / "home") as made:
        yield made


def story(h: Harness, at: datetime, **changes: str) -> Story:
    h.strategy("rising", "UP", decide_on="so_far", **changes)
    [run] = h.tick_at(at)
    h.execute(run)
    assert h.run(run).state in (RunState.QUEUED, RunState.NO_TRADE)
    with h.desk.transactions.read() as t:
        return h.desk.runs.story(t, run)


def test_T_04_the_running_bar_is_decided_on_hatched_and_named(h: Harness) -> None:
    told = story(h, NOON, cron="0 12 * * 1-5")
    assert told.bars is not None
    assert told.bars.daily.so_far
    assert told.bars.daily.last.session == date(2012, 10, 1)
    assert len(told.bars.daily.bars) == 120
    assert told.question is not None
    assert "Last bar: 2012-10-01\nThe last bar is still open." in told.question.rendered.user
    assert told.charts is not None
    assert STILL_OPEN in h.desk.artifacts.get(told.charts.decision.svg_sha256)


def test_T_06_a_bar_of_the_session_that_is_open_is_not_stale(h: Harness) -> None:
    h.strategy("rising", "UP", decide_on="so_far", cron="0 12 * * 1-5")
    [run] = h.tick_at(NOON)
    h.balances_read()
    h.execute(run)
    assert h.run(run).state is RunState.QUEUED, h.run(run).reason


@pytest.mark.parametrize("slot", [SLOT, SLOT + timedelta(days=2)])
def test_T_06_a_closed_week_is_not_stale_on_any_day_of_the_next(h: Harness, slot: datetime) -> None:
    h.broker.bars[UP, BarSize.WEEK] = by_calendar(h.broker.bars[UP, BarSize.DAY], BarSize.WEEK)
    h.strategy("rising", "UP", size="1w", history=60)
    [run] = h.tick_at(slot)
    h.balances_read()
    h.execute(run)
    assert h.run(run).state is RunState.QUEUED, h.run(run).reason


def test_T_04_where_no_bar_is_open_the_last_closed_one_is_decided_on_and_told(h: Harness) -> None:
    told = story(h, SLOT)
    assert told.bars is not None
    assert not told.bars.daily.so_far
    assert told.bars.daily.last.session == date(2012, 9, 28)
    assert "no bar is open: decided on the last closed one" in told.bars.daily.quality.notes
    assert told.charts is not None
    assert STILL_OPEN not in h.desk.artifacts.get(told.charts.decision.svg_sha256)


def test_T_04_the_running_bar_is_never_part_of_a_closed_week_or_month(h: Harness) -> None:
    told = story(h, NOON, cron="0 12 * * 1-5", weekly="true", monthly="true", history="300")
    assert told.bars is not None
    assert told.bars.weekly is not None
    assert told.bars.monthly is not None
    assert told.bars.weekly.last.session == date(2012, 9, 24)
    assert told.bars.monthly.last.session == date(2012, 9, 4)
    assert (told.bars.weekly.size, told.bars.monthly.size) == (BarSize.WEEK, BarSize.MONTH)


def test_three_pictures_are_shown_to_the_model_and_drawn_again_to_the_pixel(h: Harness) -> None:
    h.strategy("rising", "UP", weekly="true", monthly="true", history="300")
    [run] = h.due()
    h.execute(run)
    with h.desk.transactions.read() as t:
        told = h.desk.runs.story(t, run)
        _, findings = verify(h.desk, t, f"charts:{run}")
    assert told.charts is not None
    assert [one.timeframe for one in told.charts.pictures] == [BarSize.DAY, BarSize.WEEK, BarSize.MONTH]
    assert told.question is not None
    assert told.question.images == tuple(one.png_sha256 for one in told.charts.pictures)
    assert findings == []
