"""What the bars leave to doubt stands in the signal; a strategy with an order that waits owns something."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from glassdesk.composition.verifying import verify
from glassdesk.kernel.errors import Conflict
from glassdesk.kernel.ids import intent_id
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.runs.model import RunState
from glassdesk.workflow.strategies.model import StrategyState
from tests.workflow.runs.harness import UP, Harness, harness


@pytest.fixture
def h(tmp_path: Path) -> Iterator[Harness]:
    with harness(tmp_path / "home") as made:
        yield made


def test_the_verdict_on_the_bars_travels_with_the_signal(h: Harness) -> None:
    h.strategy("rising", "UP")
    key = (UP, BarSize.DAY)
    h.broker.bars[key] = tuple(b for b in h.broker.bars[key] if b.session != date(2012, 8, 15))
    (run,) = h.due()
    h.execute(run)
    with h.desk.transactions.read() as t:
        row = h.desk.signals.of_run(t, run)
        _, findings = verify(h.desk, t, f"order:{intent_id(run, 'main')}")
    assert row is not None
    assert row.signal.data == ("1 session(s) missing, first 2012-08-15",)
    assert findings == []


def test_good_bars_leave_nothing_to_doubt(h: Harness) -> None:
    h.strategy("rising", "UP")
    (run,) = h.due()
    h.execute(run)
    with h.desk.transactions.read() as t:
        row = h.desk.signals.of_run(t, run)
    assert row is not None
    assert row.signal.data == ()


def test_T_15_a_strategy_whose_order_waits_for_a_person_is_not_archived(h: Harness) -> None:
    h.strategy("asks", "UP", approval="all")
    (run,) = h.due()
    h.execute(run)
    assert h.run(run).state is RunState.AWAITING_APPROVAL
    with h.desk.transactions.begin() as t:
        assert h.desk.owns(t, "asks")
        row = h.desk.strategies.disable(t, "asks", "owner", holds_shares=h.desk.owns(t, "asks"))
        assert row.state is StrategyState.CLOSING
        with pytest.raises(Conflict, match="owns shares"):
            h.desk.strategies.archive(t, "asks", "owner", holds_shares=h.desk.owns(t, "asks"))
