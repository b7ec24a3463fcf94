"""From a set and bars to values. Pure: equal bars give equal values, and later bars change none of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from glassdesk.workflow.indicators.catalogue import (
    complete_set,
    kind_of,
    label,
    line_names,
    settings_of,
)
from glassdesk.workflow.indicators.columns import columns_of
from glassdesk.workflow.indicators.kind import Columns, FloatArray
from glassdesk.workflow.indicators.model import (
    IndicatorSet,
    IndicatorSpec,
    IndicatorValues,
    Line,
    Shortfall,
)
from glassdesk.workflow.market_data.model import Bar


def compute(wanted: IndicatorSet, bars: Sequence[Bar]) -> IndicatorValues:
    """The set's lines over `bars`, one value per bar, ten significant digits.

    Raises `InvalidInput` for a set or bars that cannot be. Too few bars are no error: the lines are `None`
    and `missing` says what they need.
    """
    specs = complete_set(wanted).indicators
    columns = columns_of(bars)
    lines = [line for spec in specs for line in _lines(spec, columns)]
    return IndicatorValues(indicators=specs, lines=tuple(lines))


def _lines(spec: IndicatorSpec, columns: Columns) -> list[Line]:
    settings = settings_of(spec)
    if len(columns.close) == 0:
        return [Line(name=name, values=()) for name in line_names(spec)]
    arrays = kind_of(spec.kind).compute(columns, settings)
    named = zip(line_names(spec), arrays, strict=True)
    return [Line(name=name, values=_rounded(array)) for name, array in named]


def _rounded(array: FloatArray) -> tuple[float | None, ...]:
    # Adding 0.0 turns -0.0 into 0.0: they are equal, but their texts, and so their hashes, are not.
    return tuple(None if math.isnan(value) else float(f"{value:.9e}") + 0.0 for value in array.tolist())


def minimum_bars(wanted: IndicatorSet) -> int:
    """How many bars give every line of the set a value at the newest one."""
    return max(_minimum(spec) for spec in complete_set(wanted).indicators)


def missing(wanted: IndicatorSet, bars: Sequence[Bar]) -> tuple[Shortfall, ...]:
    """The indicators of the set for which there are too few `bars`, and how many each needs."""
    short = (spec for spec in complete_set(wanted).indicators if _minimum(spec) > len(bars))
    return tuple(
        Shortfall(indicator=spec, title=label(spec), needed=_minimum(spec), given=len(bars)) for spec in short
    )


def _minimum(spec: IndicatorSpec) -> int:
    return kind_of(spec.kind).minimum_bars(settings_of(spec))
