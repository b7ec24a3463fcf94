"""The soak's short form: the books are the broker's to the cent at every close, whatever people do."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.journeys import stage

pytestmark = [pytest.mark.journey, pytest.mark.process, pytest.mark.slow]

START, DAYS = "2012-07-16", 13
"""The owner's shares are split on the fifth day; interest is booked in the night before the last."""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("soak") / "home"
    ended = subprocess.run(
        [sys.executable, "-m", "tests.soak", "--days", str(DAYS), "--start", START, "--home", str(home)],
        cwd=stage.ROOT,
        env=stage.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=stage.PATIENCE,
        check=False,
    )
    assert ended.returncode in (0, 1), ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def test_positions_cash_and_profit_are_the_brokers_to_the_cent_at_every_close(report: dict[str, Any]) -> None:
    assert report["differences"] == []
    assert report["days"] == DAYS
    assert report["executions"] >= 7
    assert report["closed_trades"] >= 2


def test_what_people_did_meanwhile_is_in_lanes_of_its_own(report: dict[str, Any]) -> None:
    assert report["by_hand"] == {
        "bought": 1, "deposited": 1, "corrected": 1, "withdrew": 1, "acknowledge": 1, "split": 1,
    }  # fmt: skip
    assert report["lanes"]["deposits"] == "1399.75"
    assert float(report["lanes"]["interest"]) > 0
    assert report["cash_rows"] == 3
