"""Marks that panels share: lines, bands, histograms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from glassdesk.workflow.charts.panel import Frame
from glassdesk.workflow.charts.scene import Path, Primitive, block, num, polyline
from glassdesk.workflow.charts.theme import Style
from glassdesk.workflow.charts.window import Row
from glassdesk.workflow.indicators.kind import Look, Output


def lines(
    outputs: Sequence[Output], rows: Sequence[Row], colour: str, frame: Frame, style: Style
) -> Iterator[Path]:
    """The rows of one indicator over the candles, back to front."""
    edges = [row for output, row in zip(outputs, rows, strict=True) if output.look is Look.BAND_EDGE]
    if len(edges) == 2:
        yield tint(edges[0], edges[1], colour, frame)
    for index, (output, row) in enumerate(zip(outputs, rows, strict=True)):
        if output.look is Look.TREND:
            yield from trend(row, rows[index + 1], frame, style)
        elif output.look is not Look.HIDDEN:
            yield curve(row, colour, frame, style, dash=(5, 4) if output.look is Look.BAND_MIDDLE else ())


def curve(
    row: Iterable[float | None], colour: str, frame: Frame, style: Style, dash: tuple[float, ...] = ()
) -> Path:
    """One line, cut off at the panel's edge."""
    steps = polyline(frame.points(tuple(row)), lone=frame.slot)
    return Path(steps=steps, stroke=colour, width=style.stroke, dash=dash, clip=frame.clip)


def tint(upper: Row, lower: Row, colour: str, frame: Frame) -> Path:
    """The area between two lines, where both have values."""
    both = [i for i, (a, b) in enumerate(zip(upper, lower, strict=True)) if a is not None and b is not None]
    top = [(frame.x(i) + 0.5, frame.y(upper[i] or 0)) for i in both]
    bottom = [(frame.x(i) + 0.5, frame.y(lower[i] or 0)) for i in reversed(both)]
    return Path(steps=polyline(top + bottom) + "z", fill=colour, opacity=0.08, clip=frame.clip)


def trend(row: Row, direction: Row, frame: Frame, style: Style) -> Iterator[Path]:
    """A line in the colour of rising where its direction is positive, of falling elsewhere."""
    for colour, upwards in ((style.palette.up, True), (style.palette.down, False)):
        part = (
            value if way is not None and (way > 0) is upwards else None
            for value, way in zip(row, direction, strict=True)
        )
        yield curve(part, colour, frame, style)


def histogram(row: Row, frame: Frame, style: Style) -> Iterator[Primitive]:
    """Columns from zero: strong while they grow, pale while they shrink."""
    for colour, upwards in ((style.palette.up, True), (style.palette.down, False)):
        for grows in (True, False):
            chosen = [
                i
                for i, value in enumerate(row)
                if value is not None and (value >= 0) is upwards and _grows(row, i) is grows
            ]
            steps = "".join(column(frame, i, row[i] or 0) for i in chosen)
            if steps:
                yield Path(steps=steps, fill=colour, opacity=0.85 if grows else 0.4)


def _grows(row: Row, index: int) -> bool:
    now, before = row[index], row[index - 1] if index else None
    return now is None or before is None or abs(now) >= abs(before)


def column(frame: Frame, index: int, value: float) -> str:
    """Path steps of a bar from zero to `value`, at least half a pixel high."""
    zero, y = frame.y(0), frame.y(value)
    left = frame.x(index) - frame.body // 2
    return block(left, min(y, zero), frame.body, max(abs(y - zero), 0.5))


def hatch(left: float, top: float, width: float, height: float) -> str:
    """Path steps of diagonal strokes inside a rectangle."""
    steps = []
    for offset in range(-int(height), int(width), 4):
        start = max(offset, 0)
        end = min(offset + height, width)
        if end > start:
            fall = top - offset
            steps.append(f"M{num(left + start)} {num(fall + start)}L{num(left + end)} {num(fall + end)}")
    return "".join(steps)
