"""The price panel: candles, overlays, levels."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from glassdesk.workflow.charts.axes import digits, ticks
from glassdesk.workflow.charts.marks import LEVELS, hatch, lines
from glassdesk.workflow.charts.model import Level, LevelKind
from glassdesk.workflow.charts.panel import Frame, Plan, Tag, Tick
from glassdesk.workflow.charts.scene import Anchor, Block, Box, Line, Path, Primitive, Rect, Text
from glassdesk.workflow.charts.text import text_width
from glassdesk.workflow.charts.theme import Style
from glassdesk.workflow.charts.window import Drawn, Window
from glassdesk.workflow.charts.words import Words, in_rows
from glassdesk.workflow.indicators.kind import Colour, Look

LONGEST_NAME = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """The price panel with its decisions made: range, decimals, a colour per line."""

    window: Window
    levels: tuple[Level, ...]
    style: Style
    low: float
    high: float
    places: int
    coloured: tuple[tuple[Drawn, tuple[str, ...]], ...]

    def shows(self, price: float) -> bool:
        return self.low <= price <= self.high


def plan_price(window: Window, levels: Sequence[Level], style: Style, size: tuple[float, float]) -> Plan:
    """The panel for a room of `size` (width, height)."""
    width, height = size
    low, high = _range(window, levels)
    marks = ticks(low, high, max(2, int(height / (44 * style.scale))))
    places = max(window.places, digits(marks))
    content = _Content(
        window=window,
        levels=tuple(levels),
        style=style,
        low=low,
        high=high,
        places=places,
        coloured=_coloured(window.overlays, style),
    )
    return Plan(
        height=height,
        low=low,
        high=high,
        ticks=tuple(Tick(value=float(mark), text=f"{mark:.{places}f}") for mark in marks),
        tags=tuple(_tags(content)),
        pinned=tuple(_pinned(content)),
        legend=_at_most(int(height / 3 / style.row), in_rows(list(_legend(content)), width, style), style),
        marks=partial(_marks, content),
        air=style.row,
    )


def _range(window: Window, levels: Sequence[Level]) -> tuple[float, float]:
    """From the lowest to the highest price, and further for overlays and levels that are not far off."""
    low, high = min(window.lows), max(window.highs)
    if low == high:
        low, high = low * 0.99, high * 1.01
    reach = high - low
    wide = [v for entry in window.overlays for row in _visible(entry) for v in row if v is not None]
    near = [max(min(v, high + reach / 2), low - reach / 2) for v in wide]
    near += [p for p in (float(level.price) for level in levels) if low - reach <= p <= high + reach]
    return min([low, *near]), max([high, *near])


def _visible(entry: Drawn) -> Iterator[tuple[float | None, ...]]:
    for output, row in zip(entry.kind.outputs, entry.rows, strict=True):
        if output.look is not Look.HIDDEN:
            yield row[-1:] if output.look is Look.LEVEL_NOW else row


def _at_most(most: int, rows: tuple[tuple[Words, ...], ...], style: Style) -> tuple[tuple[Words, ...], ...]:
    """As many rows as leave the candles two thirds of the panel; the last one says how much is left out."""
    if len(rows) <= max(most, 1):
        return rows
    kept = rows[: max(most - 1, 0)]
    left_out = sum(len(row) for row in rows[len(kept) :])
    return (*kept, (Words(text=f"and {left_out} more, see their values", colour=style.palette.muted),))


_SIDED = (Look.TREND, Look.DOTS)
"""Looks whose colour tells a direction."""


def _coloured(overlays: Sequence[Drawn], style: Style) -> tuple[tuple[Drawn, tuple[str, ...]], ...]:
    """Each overlay in its own colour, or in one that is still free; lines of several colours keep them."""
    taken: list[Colour] = []
    found = []
    for entry in overlays:
        colours = [output.colour for output in entry.kind.outputs]
        if not _is_motley(entry) and entry.kind.outputs[0].look not in _SIDED:
            free = [colour for colour in (colours[0], *Colour) if colour not in taken]
            colours = [(free or colours)[0]] * len(colours)
            taken.append(colours[0])
        found.append((entry, tuple(style.palette.colours[colour] for colour in colours)))
    return tuple(found)


def _is_motley(entry: Drawn) -> bool:
    return len({output.colour for output in entry.kind.outputs if output.look is not Look.HIDDEN}) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Latest:
    """The newest value of a visible line."""

    title: str
    value: float
    colour: str


def _latest(content: _Content, entry: Drawn, colours: Sequence[str]) -> Iterator[_Latest]:
    """Every visible output that has a newest value."""
    palette = content.style.palette
    for index, (output, row) in enumerate(zip(entry.kind.outputs, entry.rows, strict=True)):
        value, colour = row[-1], colours[index]
        if output.look is Look.HIDDEN or value is None:
            continue
        if output.look in _SIDED:
            colour = palette.up if (entry.rows[index + 1][-1] or 0) > 0 else palette.down
        yield _Latest(title=output.title, value=value, colour=colour)


def _legend(content: _Content) -> Iterator[tuple[Words, ...]]:
    for entry, colours in content.coloured:
        latest = list(_latest(content, entry, colours))
        if latest and _is_motley(entry):
            yield from _named(content, entry, latest)
            continue
        numbers = " / ".join(f"{one.value:.{content.places}f}" for one in latest) or "no value yet"
        colour = latest[0].colour if latest else colours[0]
        yield (Words(text=f"{entry.label}: {numbers}", colour=colour),)


def _named(content: _Content, entry: Drawn, latest: Sequence[_Latest]) -> Iterator[tuple[Words, ...]]:
    """Lines of several colours: the indicator's name, then each with its own, in groups that fit a row."""
    words = [Words(text=f"{one.title} {one.value:.{content.places}f}", colour=one.colour) for one in latest]
    yield (Words(text=f"{entry.label}:", colour=content.style.palette.text), *words[:2])
    for at in range(2, len(words), 3):
        yield tuple(words[at : at + 3])


