"""A trade by hand during the demo: the desk owns up to what is not its own, and the demo fails by name."""

from __future__ import annotations

import time
import urllib.error
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.journeys import stage

pytestmark = [pytest.mark.journey, pytest.mark.process, pytest.mark.slow]

OPEN = datetime(2012, 10, 1, 14, 0, tzinfo=UTC)
"""Half an hour into the first session."""


def _by_hand(home: stage.Home) -> dict[str, Any]:
    """Buy one IBM at the broker as soon as the market is open; answers the order."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if stage.instant(home.control("GET", "/clock")["now"]) >= OPEN:
                order: dict[str, Any] = home.control(
                    "POST",
                    "/person/order",
                    {"conid": stage.CONIDS["IBM"], "side": "BUY", "quantity": 1},
                )
                return order
        except (OSError, ValueError, urllib.error.URLError):
            # The simulator is not up yet.
            time.sleep(0.05)
        time.sleep(0.01)
    raise TimeoutError("the market never opened")


def test_an_execution_that_is_not_the_desks_fails_the_demo_by_name(tmp_path: Path) -> None:
    home = stage.Home(folder=tmp_path / ".glassdesk")
    began = time.monotonic()
    process = stage.start("demo", "--json", "--days", "4", cwd=tmp_path)
    try:
        order = _by_hand(home)
        told = stage.finished(process, began)
        hidden = [row for row in home.truth("execution") if row["order_id"] == order["order_id"]]
        assert told.code == 1, told.err
        report = told.json
        [execution] = hidden
        assert execution["source"] == "person"
        named = [problem for problem in report["problems"] if execution["execution_id"] in problem]
        assert named, report["problems"]
        assert report["executions"] == report["broker"]["executions"] - 1
        assert report["broker"]["positions"].get("IBM") == "1"
        assert "IBM" not in report["positions"]
        breaks = home.rows("select symbol, broker_quantity, derived_quantity from breaks")
        assert [row["symbol"] for row in breaks] == ["IBM"]
        refs = {row["coid"] for row in home.truth("order") if row["source"] == "desk"}
        assert refs == {row["coid"] for row in home.rows("select coid from orders")}
    finally:
        home.end_simulator()
