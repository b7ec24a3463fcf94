"""Laws that hold for every indicator of the catalogue, whatever its parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from glassdesk.workflow.indicators.averages import steady
from glassdesk.workflow.indicators.catalogue import CATALOGUE, complete, label, line_names, value_of
from glassdesk.workflow.indicators.columns import columns_of
from glassdesk.workflow.indicators.compute import compute, compute_columns, minimum_bars
from glassdesk.workflow.indicators.kind import Kind, Parameter
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSpec, IndicatorValues
from glassdesk.workflow.market_data.model import Bar, BarSize
from tests.workflow.indicators.worlds import bar, walk

EVERY = pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.kind)
ALL = tuple(complete(IndicatorSpec(kind=entry.kind)) for entry in CATALOGUE)


def of(bars: Sequence[Bar], *specs: IndicatorSpec) -> IndicatorValues:
    return compute(IndicatorSet(name="tested", indicators=specs), bars)


def fitting(entry: Kind, chosen: dict[str, float]) -> IndicatorSpec:
    """The entry with the chosen parameters, or its defaults where they do not fit together."""
    params = () if entry.refuse(chosen) else tuple(chosen.items())
    return complete(IndicatorSpec(kind=entry.kind, params=params))


@st.composite
def specs(draw: st.DrawFn, entry: Kind) -> IndicatorSpec:
    chosen: dict[str, float] = {}
    for parameter in entry.parameters:
        if parameter.whole:
            chosen[parameter.name] = draw(
                st.integers(int(parameter.low), int(min(parameter.high, parameter.low + 40)))
            )
        else:
            hundredths = st.integers(round(parameter.low * 100), round(parameter.high * 100))
            chosen[parameter.name] = draw(hundredths) / 100
    return fitting(entry, chosen)


@EVERY
@settings(deadline=None, max_examples=30)
@given(data=st.data(), seed=st.integers(0, 10_000), count=st.integers(1, 260), cut=st.integers(1, 259))
def test_later_bars_change_no_value(
    entry: Kind, data: st.DataObject, seed: int, count: int, cut: int
) -> None:
    wanted = data.draw(specs(entry))
    size = data.draw(st.sampled_from([BarSize.DAY, BarSize.MIN_30, BarSize.MONTH]))
    volume = data.draw(st.sampled_from([0, 3, 40_000_000]))
    bars = walk(count, seed=seed, swing=0.03, size=size, volume=volume)
    kept = min(cut, count)
    whole, part = of(bars, wanted), of(bars[:kept], wanted)
    assert [x.values[:kept] for x in whole.lines] == [x.values for x in part.lines]


@settings(deadline=None, max_examples=30)
@example(seed=1940, cut=302, shock="5")
@given(seed=st.integers(0, 10_000), cut=st.integers(1, 599), shock=st.sampled_from(["0.2", "5"]))
def test_whatever_comes_later_changes_no_value_of_any_indicator(seed: int, cut: int, shock: str) -> None:
    """Not only leaving bars out: other bars in their place change nothing before them either."""
    bars = walk(600, seed=seed, swing=0.03)
    other = [_times(b, Decimal(shock)) if at >= cut else b for at, b in enumerate(bars)]
    one, two = (compute_columns(ALL, columns_of(rows)) for rows in (bars, other))
    assert [x.values[:cut] for x in one.lines] == [x.values[:cut] for x in two.lines]


def _times(b: Bar, factor: Decimal) -> Bar:
    return replace(
        b,
        open=b.open * factor,
        high=b.high * factor,
        low=b.low * factor,
        close=b.close * factor,
        volume=b.volume * 7,
    )


@EVERY
def test_every_corner_of_the_parameters_can_be_computed(entry: Kind) -> None:
    corners = [{p.name: getattr(p, edge) for p in entry.parameters} for edge in ("low", "high")]
    bars = walk(40, seed=4)
    for corner in corners:
        spec = fitting(entry, corner)
        values = of(bars, spec)
        assert {len(line.values) for line in values.lines} == {40}
        if not entry.patient and minimum_bars(IndicatorSet(name="x", indicators=(spec,))) <= 40:
            assert all(line.values[-1] is not None for line in values.lines), spec


@EVERY
@pytest.mark.parametrize("count", [1, 2, 3, 15])
def test_few_bars_give_fewer_values_and_no_error(entry: Kind, count: int) -> None:
    values = of(walk(count, size=BarSize.MONTH), IndicatorSpec(kind=entry.kind))
    assert {len(line.values) for line in values.lines} == {count}


@EVERY
def test_a_still_price_and_no_volume_give_finite_values_or_none(entry: Kind) -> None:
    """A price whose third is no float is the hard case: what is noise must not look like a signal."""
    still = [bar(i, low="7.07", high="7.07", close="7.07", volume=0) for i in range(160)]
    lines = of(still, IndicatorSpec(kind=entry.kind)).lines
    found = {line.name: line.values[-1] for line in lines}
    assert all(value is None or np.isfinite(value) for line in lines for value in line.values)
    allowed = {None, 0.0, 7.07, 100.0, -1.0, 1.0}
    assert set(found.values()) <= allowed or entry.kind in {"supertrend", "vp"}, found


@EVERY
@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000), price=st.sampled_from([0.01, 1.0, 300.0, 90_000.0]))
def test_bounded_values_stay_within_their_bounds(entry: Kind, seed: int, price: float) -> None:
    bars = walk(150, seed=seed, price=price, decimals=4, swing=0.05)
    low, high = entry.bounds or (-np.inf, np.inf)
    for line in of(bars, IndicatorSpec(kind=entry.kind)).lines:
        known = [value for value in line.values if value is not None]
        assert all(low - 1e-6 <= value <= high + 1e-6 and np.isfinite(value) for value in known), line.name


@EVERY
def test_prices_in_other_units_give_the_same_picture(entry: Kind) -> None:
    """Twice the price: lines over the candles double, oscillators of 0 to 100 stay."""
    bars = walk(300, seed=6, swing=0.03)
    one, two = (of(rows, IndicatorSpec(kind=entry.kind)) for rows in (bars, [_doubled(b) for b in bars]))
    if entry.kind == "vp":  # rows stand on a grid of their own
        return
    for line, output, doubled in zip(one.lines, entry.outputs, two.lines, strict=True):
        factor = 2 if entry.panel == "price" and output.title != "direction" else None
        ours = [value for value in line.values if value is not None]
        theirs = [value for value in doubled.values if value is not None]
        factor = factor or (1 if entry.bounds or output.title == "direction" else None)
        if factor:
            np.testing.assert_allclose(theirs, [factor * value for value in ours], rtol=1e-8, atol=1e-7)


def _doubled(b: Bar) -> Bar:
    return replace(b, open=2 * b.open, high=2 * b.high, low=2 * b.low, close=2 * b.close)


@EVERY
def test_names_of_lines_differ_and_fit_into_a_template(entry: Kind) -> None:
    spec = complete(IndicatorSpec(kind=entry.kind))
    names = line_names(spec)
    assert len(set(names)) == len(names) == len(entry.outputs)
    assert all(name.isidentifier() and name.split("_")[0] == entry.kind for name in names)
    assert label(spec).startswith(entry.title)


@EVERY
def test_a_parameter_is_read_as_it_is_written(entry: Kind) -> None:
    for parameter in entry.parameters:
        for value in _samples(parameter):
            assert value_of(entry, parameter, parameter.word(value)) == value
        assert parameter.range


def _samples(parameter: Parameter) -> list[float]:
    middle = parameter.low if parameter.whole else (parameter.low * 100 + 5) / 100
    return [parameter.low, parameter.default, parameter.high, middle]


@settings(max_examples=400)
@given(value=st.floats(-1e20, 1e20, allow_nan=False).filter(lambda v: v == 0 or abs(v) > 1e-11))
def test_ten_digits_are_those_of_the_decimal_text(value: float) -> None:
    ours, text = float(steady(np.array([value]))[0]), float(f"{value:.9e}")
    assert ours == float(f"{ours:.9e}")
    assert ours == text or abs(ours - text) <= 1.01e-9 * abs(value), "a half may be rounded either way"
    assert str(ours) != "-0.0"
