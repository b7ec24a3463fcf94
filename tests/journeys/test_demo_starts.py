"""A demo may begin on any day: a symbol that is not listed yet takes no trade and says why."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.journeys import stage, year

pytestmark = [pytest.mark.journey, pytest.mark.process, pytest.mark.slow]

DAYS = 6
IN_TURN = datetime.now(UTC).date().toordinal() % 6
"""Two months of the twelve each day; `make demo-year` has all of them, with forty days each."""


def test_a_symbol_that_is_listed_in_mid_run_has_no_signal_until_it_has_bars(tmp_path: Path) -> None:
    """FB was listed on 18 May 2012: on that day there is nothing but a bar that still runs."""
    demo = stage.demo(tmp_path, "--start", "2012-05-16", "--days", "4")
    assert demo.told.code == 0, demo.told.err
    assert demo.report["problems"] == []
    assert demo.report["equity"] == demo.report["broker"]["equity"]
    rows = demo.home.rows("select slot, state, reason from runs where symbol = 'FB' order by slot")
    assert [(row["slot"][:10], row["state"], row["reason"].partition(":")[0]) for row in rows] == [
        ("2012-05-16", "no_trade", "NO_BARS"),
        ("2012-05-17", "no_trade", "NO_BARS"),
        ("2012-05-18", "no_trade", "DATA"),
        ("2012-05-21", "no_trade", "TOO_FEW_BARS"),
    ]
    assert "not listed yet" in rows[0]["reason"]


@pytest.mark.parametrize("month", [IN_TURN + 1, IN_TURN + 7], ids=["a month", "a month half a year later"])
def test_a_demo_begins_in_any_month(tmp_path: Path, month: int) -> None:
    demo = year.begun(tmp_path, month, DAYS)
    assert list(year.problems(demo, DAYS)) == []
