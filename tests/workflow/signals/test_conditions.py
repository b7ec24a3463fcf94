"""Conditions: what is true, what cannot be told, and that later bars change nothing of it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassdesk.kernel.canonical import canonical_text, decode_text
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.indicators.compute import compute
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorValues, Line
from glassdesk.workflow.market_data.ends import period
from glassdesk.workflow.market_data.model import Bar, BarSize
from glassdesk.workflow.market_data.resample import by_calendar
from glassdesk.workflow.signals.conditions.evaluate import Frame, observe, of_group
from glassdesk.workflow.signals.conditions.model import (
    Condition,
    Conditions,
    Group,
    GroupKind,
    Observation,
    Screening,
    Statement,
    Timeframe,
    Truth,
)
from glassdesk.workflow.signals.conditions.needs import bars_needed, check_frames, check_names
from glassdesk.workflow.signals.conditions.past import YEAR, past
from glassdesk.workflow.signals.conditions.screening import reason, screen
from glassdesk.workflow.signals.conditions.sentences import parse_statement, statement_text
from tests.workflow.indicators.worlds import bar_set, walk
from tests.workflow.signals.stated import SENTENCES, SET, both, statements, trees

T, F, U = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
EVERY = pytest.mark.parametrize("sentence", SENTENCES)


def told(sentence: str, **lines: Sequence[float | None]) -> Observation:
    """A statement over lines written by hand, newest last."""
    bars = max(len(line) for line in lines.values())
    return observe(parse_statement(sentence), {Timeframe.DECISION: Frame(columns=lines, bars=bars)})


def screened(condition: Condition, bars: tuple[Bar, ...], wanted: IndicatorSet = SET) -> Observation:
    """A condition over bars and the longer periods that are over; the last one is never taken for over."""
    longer = {
        size: replace(bar_set(bars), size=size, bars=by_calendar(bars, size)[:-1])
        for size in (BarSize.WEEK, BarSize.MONTH)
    }
    found = screen(
        Conditions(buy=condition), bar_set(bars), compute(wanted, bars), longer, wanted, holding=False
    ).buy
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("sentence", "lines", "truth", "said"),
    [
        ("rsi_14 below 30", {"rsi_14": [25]}, T, "rsi_14 25 is below 30"),
        ("rsi_14 below 30", {"rsi_14": [61.2]}, F, "rsi_14 61.2 is not below 30"),
        ("rsi_14 below 30", {"rsi_14": [30]}, F, "rsi_14 30 is not below 30"),
        ("a above b", {"a": [2], "b": [1]}, T, "a 2 is above b 1"),
        ("a above b 1 bar ago", {"a": [2], "b": [3, 1]}, F, "a 2 is not above b 1 bar ago 3"),
        ("a crosses above b", {"a": [1, 3], "b": [1, 2]}, T, "a 3 crosses above b 2 (1 bar before: 1, 1)"),
        (
            "a crosses above b",
            {"a": [2, 3], "b": [1, 2]},
            F,
            "a 3 does not cross above b 2 (1 bar before: 2, 1)",
        ),
        ("a crosses below 5", {"a": [5, 4]}, T, "a 4 crosses below 5 (1 bar before: 5)"),
        ("a between 1 and 2", {"a": [2]}, T, "a 2 is between 1 and 2"),
        ("a between 1 and 2", {"a": [2.5]}, F, "a 2.5 is not between 1 and 2"),
        ("a rising over 2 bars", {"a": [1, 2, 3]}, T, "a 3 is rising over 2 bars (2 bars before: 1)"),
        ("a rising over 2 bars", {"a": [3, 2, 3]}, F, "a 3 is not rising over 2 bars (2 bars before: 3)"),
        ("a falling over 1 bar", {"a": [3, 2]}, T, "a 2 is falling over 1 bar (1 bar before: 3)"),
    ],
)
def test_a_statement_is_true_or_false_with_the_values_that_made_it_so(
    sentence: str, lines: Mapping[str, list[float]], truth: Truth, said: str
) -> None:
    bars = max(len(line) for line in lines.values())
    padded = {name: [None] * (bars - len(line)) + list(line) for name, line in lines.items()}
    found = told(sentence, **padded)
    assert (found.truth, found.said) == (truth, said)
    assert all(one.value is not None for one in found.values)


@pytest.mark.parametrize("missing", [None, float("nan"), float("inf")])
@pytest.mark.parametrize(
    "sentence",
    ["a above 1", "a crosses above 1", "a below b", "a between b and 9", "a rising over 1 bar", "b above a"],
)
def test_a_missing_value_makes_every_statement_unknown(sentence: str, missing: float | None) -> None:
    found = told(sentence, a=[1.0, missing], b=[1.0, 2.0])
    assert found.truth is U
    assert found.said == "no value for a"
    assert told("a crosses above 1", a=[missing, 2.0]).said == "no value for a, 1 bar before"


def test_groups_follow_three_valued_logic() -> None:
    """Against every way of replacing what is unknown: true if all of them are, false if none is."""
    for kind, size in product(GroupKind, (1, 2, 3, 4)):
        if kind is GroupKind.NOT and size > 1:
            continue
        for need in range(1, size + 1) if kind is GroupKind.AT_LEAST else (0,):
            group = Group(kind=kind, of=(parse_statement("a above 1"),) * size, need=need)
            for truths in product((T, F, U), repeat=size):
                worlds = product(*[(T, F) if truth is U else (truth,) for truth in truths])
                ends = {_classical(group, world) for world in worlds}
                assert of_group(group, truths) is (ends.pop() if len(ends) == 1 else U), (kind, need, truths)


def _classical(group: Group, truths: Sequence[Truth]) -> Truth:
    yes = truths.count(T)
    holds = {
        GroupKind.ALL: yes == len(truths),
        GroupKind.ANY: yes > 0,
        GroupKind.NOT: yes == 0,
        GroupKind.AT_LEAST: yes >= group.need,
    }[group.kind]
    return T if holds else F


def test_a_group_says_what_made_it_so() -> None:
    parts = tuple(parse_statement(f"rsi_{n} below 30") for n in (14, 9, 2))
    frames = {Timeframe.DECISION: Frame(columns={"rsi_14": [61.2], "rsi_9": [50.0], "rsi_2": [9.0]}, bars=1)}

    def said(kind: GroupKind, *of: Condition, need: int = 0) -> str:
        return observe(Group(kind=kind, of=of, need=need), frames).said

    assert said(GroupKind.AT_LEAST, *parts, need=2) == (
        "rsi_14 61.2 is not below 30; rsi_9 50 is not below 30; 1 of 3 needed 2"
    )
    assert said(GroupKind.ALL, parts[0], parts[2]) == "rsi_14 61.2 is not below 30"
    assert said(GroupKind.ANY, *parts[:2]) == "rsi_14 61.2 is not below 30; rsi_9 50 is not below 30"
    assert said(GroupKind.NOT, parts[2]) == "unwanted: rsi_2 9 is below 30"
    assert said(GroupKind.NOT, parts[0]) == "rsi_14 61.2 is not below 30"


@EVERY
@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), count=st.integers(2, 160), cut=st.integers(1, 159))
def test_nothing_at_a_bar_changes_when_later_bars_are_taken_away(
    sentence: str, seed: int, count: int, cut: int
) -> None:
    """The lines over all bars, looked at as of an earlier bar, and the earlier bars alone."""
    bars, at = walk(count, seed=seed, swing=0.03), min(cut, count - 1)
    condition, values = parse_statement(sentence), compute(SET, bars)
    early = IndicatorValues(
        indicators=values.indicators,
        lines=tuple(Line(name=line.name, values=line.values[:at]) for line in values.lines),
    )
    longer = {
        size: replace(bar_set(bars), size=size, bars=by_calendar(bars[:at], size)[:-1])
        for size in (BarSize.WEEK, BarSize.MONTH)
    }
    stated = Conditions(buy=condition)
    seen = screen(stated, bar_set(bars[:at]), early, longer, SET, holding=False).buy
    assert seen == screened(condition, bars[:at])


@EVERY
def test_every_statement_is_true_somewhere_and_false_somewhere(sentence: str) -> None:
    """Otherwise the comparison above would compare nothing."""
    bars = walk(700, seed=5, swing=0.03)
    found = set()
    for n in range(10, 700, 3):
        found.add(screened(parse_statement(sentence), bars[:n]).truth)
        if found >= {T, F}:
            return
    raise AssertionError(f"{sentence} is only ever {found}")


def test_a_running_bar_is_left_out() -> None:
    bars = walk(60)
    condition = parse_statement("close crosses above sma_5")
    running = replace(bar_set(bars), so_far=True)
    seen = screen(Conditions(buy=condition), running, compute(SET, bars), {}, SET, holding=False)
    assert seen.buy == screened(condition, bars[:-1])
    assert seen.last_bar == bars[-2].session


@pytest.mark.parametrize("first", range(0, 26, 5))
def test_days_are_made_of_the_bars_of_an_intraday_strategy(first: int) -> None:
    """Thirteen half-hours a day; enough of them are counted, and the day that runs is not one yet."""
    stated = Conditions(buy=parse_statement("daily close above daily sma_5"))
    needed = bars_needed(stated, SET, BarSize.MIN_30)
    assert needed == (5 + 1) * 13
    bars = walk(400, seed=4, size=BarSize.MIN_30)[first : first + needed]
    days = [one for one in by_calendar(bars, BarSize.DAY) if one.session < bars[-1].session]
    decision = replace(bar_set(bars), size=BarSize.MIN_30)
    longer = {BarSize.DAY: replace(decision, size=BarSize.DAY, bars=tuple(days))}
    seen = screen(stated, decision, compute(SET, bars), longer, SET, holding=False).buy
    assert seen is not None
    assert seen.truth is not U
    assert seen.values[0].value == float(days[-1].close)
    newest = past(stated, decision, compute(SET, bars), longer, SET).moments[-1]
    assert newest.buy is seen.truth


@EVERY
@pytest.mark.parametrize("first", range(0, 25, 3))
def test_the_bars_counted_are_enough_whatever_the_day(sentence: str, first: int) -> None:
    """And one bar less than a statement on the decision bars needs is too few."""
    condition = parse_statement(sentence)
    needed = bars_needed(Conditions(buy=condition), SET, BarSize.DAY)
    bars = walk(needed + 40, seed=2)[first:]
    assert screened(condition, bars[:needed]).truth is not U
    if {one.timeframe for one in condition.operands} == {Timeframe.DECISION}:
        assert screened(condition, bars[: needed - 1]).truth is U


@given(conditions=both, holding=st.booleans(), count=st.integers(1, 80))
@settings(deadline=None, max_examples=60)
def test_what_was_seen_is_stored_and_read_back_whole(
    conditions: Conditions, holding: bool, count: int
) -> None:
    bars = walk(count)
    seen = screen(conditions, bar_set(bars), compute(SET, bars), {}, SET, holding=holding)
    assert decode_text(Screening, canonical_text(seen)) == seen
    assert decode_text(Conditions, canonical_text(conditions)) == conditions


@given(statement=statements)
def test_a_sentence_reads_back_as_the_same_statement(statement: Statement) -> None:
    assert parse_statement(statement_text(statement)) == statement


_WORDS = st.sampled_from(
    [
        "close",
        "rsi_14",
        "rsi(14)",
        "above",
        "crosses",
        "between",
        "and",
        "rising",
        "over",
        "3",
        "-1.5",
        "bars",
        "ago",
    ]
)


@given(text=st.one_of(st.text(max_size=300), st.lists(_WORDS, max_size=9).map(" ".join)))
def test_any_text_is_a_statement_or_refused_and_nothing_else(text: str) -> None:
    with suppress(InvalidInput):
        statement = parse_statement(text)
        assert parse_statement(statement_text(statement)) == statement


@given(condition=trees)
@settings(max_examples=50)
def test_no_values_at_all_never_make_a_condition_true(condition: Condition) -> None:
    """Nor false, unless it says so of every world."""
    assert observe(condition, {}).truth is U


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("RSI(14) < 30", "rsi_14 below 30"),
        ("close is above  bb(20, 2.5).upper", "close above bb_20_2p5_upper"),
        ("close>5", "close above 5"),
        ("sma_20 is rising over 5 bars", "sma_20 rising over 5 bars"),
        ("weekly close above weekly sma_20 2 bars ago", "weekly close above weekly sma_20 2 bars ago"),
    ],
)
def test_what_may_be_written_in_several_ways_is_one_statement(written: str, meant: str) -> None:
    assert statement_text(parse_statement(written)) == meant


@pytest.mark.parametrize(
    ("sentence", "problem"),
    [
        ("rsi_14", "is no statement"),
        ("rsi_14 belov 30", "belov: did you mean below?"),
        ("rsi_14 below", "compares with nothing"),
        ("30 below rsi_14", "begins with a number"),
        ("sma_20 rising", "over N bars, N from 1 to 100"),
        ("sma_20 rising over 0 bars", "over N bars, N from 1 to 100"),
        ("rsi_14 between 70 and 30", "between 30 and 70"),
        ("rsi_14 between 70", "compares with nothing"),
        ("rsi_14 between 70 and", "compares with nothing"),
        ("close above sma_20 200 bars ago", "at most 100"),
        ("wekly close above 3", "wekly: did you mean weekly?"),
        ("close above sma_20 and rsi_2 below 3", "names no value"),
        ("", "is no statement"),
    ],
)
def test_what_is_no_statement_is_refused_with_what_would_be_right(sentence: str, problem: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_statement(sentence)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("sentence", "remedy"),
    [
        ("smaa_5 above 1", "did you mean sma_5"),
        ("rsi_14 above 1", "add {kind: rsi, length: 14} to its indicators"),
        ("bb_20_2_upper above 1", "add {kind: bb, length: 20, width: 2} to its indicators"),
        ("supertrend above 1", "supertrend_10_3"),
        ("zzz above 1", "one of open, high, low, close, volume, sma_5"),
    ],
)
def test_an_unknown_name_is_refused_with_near_ones(sentence: str, remedy: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_names(Conditions(sell=parse_statement(sentence)), SET)
    assert caught.value.where == "conditions.sell"
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("sentence", "size", "problem"),
    [
        ("weekly close above 1", BarSize.DAY, "set bars.weekly to true"),
        ("daily close above 1", BarSize.WEEK, "daily bars cannot be made of 1w bars"),
        ("monthly close above 1", BarSize.WEEK, "monthly bars cannot be made of 1w bars"),
        ("daily close above 1", BarSize.MIN_30, ""),
        ("daily close above 1", BarSize.DAY, ""),
        ("weekly close above 1", BarSize.WEEK, ""),
    ],
)
def test_a_timeframe_must_be_there_to_be_read(sentence: str, size: BarSize, problem: str) -> None:
    stated = Conditions(buy=Group(kind=GroupKind.ANY, of=(parse_statement(sentence),)))
    if not problem:
        check_frames(stated, size, frozenset())
        return
    with pytest.raises(InvalidInput) as caught:
        check_frames(stated, size, frozenset())
    assert caught.value.where == "conditions.buy.any[0]"
    assert problem in str(caught.value)


@pytest.mark.parametrize("holding", [False, True])
@pytest.mark.parametrize("truth", list(Truth))
def test_unknown_keeps_an_entry_back_and_never_an_exit(truth: Truth, holding: bool) -> None:
    side = Observation(text="a above 1", truth=truth, said="no value for a")
    seen = Screening(last_bar=walk(1)[0].session, holding=holding, buy=side, sell=side)
    assert seen.keeps_back is (truth is F or (truth is U and not holding))
    assert reason(seen).startswith("unknown: " if truth is U else "no value")
    assert not replace(seen, buy=None, sell=None).keeps_back


@pytest.mark.parametrize("seed", [1, 2, 3])
@EVERY
def test_the_past_says_of_every_bar_what_a_run_after_it_would_have_seen(sentence: str, seed: int) -> None:
    bars = walk(330, seed=seed, swing=0.03)
    stated = Conditions(buy=parse_statement(sentence), sell=parse_statement("close above 1"))
    longer = {
        size: replace(bar_set(bars), size=size, bars=by_calendar(bars, size)[:-1])
        for size in (BarSize.WEEK, BarSize.MONTH)
    }
    found = past(stated, bar_set(bars), compute(SET, bars), longer, SET)
    assert found.moments[-1].session == bars[-1].session
    assert found.moments[0].session > bars[-1].session - YEAR
    assert 250 <= len(found.moments) <= 262
    assert len(found.true("sell")) == len(found.moments)
    assert found.newest.buy is not None
    assert found.newest.buy.truth is found.moments[-1].buy
    for back in range(2, 200, 7):
        seen = bars[:-back]
        ended = {
            size: [
                one for one in by_calendar(seen, size) if period(size, bars[-back].session)[0] > one.session
            ]
            for size in longer
        }
        again = screen(
            stated,
            bar_set(seen),
            compute(SET, seen),
            {size: replace(bar_set(seen), size=size, bars=tuple(ended[size])) for size in ended},
            SET,
            holding=False,
        )
        assert again.buy is not None
        assert found.moments[-back - 1].buy is again.buy.truth
