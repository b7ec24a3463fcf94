"""`T-55`: every example strategy, on real prices, at 5k to 100k: it trades, or it says what capital would."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest

from glassdesk.adapters.bundles import dump_strategy, load_strategy
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.risk.model import Exposure, Limits, Proposal
from glassdesk.workflow.risk.presets import PRESETS
from glassdesk.workflow.risk.rules import assess
from glassdesk.workflow.risk.sizing import size
from glassdesk.workflow.strategies.checks import check_limits
from glassdesk.workflow.strategies.model import Strategy
from tests.workflow.risk.makers import a_buy, an_exposure, gates

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.yaml"))
CAPITALS = (5_000, 10_000, 25_000, 100_000)
WARM, FROM, UNTIL = "2012-03-01", "2012-05-01", "2013-02-28"
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A close with the average true range and volume of the days before."""

    close: Decimal
    atr: Decimal
    volume: Decimal


@cache
def market() -> dict[str, list[dict[str, str]]]:
    """The daily rows of the data package, until the end of the demo's year, oldest first."""
    rows: dict[str, list[dict[str, str]]] = {}
    file = Path(str(files("bokeh_sampledata"))) / "_data" / "stocks.csv.gz"
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if WARM <= row["Date"] < UNTIL:
                rows.setdefault(row["Ticker"], []).append(row)
    return {symbol: sorted(found, key=lambda row: row["Date"]) for symbol, found in rows.items()}


@cache
def history(symbol: str) -> tuple[Seen, ...]:
    """Every tenth session."""
    rows = market()[symbol]
    return tuple(seen(rows[at - 20 : at]) for at in range(21, len(rows), 10) if rows[at - 1]["Date"] >= FROM)


def seen(rows: list[dict[str, str]]) -> Seen:
    number = [{name: Decimal(row[name]) for name in ("High", "Low", "Close", "Volume")} for row in rows]
    ranges = [
        max(now["High"], before["Close"]) - min(now["Low"], before["Close"])
        for before, now in pairwise(number)
    ]
    atr = sum(ranges[-14:], Decimal(0)) / 14
    volume = sum((row["Volume"] for row in number), Decimal(0)) / len(number)
    return Seen(close=number[-1]["Close"], atr=atr, volume=volume)


def example(file: Path) -> Strategy:
    return load_strategy(file.read_bytes(), file=file.name, account="DU1234567", resolve=lambda _: 1)


def entries(strategy: Strategy) -> Iterator[Proposal]:
    """A purchase at the close, as the pipeline would propose it (`T-57`)."""
    for contract in strategy.contracts:
        for day in history(contract.symbol):
            limit = (day.close * Decimal("1.002")).quantize(CENT, ROUND_FLOOR)
            stop = (day.close - strategy.exits.stop_atr * day.atr).quantize(CENT)
            yield a_buy(
                quantity=Decimal(0),
                limit=limit,
                stop=stop,
                target=None,
                reference=limit,
                average_volume=day.volume,
            )


def books(capital: Decimal) -> Exposure:
    return an_exposure(capital=capital, cash=capital)


def outcome(proposal: Proposal, capital: int, limits: Limits) -> Decimal:
    """Shares bought; where none, the capital that would trade is said, and it does."""
    sized = size(proposal, books(Decimal(capital)), limits)
    if sized.quantity:
        bought = replace(proposal, quantity=sized.quantity)
        assert assess(bought, books(Decimal(capital)), gates(), limits).allowed
        return sized.quantity
    assert sized.smallest_capital is not None, sized
    assert sized.smallest_capital > capital
    rich = size(proposal, books(sized.smallest_capital), limits)
    assert rich.quantity >= 1
    return Decimal(0)


@pytest.mark.parametrize("capital", CAPITALS)
@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_T_55_every_example_trades_or_says_what_capital_would(file: Path, capital: int) -> None:
    strategy = example(file)
    bought = [outcome(entry, capital, strategy.limits) for entry in entries(strategy)]
    assert len(bought) >= 10
    if capital >= 25_000:
        assert all(bought)
    if capital >= 10_000:
        assert sum(1 for one in bought if one) >= len(bought) / 2


@pytest.mark.parametrize("name", PRESETS)
def test_T_55_under_every_preset_ten_thousand_buy_a_share_of_an_index_fund(name: str) -> None:
    for price, atr in (("640", "6.5"), ("140", "1.6"), ("450", "7")):
        limit = Decimal(price)
        stop = limit - 2 * Decimal(atr)
        entry = a_buy(limit=limit, stop=stop, reference=limit, average_volume=Decimal(60_000_000))
        assert outcome(entry, 10_000, PRESETS[name]) >= 1, (name, price)


def test_presets_go_from_careful_to_wide() -> None:
    careful, standard, wide = (PRESETS[name] for name in ("careful", "standard", "wide"))
    assert standard == Limits()
    for name in ("risk_per_trade", "max_position", "max_open_risk", "max_gap_loss", "max_daily_loss"):
        assert getattr(careful, name) < getattr(standard, name) < getattr(wide, name), name
    assert max(one.max_drawdown for one in PRESETS.values()) <= Decimal("0.15")


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_may_be_kept_as_a_strategys_limits(name: str) -> None:
    check_limits(replace(example(EXAMPLES[0]), limits=PRESETS[name]))


def test_a_file_names_a_preset_and_what_it_says_beside_wins() -> None:
    text = EXAMPLES[0].read_text() + "preset: careful\nlimits: {max_positions: 2}\n"
    found = load_strategy(text, file="x.yaml", account="DU1234567", resolve=lambda _: 1)
    assert found.limits == replace(PRESETS["careful"], max_positions=2)
    again = load_strategy(dump_strategy(found), file="x.yaml", account="DU1234567", resolve=lambda _: 1)
    assert again.limits == found.limits


def test_an_unknown_preset_is_refused_by_its_field() -> None:
    with pytest.raises(InvalidInput, match="'brave' is no preset") as refused:
        load_strategy(
            EXAMPLES[0].read_text() + "preset: brave\n",
            file="x.yaml",
            account="DU1234567",
            resolve=lambda _: 1,
        )
    assert (refused.value.where, refused.value.remedy) == ("x.yaml: preset", "one of careful, standard, wide")
