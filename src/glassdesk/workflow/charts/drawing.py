"""The whole picture: panels stacked under a header, one value axis each, one date axis below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from glassdesk.workflow.charts.axis import draw_tags, draw_ticks, left_width, right_width
from glassdesk.workflow.charts.dates import DateTick, date_ticks, local_times
from glassdesk.workflow.charts.header import Heading, draw_header, header_height
from glassdesk.workflow.charts.model import ChartSpec, Level
from glassdesk.workflow.charts.own import plan_own
from glassdesk.workflow.charts.panel import Frame, Plan, frame_for
from glassdesk.workflow.charts.price import plan_price
from glassdesk.workflow.charts.scene import Anchor, Box, Path, Point, Primitive, Rect, Scene, Text
from glassdesk.workflow.charts.text import text_width
from glassdesk.workflow.charts.theme import Style, style_for
from glassdesk.workflow.charts.volume import plan_volume
from glassdesk.workflow.charts.window import Window
from glassdesk.workflow.charts.words import draw_row
from glassdesk.workflow.market_data.model import BarSize

_Stroke = tuple[Point, Point]

PRICE_SHARE = 3.2
VOLUME_SHARE = 0.8
"""Heights relative to an indicator's own panel."""


def draw(
    spec: ChartSpec, heading: Heading, window: Window, levels: Sequence[Level], size: BarSize, zone: tzinfo
) -> Scene:
    """The scene of one chart."""
    style = style_for(spec.theme, spec.width, spec.height)
    plans = _plans(spec, window, levels, style)
    frames = _frames(spec, plans, len(window), style)
    times = local_times(window.bars, size, zone)
    dates = date_ticks(times, frames[0].slot, style.small, intraday=size.intraday)
    parts = [*draw_header(heading, window, spec.width, style)]
    for plan, frame in zip(plans, frames, strict=True):
        parts.extend(_panel(plan, frame, dates, style))
    parts.extend(_dates(dates, frames[-1], spec.width, style))
    return Scene(
        width=spec.width, height=spec.height, background=style.palette.background, parts=tuple(parts)
    )


def _foot(style: Style) -> float:
    return 24 * style.scale


def _between(style: Style) -> float:
    return 5 * style.scale


def _plans(spec: ChartSpec, window: Window, levels: Sequence[Level], style: Style) -> list[Plan]:
    """The panels from top to bottom; volume only where there is some."""
    traded = any(window.volumes)
    count = 1 + traded + len(window.own)
    room = spec.height - header_height(style) - _foot(style) - (count - 1) * _between(style)
    unit = room / (PRICE_SHARE + VOLUME_SHARE * traded + len(window.own))
    # The axis is not known yet; a legend that fits seven tenths of the picture fits any panel.
    width = spec.width * 0.7
    plans = [plan_price(window, levels, style, (width, unit * PRICE_SHARE))]
    if traded:
        plans.append(plan_volume(window, style, unit * VOLUME_SHARE))
    return plans + [plan_own(drawn, style, (width, unit)) for drawn in window.own]


def _frames(spec: ChartSpec, plans: Sequence[Plan], count: int, style: Style) -> list[Frame]:
    left = left_width(plans, style)
    width = spec.width - left - right_width(plans, style)
    top = header_height(style)
    frames = []
    for plan in plans:
        box = Box(left=left, top=top, width=width, height=plan.height)
        frames.append(frame_for(plan, box, count, style))
        top += plan.height + _between(style)
    return frames


def _panel(plan: Plan, frame: Frame, dates: Sequence[DateTick], style: Style) -> Iterator[Primitive]:
    palette = style.palette
    yield Path(strokes=_grid(plan, frame, dates, style), stroke=palette.grid)
    if plan.guides:
        across = [_across(frame, guide) for guide in plan.guides]
        yield Path(strokes=across, stroke=palette.guide, dash=(4, 4))
    yield from plan.marks(frame)
    yield Rect(box=frame.box, stroke=palette.border)
    for index, row in enumerate(plan.legend):
        y = frame.box.top + index * style.row + 14 * style.scale
        yield from draw_row(row, frame.box.left + style.gap / 2, y, style, "legend")
    yield from draw_ticks(plan, frame, style)
    yield from draw_tags(plan, frame, style)


def _grid(plan: Plan, frame: Frame, dates: Sequence[DateTick], style: Style) -> list[_Stroke]:
    head = frame.box.top + len(plan.legend) * style.row
    columns = [frame.x(tick.index) + 0.5 for tick in dates]
    down = [((x, head), (x, frame.box.bottom)) for x in columns]
    return [*(_across(frame, tick.value) for tick in plan.ticks), *down]


def _across(frame: Frame, value: float) -> _Stroke:
    y = round(frame.y(value)) + 0.5
    return (frame.box.left, y), (frame.box.right, y)


def _dates(dates: Sequence[DateTick], frame: Frame, width: int, style: Style) -> Iterator[Primitive]:
    y = frame.box.bottom + 17 * style.scale
    for tick in dates:
        half = text_width(tick.text, style.small) / 2
        x = min(max(frame.x(tick.index) + 0.5, half + 2), width - half - 2)
        yield Text(
            x=x,
            y=y,
            text=tick.text,
            size=style.small,
            colour=style.palette.muted,
            anchor=Anchor.MIDDLE,
            role="date",
        )
