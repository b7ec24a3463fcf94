"""The value axes of a panel: round numbers on the left, tags that never cover each other on the right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from glassdesk.workflow.charts.panel import Frame, Plan, Tag
from glassdesk.workflow.charts.scene import Anchor, Box, Line, Primitive, Rect, Text
from glassdesk.workflow.charts.spread import spread
from glassdesk.workflow.charts.text import text_width
from glassdesk.workflow.charts.theme import Style, ink_on


def _widest(texts: Iterable[str], style: Style) -> float:
    return max((text_width(text, style.small) for text in texts), default=0)


def left_width(plans: Iterable[Plan], style: Style) -> float:
    """Room left of the panels in which every tick of them fits."""
    return float(int(_widest((tick.text for plan in plans for tick in plan.ticks), style) + 1.5 * style.gap))


def right_width(plans: Iterable[Plan], style: Style) -> float:
    """Room right of the panels in which every tag of them fits."""
    texts = (tag.text for plan in plans for tag in (*plan.tags, *plan.pinned))
    return float(int(_widest(texts, style) + _gutter(style) + 1.5 * style.gap))


def _gutter(style: Style) -> float:
    """Room between a panel and its tags, for the strokes that lead to them."""
    return 10 * style.scale


def place_tags(plan: Plan, frame: Frame, style: Style) -> list[tuple[Tag, float]]:
    """Each tag with the y of its middle, from top to bottom; without room, the last ones are dropped."""
    most = max(1, int(frame.box.height / style.row))
    pinned = plan.pinned[:most]
    tags = [*pinned, *plan.tags[: most - len(pinned)]]
    top, bottom = frame.box.top + style.row / 2, frame.box.bottom - style.row / 2

    def wish(tag: Tag) -> float:
        if tag in pinned:
            return top if tag.value > frame.high else bottom
        return frame.y(tag.value)

    ordered = sorted(tags, key=wish)
    return list(zip(ordered, spread([wish(tag) for tag in ordered], style.row, top, bottom), strict=True))


def draw_ticks(plan: Plan, frame: Frame, style: Style) -> Iterator[Text]:
    """The round numbers, without those that would touch the one before."""
    taken: list[Box] = []
    for tick in plan.ticks:
        text = Text(
            x=frame.box.left - style.gap / 2,
            y=frame.y(tick.value) + _middle(style),
            text=tick.text,
            size=style.small,
            colour=style.palette.muted,
            anchor=Anchor.END,
            role="tick",
        )
        if not any(text.box.overlaps(box) for box in taken):
            taken.append(text.box)
            yield text


def draw_tags(plan: Plan, frame: Frame, style: Style) -> Iterator[Primitive]:
    """The tags, with strokes to the values they tell."""
    left = frame.box.right + _gutter(style)
    height = style.row - 2 * style.scale
    for tag, y in place_tags(plan, frame, style):
        if tag not in plan.pinned:
            yield Line(x1=frame.box.right, y1=frame.y(tag.value), x2=left, y2=y, colour=tag.colour)
        width = text_width(tag.text, style.small) + style.gap
        box = Box(left=left, top=y - height / 2, width=width, height=height)
        yield Rect(box=box, fill=tag.colour, radius=2 * style.scale, role="tag")
        yield Text(
            x=left + style.gap / 2,
            y=y + _middle(style),
            text=tag.text,
            size=style.small,
            colour=ink_on(tag.colour),
            role="tag-text",
        )


def _middle(style: Style) -> float:
    """From the middle of a small text down to its baseline."""
    return 0.36 * style.small
