"""From a set and bars to values. Pure: equal bars give equal values, and later bars change none of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.indicators.averages import steady
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
    return compute_columns(complete_set(wanted).indicators, columns_of(bars))


def compute_columns(specs: Sequence[IndicatorSpec], columns: Columns) -> IndicatorValues:
    """The lines of completed `specs` over columns that `columns_of` has checked."""
    names = [name for spec in specs for name in line_names(spec)]
    if len(columns.close) == 0:
        return IndicatorValues(indicators=tuple(specs), lines=tuple(Line(name=n, values=()) for n in names))
    arrays = [array for spec in specs for array in _arrays(spec, columns)]
    rounded = steady(np.array(arrays))
    lines = (Line(name=name, values=_values(row)) for name, row in zip(names, rounded, strict=True))
    return IndicatorValues(indicators=tuple(specs), lines=tuple(lines))


def _arrays(spec: IndicatorSpec, columns: Columns) -> tuple[FloatArray, ...]:
    kind = kind_of(spec.kind)
    arrays = kind.compute(columns, settings_of(spec))
    wrong = [array.shape for array in arrays if array.shape != columns.close.shape]
    if wrong or len(arrays) != len(kind.outputs):
        raise InvalidInput(
            f"{kind.title} answers {len(arrays)} lines of {sorted({len(array) for array in arrays})} values",
            where=spec.kind,
            remedy=f"{len(kind.outputs)} lines of {len(columns.close)} values, one for each bar",
        )
    return arrays


def _values(row: FloatArray) -> tuple[float | None, ...]:
    unknown = np.isnan(row)
    first = int(unknown.argmin())
    if int(unknown.sum()) == first:
        return (None,) * first + tuple(row[first:].tolist())
    return tuple(None if value != value else value for value in row.tolist())  # noqa: PLR0124 (NaN)


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
