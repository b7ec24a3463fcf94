"""What the whole desk under fire has found, each as the smallest story that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.stage import AAPL, MINUTE, Stage, build

Pem = tuple[Path, Path]


@pytest.fixture
def stage(pem: Pem, tmp_path: Path) -> Iterator[Stage]:
    """A stage whose clock wakes on events."""
    made = build(pem, tmp_path, events=True, poll=None)
    yield made
    made.broker.close()
    made.ground.stores.close()
    made.world.truth.close()


@pytest.mark.slow
def test_a_break_that_stands_is_not_read_every_six_seconds(stage: Stage) -> None:
    """Sold by hand: the sells go, the break is a person's, and the dealer goes to sleep."""
    stage.a_position()
    stage.ask_control("POST", "/person/order", {"conid": AAPL, "side": "SELL", "quantity": 10})
    stage.run(5 * MINUTE)
    assert [one.conid for one in stage.read(stage.desk.positions.breaks)] == [AAPL]
    assert stage.run(30 * MINUTE) < 20