def _tags(content: _Content) -> Iterator[Tag]:
    """The close first, then levels, then overlays: what does not fit is dropped from the end."""
    window, palette = content.window, content.style.palette
    last = window.closes[-1]
    colour = palette.up if window.rises(len(window) - 1) else palette.down
    yield Tag(value=last, text=f"{last:.{content.places}f}", colour=colour)
    for level in content.levels:
        if content.shows(float(level.price)):
            yield _level_tag(content, level, "")
    told = set()
    for entry, colours in content.coloured:
        for one in _latest(content, entry, colours):
            text = f"{one.value:.{content.places}f}"
            if content.shows(one.value) and text not in told:
                told.add(text)
                name = f"{one.title} " if entry.kind.outputs[0].look in LEVELS else ""
                yield Tag(value=one.value, text=name + text, colour=one.colour)


def _pinned(content: _Content) -> Iterator[Tag]:
    for level in content.levels:
        price = float(level.price)
        if not content.shows(price):
            yield _level_tag(content, level, "▲ " if price > content.high else "▼ ")


def _level_tag(content: _Content, level: Level, arrow: str) -> Tag:
    places = max(content.places, min(digits([level.price]), 6))
    return Tag(
        value=float(level.price),
        text=f"{arrow}{level.name[:LONGEST_NAME]} {level.price:.{places}f}",
        colour=content.style.palette.levels[level.kind],
    )


def _marks(content: _Content, frame: Frame) -> Iterator[Primitive]:
    # Bands lie below lines: their middle often is the very average that is drawn as well.
    for entry, colours in sorted(content.coloured, key=lambda pair: not _is_band(pair[0])):
        yield from lines(entry.kind.outputs, entry.rows, colours, frame, content.style)
    yield from _candles(content, frame)
    yield from _levels(content, frame)
    yield from _extremes(content, frame)


