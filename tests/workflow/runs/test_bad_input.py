"""What a person, a file or the broker may get wrong, each with the error that says what, where, and what
would be right; nothing of it ever becomes an order."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from glassdesk.adapters.bundles import load_strategy
from glassdesk.kernel.canonical import decode_text
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.market_data.model import Bar, BarSize
from glassdesk.workflow.runs.model import RunState
from glassdesk.workflow.runs.outputs import Bars
from glassdesk.workflow.strategies.model import Strategy, StrategyContract
from tests.workflow.runs.harness import ACCOUNT, FILE, SYMBOLS, UP, Harness, harness

USUAL = {"history": 120, "weekly": "false", "monthly": "false", "decide_on": "closed", "approval": "off"}
TEXT = FILE.format(name="wrong", symbol="UP", cron="0 9 * * 1-5", **USUAL)


@pytest.fixture
def h(tmp_path: Path) -> Iterator[Harness]:
    with harness(tmp_path / "home") as made:
        yield made


def read(text: str) -> Strategy:
    return load_strategy(text, file="wrong.yaml", account=ACCOUNT, resolve=SYMBOLS.__getitem__)


def refusal(h: Harness, strategy: Strategy) -> str:
    with h.desk.transactions.begin() as t, pytest.raises(InvalidInput) as refused:
        h.desk.strategies.create(t, strategy, author="owner")
    return str(refused.value)


def test_a_parameter_out_of_range_is_named_with_its_range(h: Harness) -> None:
    said = refusal(h, read(TEXT.replace("kind: rsi, length: 14", "kind: rsi, length: 100000")))
    assert "rsi.length" in said
    assert "2 to 200" in said


def test_too_few_bars_are_counted_against_what_is_needed(h: Harness) -> None:
    said = refusal(h, read(TEXT.replace("history: 120", "history: 10")))
    assert "history: 10 bars do not fit" in said
    assert "its indicators and conditions need 34" in said
    h.strategy("short", "UP")
    h.broker.bars[(UP, BarSize.DAY)] = tuple(b for b in h.broker.bars[(UP, BarSize.DAY)] if late(b))
    (run,) = h.due()
    h.execute(run)
    assert h.run(run).state is RunState.NO_TRADE
    assert h.run(run).reason.startswith("TOO_FEW_BARS: SMA 20 needs 20 bars, there are 5")


def late(bar: Bar) -> bool:
    return (2012, 9, 23) < (bar.session.year, bar.session.month, bar.session.day) < (2012, 10, 1)


def damaged(change: Callable[[list[Bar]], Sequence[Bar]]) -> Callable[[Sequence[Bar]], Sequence[Bar]]:
    """The bars of the last sessions before the slot, changed."""

    def apply(bars: Sequence[Bar]) -> Sequence[Bar]:
        known = [bar for bar in bars if (bar.session.year, bar.session.month) < (2012, 10)]
        return [*known[:-3], *change(known[-3:])]

    return apply


BROKEN = {
    "no number": damaged(lambda last: [*last[:2], replace(last[2], close=Decimal("NaN"))]),
    "high below low": damaged(lambda last: [*last[:2], replace(last[2], high=Decimal(1))]),
    "unsorted": damaged(lambda last: [last[2], last[0], last[1]]),
    "twice": damaged(lambda last: [last[0], last[1], last[2], last[2]]),
    "two of one day that differ": damaged(
        lambda last: [*last, replace(last[2], start=last[2].start + timedelta(minutes=1))]
    ),
    "the last one missing": damaged(lambda last: last[:2]),
}


@pytest.mark.parametrize("how", BROKEN)
def test_bars_that_cannot_be_end_the_run_with_a_reason_or_are_put_right(h: Harness, how: str) -> None:
    h.strategy("broken", "UP")
    h.broker.bars[(UP, BarSize.DAY)] = tuple(BROKEN[how](h.broker.bars[(UP, BarSize.DAY)]))
    (run,) = h.due()
    h.execute(run)
    ended = h.run(run)
    if how in MENDED:
        assert ended.state is RunState.QUEUED, ended.reason
        sessions = seen_sessions(h, run)
        assert sessions == sorted(set(sessions))
        return
    assert ended.state is not RunState.QUEUED
    assert WORDS[how] in ended.reason
    with h.desk.transactions.read() as t:
        assert h.desk.orders.intents(t, run=run) == []


def seen_sessions(h: Harness, run: str) -> list[date]:
    with h.desk.transactions.read() as t:
        step = h.ground.stores.runs.step(t, run, "bars")
    assert step is not None
    return [bar.session for bar in decode_text(Bars, step.output).daily.bars]


MENDED = ("unsorted", "twice")
"""Bars are kept by the instant they begin at, so order and repetition do not matter."""
WORDS = {
    "no number": "READ_FAILED: bars: the broker's bar of 2012-09-28 holds what is no number",
    "high below low": "DATA: the bar of 2012-09-28 contradicts itself",
    "two of one day that differ": "DATA: there are two bars of 2012-09-28",
    "the last one missing": "DATA: the last bar is of 2012-09-27, the calendar expects 2012-09-28",
}


def test_an_unknown_key_of_a_file_is_named_with_what_was_meant() -> None:
    with pytest.raises(
        InvalidInput, match=r"wrong\.yaml: exits\.stop_at: there is no field 'stop_at'.*stop_atr"
    ):
        read(TEXT.replace("stop_atr: 2", "stop_at: 2"))


BOMBS = {
    "aliases": "a: &a [x, x]\nb: [*a, *a]\n",
    "depth": "name: " + "[" * 200 + "]" * 200 + "\n",
    "size": "name: x\n# " + "x" * 200_000 + "\n",
    "an object": "name: !!python/object/apply:os.system ['true']\n",
}


@pytest.mark.parametrize(
    ("bomb", "words"),
    [
        ("aliases", "line 2: aliases are not allowed (write the value out)"),
        ("depth", "nested too deeply (at most 12 levels)"),
        ("size", "bytes are too many (at most 100000)"),
        ("an object", "line 1: could not determine a constructor"),
    ],
)
def test_a_bomb_of_yaml_is_refused_in_one_line(bomb: str, words: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(BOMBS[bomb])
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "currency", "words"),
    [
        ("OPT", "USD", "OPT is not traded in this version"),
        ("STK", "CAD", "it trades in CAD"),
        ("CASH", "USD", "CASH"),
    ],
)
def test_T_18_a_contract_outside_of_the_scope_is_refused_with_what_is_missing(
    h: Harness, kind: str, currency: str, words: str
) -> None:
    outside = Contract(
        conid=99, symbol="OUT", name="OUTSIDE", sec_type=kind, exchange="NASDAQ", currency=currency
    )
    with h.desk.transactions.begin() as t:
        h.desk.contracts.remember(t, outside)
    wanted = replace(read(TEXT), contracts=(StrategyContract(conid=99, symbol="OUT"),))
    said = refusal(h, wanted)
    assert "charts only, no orders" in said
    assert words.lower() in said.lower()
