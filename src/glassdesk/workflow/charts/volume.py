"""The volume panel."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from glassdesk.workflow.charts.axes import short, ticks
from glassdesk.workflow.charts.marks import column
from glassdesk.workflow.charts.panel import Frame, Plan, Tag, Tick
from glassdesk.workflow.charts.scene import Path, Primitive
from glassdesk.workflow.charts.theme import Style
from glassdesk.workflow.charts.window import Window
from glassdesk.workflow.charts.words import Words


def plan_volume(window: Window, style: Style, height: float) -> Plan:
    """Columns from zero in the colour of their bar, with the newest bar's volume and what is usual."""
    highest = max(window.volumes)
    room = height - style.row
    marks = ticks(0, highest, max(1, int(room / (26 * style.scale))))[1:]
    return Plan(
        height=height,
        low=0,
        high=highest,
        ticks=tuple(Tick(value=float(mark), text=short(float(mark))) for mark in marks),
        tags=(_tag(window, style),),
        legend=(tuple(_legend(window, style)),),
        marks=partial(_marks, window, style),
    )


def _legend(window: Window, style: Style) -> Iterator[Words]:
    yield Words(text=f"Volume {short(window.volumes[-1])}", colour=style.palette.text)
    if window.usual_volume is not None:
        yield Words(text=f"mean of the 20 before {short(window.usual_volume)}", colour=style.palette.muted)


def _tag(window: Window, style: Style) -> Tag:
    palette = style.palette
    colour = palette.up if window.rises(len(window) - 1) else palette.down
    return Tag(value=window.volumes[-1], text=short(window.volumes[-1]), colour=colour)


def _marks(window: Window, style: Style, frame: Frame) -> Iterator[Primitive]:
    for colour, up in ((style.palette.up, True), (style.palette.down, False)):
        chosen = [i for i, volume in enumerate(window.volumes) if volume > 0 and window.rises(i) is up]
        if chosen:
            blocks = [column(frame, i, window.volumes[i]) for i in chosen]
            yield Path(blocks=blocks, fill=colour, opacity=0.6)