def _is_band(entry: Drawn) -> bool:
    return any(output.look in (Look.BAND_EDGE, Look.CLOUD_EDGE) for output in entry.kind.outputs)


def _candles(content: _Content, frame: Frame) -> Iterator[Primitive]:
    window, palette = content.window, content.style.palette
    closed = len(window) - 1 if window.running else len(window)
    for colour, up in ((palette.up, True), (palette.down, False)):
        blocks = [b for i in range(closed) if window.rises(i) is up for b in _candle(window, frame, i)]
        if blocks:
            yield Path(blocks=blocks, fill=colour)
    if window.running:
        yield from _running_candle(content, frame)


def _body(window: Window, frame: Frame, index: int) -> Box:
    """The body on whole pixels, at least one high."""
    open_y, close_y = frame.y(window.opens[index]), frame.y(window.closes[index])
    top, bottom = round(min(open_y, close_y)), round(max(open_y, close_y))
    return Box(left=frame.x(index) - frame.body // 2, top=top, width=frame.body, height=max(bottom - top, 1))


def _wick(window: Window, frame: Frame, index: int) -> Block:
    top, bottom = round(frame.y(window.highs[index])), round(frame.y(window.lows[index]))
    return frame.x(index), top, 1, max(bottom - top, 1)


def _candle(window: Window, frame: Frame, index: int) -> tuple[Block, Block]:
    body = _body(window, frame, index)
    return _wick(window, frame, index), (body.left, body.top, body.width, body.height)


def _running_candle(content: _Content, frame: Frame) -> Iterator[Primitive]:
    """The bar that is still open: hollow and hatched (`T-04`)."""
    window, palette, index = content.window, content.style.palette, len(content.window) - 1
    colour = palette.up if window.rises(index) else palette.down
    body = _body(window, frame, index)
    yield Path(blocks=[_wick(window, frame, index)], fill=colour)
    yield Rect(box=body, fill=palette.background, stroke=colour)
    yield Path(strokes=hatch(body.left, body.top, body.width, body.height), stroke=colour)


def _levels(content: _Content, frame: Frame) -> Iterator[Primitive]:
    starts, scale = [bar.start for bar in content.window.bars], content.style.scale
    for level in content.levels:
        if not content.shows(float(level.price)):
            continue
        colour, y = content.style.palette.levels[level.kind], frame.y(float(level.price))
        index = bisect_right(starts, level.at) - 1 if level.at else -1
        left = frame.x(index) if index >= 0 else frame.box.left
        yield Line(x1=left, y1=y, x2=frame.box.right, y2=y, colour=colour, width=1.4 * scale, dash=(6, 4))
        if level.kind is LevelKind.FILL and index >= 0:
            yield from _fill_mark(left, y, colour, content.style)


def _fill_mark(x: float, y: float, colour: str, style: Style) -> Iterator[Primitive]:
    half = 4 * style.scale
    box = Box(left=x + 0.5 - half, top=y - half, width=2 * half, height=2 * half)
    yield Rect(box=box, fill=colour, stroke=style.palette.background, radius=half)


def _extremes(content: _Content, frame: Frame) -> Iterator[Primitive]:
    """The highest and the lowest price of the picture, written at their bars."""
    window, size, palette = content.window, content.style.small, content.style.palette
    high, low = max(window.highs), min(window.lows)
    above = frame.y(high) - 0.35 * size
    below = frame.y(low) + 1.0 * size
    for price, y, at in ((high, above, window.highs.index(high)), (low, below, window.lows.index(low))):
        text = f"{price:.{content.places}f}"
        half = text_width(text, size) / 2
        x = min(max(frame.x(at) + 0.5, frame.box.left + half + 3), frame.box.right - half - 3)
        yield Text(
            x=x,
            y=y,
            text=text,
            size=size,
            colour=palette.muted,
            anchor=Anchor.MIDDLE,
            role="note",
            halo=palette.background,
        )
