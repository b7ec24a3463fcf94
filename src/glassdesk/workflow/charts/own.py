"""A panel of an indicator that has one of its own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from glassdesk.workflow.charts.axes import digits, ticks
from glassdesk.workflow.charts.marks import curve, histogram
from glassdesk.workflow.charts.panel import Frame, Plan, Tag, Tick
from glassdesk.workflow.charts.scene import Primitive
from glassdesk.workflow.charts.theme import Style
from glassdesk.workflow.charts.window import Drawn
from glassdesk.workflow.charts.words import Words, in_rows
from glassdesk.workflow.indicators.kind import Look, Output


def plan_own(drawn: Drawn, style: Style, size: tuple[float, float]) -> Plan:
    """The panel for a room of `size` (width, height)."""
    width, height = size
    low, high = _range(drawn)
    room = height - style.row
    if drawn.kind.bounds:
        marks = tuple(Tick(value=guide, text=f"{guide:g}") for guide in drawn.kind.guides)
        places = 2
    else:
        round_numbers = ticks(low, high, max(1, int(room / (24 * style.scale))))
        places = max(digits(round_numbers) + 1, 2)
        tick_places = digits(round_numbers)
        marks = tuple(Tick(value=float(mark), text=f"{mark:.{tick_places}f}") for mark in round_numbers)
    return Plan(
        height=height,
        low=low,
        high=high,
        ticks=marks,
        tags=tuple(_tags(drawn, style, places)),
        legend=in_rows([tuple(_legend(drawn, style, places))], width, style),
        marks=partial(_marks, drawn, style),
        guides=drawn.kind.guides,
        air=3 * style.scale,
    )


def _range(drawn: Drawn) -> tuple[float, float]:
    """The values' range; a bounded indicator keeps its guides in view, a histogram its zero."""
    values = [value for row in drawn.rows for value in row if value is not None]
    low, high = min(values), max(values)
    if drawn.kind.bounds:
        margin = (drawn.kind.bounds[1] - drawn.kind.bounds[0]) / 10
        return min(low, min(drawn.kind.guides) - margin), max(high, max(drawn.kind.guides) + margin)
    low, high = min([low, *drawn.kind.guides]), max([high, *drawn.kind.guides])
    if low == high:
        return low - abs(low) / 10 - 0.01, high + abs(high) / 10 + 0.01
    return low, high


def _colour(output: Output, value: float, style: Style) -> str:
    if output.look is Look.HISTOGRAM:
        return style.palette.up if value >= 0 else style.palette.down
    return style.palette.colours[output.colour]


def _latest(drawn: Drawn, style: Style) -> Iterator[tuple[Output, float, str]]:
    for output, row in zip(drawn.kind.outputs, drawn.rows, strict=True):
        value = row[-1]
        if value is not None and output.look is not Look.HIDDEN:
            yield output, value, _colour(output, value, style)


def _legend(drawn: Drawn, style: Style, places: int) -> Iterator[Words]:
    yield Words(text=drawn.label, colour=style.palette.text)
    for output, value, colour in _latest(drawn, style):
        yield Words(text=f"{output.title} {value:.{places}f}".strip(), colour=colour)


def _tags(drawn: Drawn, style: Style, places: int) -> Iterator[Tag]:
    for _, value, colour in _latest(drawn, style):
        yield Tag(value=value, text=f"{value:.{places}f}", colour=colour)


def _marks(drawn: Drawn, style: Style, frame: Frame) -> Iterator[Primitive]:
    pairs = list(zip(drawn.kind.outputs, drawn.rows, strict=True))
    for output, row in pairs:
        if output.look is Look.HISTOGRAM:
            yield from histogram(row, frame, style)
    for output, row in pairs:
        if output.look is Look.LINE:
            yield curve(row, style.palette.colours[output.colour], frame, style)
