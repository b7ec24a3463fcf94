"""Every shipped example, run for five days of the tape: real prices of 2012, each run to its end."""

import csv
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest

from glassdesk.composition.bundles import load_strategy
from glassdesk.composition.examples import DEMO, example_files
from glassdesk.composition.verifying import verify
from glassdesk.workflow.market_data.model import Bar, BarSize
from glassdesk.workflow.runs.model import Run, RunState
from glassdesk.workflow.runs.outputs import STEPS
from glassdesk.workflow.signals.conditions.model import Truth
from glassdesk.workflow.signals.model import Action
from tests.workflow.runs.harness import ACCOUNT, SLOT, UP, Harness, harness

CONIDS = {"AAPL": 11, "FB": 12, "GOOG": 13, "IBM": 14, "MSFT": 15}
DAYS = 5
EXAMPLES = pytest.mark.parametrize("file", example_files(), ids=lambda file: file.stem)
STATED = [file for file in example_files() if file.stem not in DEMO]


def tape(h: Harness) -> dict[str, tuple[Bar, ...]]:
    """The data package's daily bars of the five symbols, two years up to the end of October 2012."""
    opens = {
        one.session: one for one in h.ground.calendar.sessions("XNYS", date(2010, 10, 1), date(2012, 10, 31))
    }
    found: dict[str, list[Bar]] = {symbol: [] for symbol in CONIDS}
    name = Path(str(files("bokeh_sampledata"))) / "_data" / "stocks.csv.gz"
    with gzip.open(name, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            session = date.fromisoformat(row["Date"])
            if session in opens:
                found[row["Ticker"]].append(_bar(row, opens[session].opens_at, session))
    return {symbol: tuple(sorted(bars, key=lambda bar: bar.start)) for symbol, bars in found.items()}


def _bar(row: dict[str, str], start: object, session: date) -> Bar:
    prices = {name: Decimal(row[name.capitalize()]) for name in ("open", "high", "low", "close", "volume")}
    high = max(prices["open"], prices["high"], prices["close"])
    low = min(prices["open"], prices["low"], prices["close"])
    return Bar(start=start, session=session, **prices | {"low": low, "high": high})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def h(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    """All eight have run: those of the demo first, then the others, of which each takes a contract over."""
    with harness(tmp_path_factory.mktemp("tape") / "home") as made:
        _listed(made)
        first = [file for file in example_files() if file.stem in DEMO]
        _lived(made, first, from_day=0)
        with made.desk.transactions.begin() as t:
            for file in first:
                made.desk.strategies.disable(t, file.stem, "owner", holds_shares=False)
        _lived(made, STATED, from_day=7)
        yield made


def _listed(h: Harness) -> None:
    bars = tape(h)
    with h.desk.transactions.begin() as t:
        known = h.desk.contracts.contract(t, UP)
        for symbol, conid in CONIDS.items():
            h.broker.listed[conid] = replace(known, conid=conid, symbol=symbol)
            h.desk.contracts.remember(t, h.broker.listed[conid])
            h.broker.bars[(conid, BarSize.DAY)] = bars[symbol]


def _lived(h: Harness, examples: Sequence[Path], *, from_day: int) -> None:
    for file in examples:
        strategy = load_strategy(
            file.read_bytes(), file=file.name, account=ACCOUNT, resolve=CONIDS.__getitem__
        )
        with h.desk.transactions.begin() as t:
            h.desk.strategies.create(t, strategy, author="owner")
            h.desk.strategies.enable(t, strategy.name, "owner")
    for day in range(from_day, from_day + DAYS):
        h.execute(*h.tick_at(SLOT + timedelta(days=day)))


def runs(h: Harness, name: str) -> list[Run]:
    with h.desk.transactions.read() as t:
        return list(h.desk.runs.runs(t, strategy=name))


@EXAMPLES
def test_an_example_decides_on_each_of_five_days_of_the_tape(h: Harness, file: Path) -> None:
    found = runs(h, file.stem)
    assert len(found) == DAYS
    for run in found:
        assert run.state in (RunState.QUEUED, RunState.NO_TRADE), run.reason
        code = run.reason.partition(":")[0]
        with h.desk.transactions.read() as t:
            done = [step.name for step in h.desk.runs.steps(t, run.run)]
        assert code not in ("DATA", "TOO_FEW_BARS", "HALTED", "NO_BARS")
        assert done == [name for name in STEPS if name in done]
        assert "signal" in done


@EXAMPLES
def test_an_examples_newest_run_verifies(h: Harness, file: Path) -> None:
    newest = runs(h, file.stem)[0]
    with h.desk.transactions.read() as t:
        graph, findings = verify(h.desk, t, f"signal:{newest.run}")
    assert findings == []
    assert ("conditions" in {node.kind for node in graph.nodes}) is (file in STATED)


@pytest.mark.parametrize("file", STATED, ids=lambda file: file.stem)
def test_an_example_with_conditions_would_have_traded_within_the_year_and_not_every_day(
    h: Harness, file: Path
) -> None:
    with h.desk.transactions.read() as t:
        strategy = h.desk.strategies.get(t, file.stem).strategy
        contract = h.desk.contracts.contract(t, strategy.contracts[0].conid)
    found = h.desk.strategies.past(strategy, contract, h.clock.now())
    assert found is not None
    for side in ("buy", "sell"):
        assert 3 <= len(found.true(side)) <= len(found.moments) / 2, side
        assert found.unknown(side) == 0
    newest = runs(h, file.stem)[0]
    with h.desk.transactions.read() as t:
        story = h.desk.runs.story(t, newest.run)
    assert story.conditions is not None
    assert story.conditions.buy is not None
    assert story.conditions.buy.truth is not Truth.UNKNOWN


def test_on_those_days_a_named_rule_and_a_condition_bought(h: Harness) -> None:
    found = [run for file in example_files() for run in runs(h, file.stem)]
    assert len(found) == 8 * DAYS
    with h.desk.transactions.read() as t:
        rows = [h.desk.signals.of_run(t, run.run) for run in found]
    bought = {row.strategy for row in rows if row is not None and row.signal.action is Action.BUY}
    assert bought == {"aapl-pullback", "goog-confirmation"}
    assert RunState.QUEUED in {run.state for run in found}
