"""A demo may begin on any day: a symbol that is not listed yet takes no trade and says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys import stage

pytestmark = [pytest.mark.journey, pytest.mark.process, pytest.mark.slow]


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
