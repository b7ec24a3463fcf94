"""Conditions for tests: one statement of every kind, and arbitrary trees of them."""

from __future__ import annotations

from hypothesis import strategies as st

from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSpec
from glassdesk.workflow.signals.conditions.model import (
    PRICES,
    Condition,
    Conditions,
    Group,
    GroupKind,
    Operand,
    Relation,
    Statement,
    Timeframe,
)

SET = IndicatorSet(
    name="stated",
    indicators=(
        IndicatorSpec(kind="sma", params=(("length", 5),)),
        IndicatorSpec(kind="rsi", params=(("length", 3),)),
        IndicatorSpec(kind="donchian", params=(("length", 10),)),
        IndicatorSpec(kind="macd", params=(("fast", 3), ("slow", 6), ("signal", 3))),
    ),
)
LINES = ("sma_5", "rsi_3", "donchian_10_upper", "macd_3_6_3", "macd_3_6_3_signal")
SENTENCES = (
    "close above sma_5",
    "rsi_3 below 30",
    "close crosses above sma_5",
    "macd_3_6_3 crosses below macd_3_6_3_signal",
    "rsi_3 between 40 and 60",
    "sma_5 rising over 3 bars",
    "volume falling over 2 bars",
    "close above donchian_10_upper 1 bar ago",
    "weekly close above weekly sma_5",
    "monthly close rising over 1 bar",
    "daily close crosses above weekly sma_5",
)
"""One at least of every relation, timeframe, kind of value, and of the past."""

_names = st.sampled_from([*PRICES, *LINES])
_frames = st.sampled_from(list(Timeframe))
_numbers = st.one_of(st.integers(-1000, 100_000).map(float), st.integers(-999, 99_999).map(lambda n: n / 100))
named = st.builds(Operand, name=_names, timeframe=_frames, ago=st.integers(0, 3))
operands = st.one_of(named, st.builds(Operand, number=_numbers))


@st.composite
def _statements(draw: st.DrawFn) -> Statement:
    relation, left = draw(st.sampled_from(list(Relation))), draw(named)
    if relation.over_bars:
        return Statement(left=left, relation=relation, bars=draw(st.integers(1, 6)))
    right = draw(operands)
    if relation is not Relation.BETWEEN:
        return Statement(left=left, relation=relation, right=right)
    upper = draw(operands)
    if right.number is not None and upper.number is not None:
        low, high = sorted((right.number, upper.number))
        right, upper = Operand(number=low), Operand(number=high)
    return Statement(left=left, relation=relation, right=right, upper=upper)


statements = _statements()


@st.composite
def _groups(draw: st.DrawFn, parts: st.SearchStrategy[Condition]) -> Group:
    kind = draw(st.sampled_from(list(GroupKind)))
    most = 1 if kind is GroupKind.NOT else 4
    of = tuple(draw(st.lists(parts, min_size=1, max_size=most)))
    need = draw(st.integers(1, len(of))) if kind is GroupKind.AT_LEAST else 0
    return Group(kind=kind, of=of, need=need)


def _deeper(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    return _groups(parts)


trees: st.SearchStrategy[Condition] = st.recursive(statements, _deeper, max_leaves=6)
both = st.one_of(
    st.builds(Conditions, buy=trees, sell=st.none() | trees), st.builds(Conditions, buy=st.none(), sell=trees)
)
