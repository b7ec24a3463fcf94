"""Marks that panels share: lines, bands, histograms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from glassdesk.workflow.charts.panel import Frame
from glassdesk.workflow.charts.scene import Block, Dot, Path, Point, Points, Primitive, polyline
from glassdesk.workflow.charts.theme import Style
from glassdesk.workflow.charts.window import Row
from glassdesk.workflow.indicators.kind import Look, Output


def lines(
    outputs: Sequence[Output], rows: Sequence[Row], colours: Sequence[str], frame: Frame, style: Style
) -> Iterator[Path]:
    """The rows of one indicator, a colour each, back to front."""
    looks = [output.look for output in outputs]
    edges, cloud = _pair(looks, rows, Look.BAND_EDGE), _pair(looks, rows, Look.CLOUD_EDGE)
    if edges:
        yield tint(edges[0], edges[1], colours[0], frame)
    if cloud:
        yield from clouds(cloud[0], cloud[1], frame, style)
    for index, (look, row) in enumerate(zip(looks, rows, strict=True)):
        if look is Look.TREND:
            yield from trend(row, rows[index + 1], frame, style)
        elif look is Look.DOTS:
            yield from dots(row, rows[index + 1], frame, style)
        elif look in LEVELS:
            held = (row[-1],) * len(row) if look is Look.LEVEL_NOW else row
            yield Path(
                strokes=level_strokes(held, frame), stroke=colours[index], width=style.stroke, clip=frame.clip
            )
        elif look not in _NOT_LINES:
            yield curve(row, colours[index], frame, style, dash=_DASHES.get(look, ()))


LEVELS = (Look.LEVEL, Look.LEVEL_NOW)
"""Looks whose tags need a name: a number alone nobody can place."""
_NOT_LINES = (Look.HIDDEN, Look.HISTOGRAM)
_DASHES = {Look.BAND_MIDDLE: (5.0, 4.0)}


def _pair(looks: Sequence[Look], rows: Sequence[Row], wanted: Look) -> tuple[Row, Row] | None:
    found = [row for look, row in zip(looks, rows, strict=True) if look is wanted]
    return (found[0], found[1]) if len(found) == 2 else None


def curve(
    row: Iterable[float | None], colour: str, frame: Frame, style: Style, dash: tuple[float, ...] = ()
) -> Path:
    """One line, cut off at the panel's edge."""
    strokes = polyline(frame.points(row), lone=frame.slot)
    return Path(strokes=strokes, stroke=colour, width=style.stroke, dash=dash, clip=frame.clip)


def tint(upper: Row, lower: Row, colour: str, frame: Frame) -> Path:
    """The area between two lines, where both have values."""
    both = [i for i, (a, b) in enumerate(zip(upper, lower, strict=True)) if a is not None and b is not None]
    top = [(frame.x(i) + 0.5, frame.y(upper[i] or 0)) for i in both]
    bottom = [(frame.x(i) + 0.5, frame.y(lower[i] or 0)) for i in reversed(both)]
    return Path(areas=[top + bottom] if both else (), fill=colour, opacity=0.08, clip=frame.clip)


def clouds(first: Row, second: Row, frame: Frame, style: Style) -> Iterator[Path]:
    """The area between two lines, in the colour of rising where the first is above, of falling elsewhere."""
    areas: dict[bool, list[Points]] = {True: [], False: []}
    for i in range(len(first) - 1):
        ends = first[i], second[i], first[i + 1], second[i + 1]
        known = tuple(value for value in ends if value is not None)
        if len(known) == 4:
            for above, corners in _slices(i, (known[0], known[1]), (known[2], known[3]), frame):
                areas[above].append(corners)
    for above, colour in ((True, style.palette.up), (False, style.palette.down)):
        if areas[above]:
            yield Path(areas=areas[above], fill=colour, opacity=0.14, clip=frame.clip)


def _slices(
    index: int, left: tuple[float, float], right: tuple[float, float], frame: Frame
) -> Iterator[tuple[bool, list[Point]]]:
    """The area from one bar to the next: one piece, or two where the lines cross."""
    x, end = frame.x(index) + 0.5, frame.x(index + 1) + 0.5
    before, after = left[0] - left[1], right[0] - right[1]
    a, b = (x, frame.y(left[0])), (x, frame.y(left[1]))
    c, d = (end, frame.y(right[1])), (end, frame.y(right[0]))
    if before * after >= 0:
        yield before + after >= 0, [a, b, c, d]
        return
    share = before / (before - after)
    crossing = (x + share * (end - x), frame.y(left[0] + share * (right[0] - left[0])))
    yield before > 0, [a, b, crossing]
    yield after > 0, [crossing, c, d]


def dots(row: Row, direction: Row, frame: Frame, style: Style) -> Iterator[Path]:
    """A dot per bar, in the colour of rising where its direction is positive, of falling elsewhere."""
    radius = min(max(frame.slot / 4, 1.2), 2.2 * style.scale)
    for colour, upwards in ((style.palette.up, True), (style.palette.down, False)):
        found: list[Dot] = [
            (frame.x(i) + 0.5, frame.y(value), radius)
            for i, (value, way) in enumerate(zip(row, direction, strict=True))
            if value is not None and way is not None and (way > 0) is upwards
        ]
        if found:
            yield Path(dots=found, fill=colour, clip=frame.clip)


def level_strokes(row: Row, frame: Frame) -> list[Points]:
    """A level stroke for every stretch of equal values."""
    strokes: list[Points] = []
    at = 0
    for value, stretch in groupby(row):
        count = len(list(stretch))
        if value is not None:
            left, right = frame.box.left + at * frame.slot, frame.box.left + (at + count) * frame.slot
            y = frame.y(value)
            strokes.append(((left, y), (right, y)))
        at += count
    return strokes


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
            if chosen:
                blocks = [column(frame, i, row[i] or 0) for i in chosen]
                yield Path(blocks=blocks, fill=colour, opacity=0.85 if grows else 0.4)


def _grows(row: Row, index: int) -> bool:
    now, before = row[index], row[index - 1] if index else None
    return now is None or before is None or abs(now) >= abs(before)


def column(frame: Frame, index: int, value: float) -> Block:
    """A bar from zero to `value`, at least half a pixel high."""
    zero, y = frame.y(0), frame.y(value)
    left = frame.x(index) - frame.body // 2
    return left, min(y, zero), frame.body, max(abs(y - zero), 0.5)


def hatch(left: float, top: float, width: float, height: float) -> list[Points]:
    """Diagonal strokes inside a rectangle."""
    strokes: list[Points] = []
    for offset in range(-int(height), int(width), 4):
        start = max(offset, 0)
        end = min(offset + height, width)
        if end > start:
            fall = top - offset
            strokes.append(((left + start, fall + start), (left + end, fall + end)))
    return strokes
