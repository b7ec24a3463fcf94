"""The two lines above the panels: what this is, and what its newest bar says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean, median

from glassdesk.workflow.charts.scene import Anchor, Box, Primitive, Rect, Text
from glassdesk.workflow.charts.text import fitting, text_width
from glassdesk.workflow.charts.theme import Style
from glassdesk.workflow.charts.window import Window
from glassdesk.workflow.charts.words import Words, draw_row, row_width
from glassdesk.workflow.market_data.model import BarSize

TIMEFRAMES = {
    BarSize.MIN_1: "1 minute",
    BarSize.MIN_2: "2 minutes",
    BarSize.MIN_3: "3 minutes",
    BarSize.MIN_5: "5 minutes",
    BarSize.MIN_10: "10 minutes",
    BarSize.MIN_15: "15 minutes",
    BarSize.MIN_30: "30 minutes",
    BarSize.HOUR_1: "hourly",
    BarSize.HOUR_2: "2 hours",
    BarSize.HOUR_3: "3 hours",
    BarSize.HOUR_4: "4 hours",
    BarSize.HOUR_8: "8 hours",
    BarSize.DAY: "daily",
    BarSize.WEEK: "weekly",
    BarSize.MONTH: "monthly",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The words of the header, and the reading code."""

    title: str
    last_bar: str
    """When the newest bar starts, by the exchange's clock."""
    code: str


def header_height(style: Style) -> float:
    """Room above the first panel."""
    return 54 * style.scale


def draw_header(heading: Heading, window: Window, width: int, style: Style) -> Iterator[Primitive]:
    """Title and newest bar on the left, reading code and summary on the right; the summary yields first."""
    left, right = style.gap, width - style.gap
    yield from _code(heading.code, right, style)
    yield Text(
        x=left,
        y=23 * style.scale,
        text=fitting(heading.title, right - left - 130 * style.scale, style.title, bold=True),
        size=style.title,
        colour=style.palette.text,
        bold=True,
        role="title",
    )
    second = 45 * style.scale
    newest = tuple(_newest(heading, window, style))
    yield from draw_row(newest, left, second, style, "newest")
    summary = tuple(_summary(window, style))
    start = right - row_width(summary, style)
    if left + row_width(newest, style) + 2 * style.gap <= start:
        yield from draw_row(summary, start, second, style, "summary")


def _code(code: str, right: float, style: Style) -> Iterator[Primitive]:
    size = 20 * style.scale
    width = text_width(code, size, bold=True) + style.gap
    box = Box(left=right - width, top=4 * style.scale, width=width, height=26 * style.scale)
    yield Rect(box=box, stroke=style.palette.muted, radius=3 * style.scale)
    baseline = box.top + box.height / 2 + 0.36 * size
    middle = box.left + box.width / 2
    yield Text(
        x=middle,
        y=baseline,
        text=code,
        size=size,
        colour=style.palette.text,
        anchor=Anchor.MIDDLE,
        bold=True,
        role="code",
    )
    yield Text(
        x=box.left - style.gap,
        y=baseline,
        text="code",
        size=style.small,
        colour=style.palette.muted,
        anchor=Anchor.END,
        role="code-label",
    )


def _newest(heading: Heading, window: Window, style: Style) -> Iterator[Words]:
    """The newest bar in the broker's own digits, and percent from the close before it."""
    bar, palette = window.bars[-1], style.palette
    state = "running bar (hatched)" if window.running else "last bar"
    yield Words(text=f"{state} {heading.last_bar}", colour=palette.text)
    for name, price in (("O", bar.open), ("H", bar.high), ("L", bar.low), ("C", bar.close)):
        yield Words(text=f"{name} {price}", colour=palette.text)
    if len(window) > 1:
        change = (window.closes[-1] / window.closes[-2] - 1) * 100
        yield Words(text=f"{change:+.2f} %", colour=palette.down if change < 0 else palette.up)


def _summary(window: Window, style: Style) -> Iterator[Words]:
    """What the closes of the picture were like [R-91]."""
    mean, middle = fmean(window.closes), median(window.closes)
    for text in (
        f"{len(window)} bars",
        f"mean {mean:.{window.places}f}",
        f"median {middle:.{window.places}f}",
    ):
        yield Words(text=text, colour=style.palette.muted)
