"""A picture as a list of primitives, in pixels from the upper left corner; any backend could draw it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """Many strokes or areas of one look, in SVG's path language; `clip` cuts off what leaves it."""

    steps: str
    fill: str = "none"
    stroke: str = "none"
    width: float = 1
    dash: tuple[float, ...] = ()
    opacity: float = 1
    """Of the fill."""
    clip: Box | None = None


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
    def box(self) -> Box:
        """The room the text takes."""
        width = text_width(self.text, self.size, bold=self.bold)
        share = {Anchor.START: 0.0, Anchor.MIDDLE: 0.5, Anchor.END: 1.0}[self.anchor]
        return Box(
            left=self.x - share * width,
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
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def polyline(points: Iterable[tuple[float, float] | None], *, lone: float = 0) -> str:
    """Path steps through `points`; `None` lifts the pen. A point without neighbours is a dash `lone` wide."""
    runs = (list(run) for there, run in groupby(points, key=lambda point: point is not None) if there)
    return "".join(_run([point for point in run if point], lone) for run in runs)


def _run(points: Sequence[tuple[float, float]], lone: float) -> str:
    if len(points) == 1:
        x, y = points[0]
        return f"M{num(x - lone / 2)} {num(y)}h{num(lone)}"
    return "M" + "L".join(f"{num(x)} {num(y)}" for x, y in points)


def block(left: float, top: float, width: float, height: float) -> str:
    """Path steps of a filled rectangle."""
    return f"M{num(left)} {num(top)}h{num(width)}v{num(height)}h{num(-width)}z"
