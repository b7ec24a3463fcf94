"""A panel of an indicator that has one of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from glassdesk.workflow.charts.axes import digits, short, ticks
from glassdesk.workflow.charts.marks import histogram, lines
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
        marks = tuple(
            Tick(value=float(mark), text=_number(float(mark), tick_places, max(abs(low), abs(high))))
            for mark in round_numbers
        )
    write = partial(_number, places=places, largest=max(abs(low), abs(high)))
    return Plan(
        height=height,
        low=low,
        high=high,
        ticks=marks,
        tags=tuple(_tags(drawn, style, write)),
        legend=in_rows([tuple(_legend(drawn, style, write))], width, style),
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


def _number(value: float, places: int, largest: float) -> str:
    """In thousands or millions where the panel's numbers are that large, else with `places` decimals."""
    return short(value) if largest >= 100_000 else f"{value:.{places}f}"


def _legend(drawn: Drawn, style: Style, write: Callable[[float], str]) -> Iterator[Words]:
    yield Words(text=drawn.label, colour=style.palette.text)
    latest = list(_latest(drawn, style))
    for output, value, colour in latest:
        yield Words(text=f"{output.title} {write(value)}".strip(), colour=colour)
    if not latest:
        yield Words(text="no value yet", colour=style.palette.muted)


def _tags(drawn: Drawn, style: Style, write: Callable[[float], str]) -> Iterator[Tag]:
    for _, value, colour in _latest(drawn, style):
        yield Tag(value=value, text=write(value), colour=colour)


def _marks(drawn: Drawn, style: Style, frame: Frame) -> Iterator[Primitive]:
    pairs = list(zip(drawn.kind.outputs, drawn.rows, strict=True))
    for output, row in pairs:
        if output.look is Look.HISTOGRAM:
            yield from histogram(row, frame, style)
    colours = [style.palette.colours[output.colour] for output in drawn.kind.outputs]
    yield from lines(drawn.kind.outputs, drawn.rows, colours, frame, style)
