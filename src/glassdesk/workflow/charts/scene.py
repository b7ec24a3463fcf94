"""A picture as a list of primitives, in pixels from the upper left corner; any backend could draw it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from glassdesk.workflow.charts.text import ASCENT, DESCENT, text_width


class Anchor(StrEnum):
    """Which end of a text stands at its x."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle of the picture."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def overlaps(self, other: Box) -> bool:
        """Do the two share more than an edge?"""
        apart = self.right <= other.left or other.right <= self.left
        return not (apart or self.bottom <= other.top or other.bottom <= self.top)

    def holds(self, other: Box) -> bool:
        """Does `other` lie inside?"""
        across = self.left <= other.left and other.right <= self.right
        return across and self.top <= other.top and other.bottom <= self.bottom


@dataclass(frozen=True, slots=True, kw_only=True)
class Rect:
    box: Box
    fill: str = "none"
    stroke: str = "none"
    radius: float = 0
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    x1: float
    y1: float
    x2: float
    y2: float
    colour: str
    width: float = 1
    dash: tuple[float, ...] = ()


Point = tuple[float, float]
Points = Sequence[Point]
Block = tuple[float, float, float, float]
"""Left, top, width and height of a filled rectangle."""
Dot = tuple[float, float, float]
"""Middle and radius of a circle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """Many strokes or areas of one look; `clip` cuts off what leaves it."""

    strokes: Sequence[Points] = ()
    """Open lines."""
    areas: Sequence[Points] = ()
    """Closed ones."""
    blocks: Sequence[Block] = ()
    dots: Sequence[Dot] = ()
    fill: str = "none"
    stroke: str = "none"
    width: float = 1
    dash: tuple[float, ...] = ()
    opacity: float = 1
    """Of the fill."""
    clip: Box | None = None

    @property
    def steps(self) -> str:
        """All of it in SVG's path language."""
        areas = (f"{_stroke(area)}z" for area in self.areas)
        return "".join(
            (*map(_stroke, self.strokes), *areas, *map(_block, self.blocks), *map(_dot, self.dots))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One line of text on the baseline `y`."""

    x: float
    y: float
    text: str
    size: float
    colour: str
    anchor: Anchor = Anchor.START
    bold: bool = False
    halo: str = ""
    """A colour around the letters that keeps them readable over lines."""
    role: str = ""

    @property
    def left(self) -> float:
        """Where the first letter begins."""
        if self.anchor is Anchor.START:
            return self.x
        width = text_width(self.text, self.size, bold=self.bold)
        return self.x - (width / 2 if self.anchor is Anchor.MIDDLE else width)

    @property
    def box(self) -> Box:
        """The room the text takes."""
        width = text_width(self.text, self.size, bold=self.bold)
        return Box(
            left=self.left,
            top=self.y - ASCENT * self.size,
            width=width,
            height=(ASCENT + DESCENT) * self.size,
        )


Primitive = Rect | Line | Path | Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is drawn, back to front."""

    width: int
    height: int
    background: str
    parts: tuple[Primitive, ...]


def num(value: float) -> str:
    """A coordinate to 0.01 pixel, the shortest way: equal on every machine."""
    text = f"{value:.2f}"
    if text[-1] != "0":
        return text
    text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def polyline(points: Iterable[Point | None], *, lone: float = 0) -> list[Points]:
    """Strokes through `points`; `None` lifts the pen. A point without neighbours is a dash `lone` wide."""
    return list(_runs(points, lone))


def _runs(points: Iterable[Point | None], lone: float) -> Iterator[Points]:
    for there, run in groupby(points, key=lambda point: point is not None):
        if there:
            known = [point for point in run if point]
            yield known if len(known) > 1 else _dash(known[0], lone)


def _dash(middle: Point, length: float) -> Points:
    x, y = middle
    return (x - length / 2, y), (x + length / 2, y)


def _stroke(points: Points) -> str:
    if len(points) == 2:
        (x, y), (x2, y2) = points
        end = f"H{num(x2)}" if y == y2 else f"V{num(y2)}" if x == x2 else f"L{num(x2)} {num(y2)}"
        return f"M{num(x)} {num(y)}{end}"
    return "M" + "L".join([f"{num(x)} {num(y)}" for x, y in points])


def _block(block: Block) -> str:
    left, top, width, height = block
    across = num(width)
    return f"M{num(left)} {num(top)}h{across}v{num(height)}h-{across}z"


def _dot(dot: Dot) -> str:
    x, y, radius = dot
    arc = f"a{num(radius)} {num(radius)} 0 1 0"
    return f"M{num(x - radius)} {num(y)}{arc} {num(2 * radius)} 0{arc} {num(-2 * radius)} 0z"
