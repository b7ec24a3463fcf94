"""A panel before it has a place: its range, ticks, tags and legend, and how to draw what is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from glassdesk.workflow.charts.scene import Box, Point, Primitive
from glassdesk.workflow.charts.theme import Style
from glassdesk.workflow.charts.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    value: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A value marked on the axis. One that lies outside the range stands at the edge, without a connector."""

    value: float
    text: str
    colour: str


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A panel's place: values to y, bars to x. `data` is the part of `box` that lines may enter."""

    box: Box
    data: Box
    low: float
    high: float
    count: int

    @cached_property
    def slot(self) -> float:
        return self.box.width / self.count

    @cached_property
    def body(self) -> int:
        """Width of a candle's body: odd, so that the wick stands in its middle."""
        return max(1, min(int(self.slot * 0.72) - 1, 31) | 1) if self.slot >= 3 else 1

    @cached_property
    def clip(self) -> Box:
        """What lines may touch: the data's room and their own thickness."""
        return Box(
            left=self.box.left, top=self.data.top - 2, width=self.box.width, height=self.data.height + 4
        )

    @cached_property
    def _columns(self) -> tuple[int, ...]:
        return tuple(int(self.box.left + (index + 0.5) * self.slot) for index in range(self.count))

    @cached_property
    def _scale(self) -> tuple[float, float, float, float]:
        """What `y` reckons with: the bottom's y and value, the values' reach, and its pixels."""
        return self.data.bottom, self.low, self.high - self.low, self.data.height

    def x(self, index: int) -> int:
        """The pixel column of a bar's middle."""
        return self._columns[index]

    def y(self, value: float) -> float:
        bottom, low, reach, height = self._scale
        return bottom - (value - low) / reach * height

    def points(self, row: Iterable[float | None]) -> list[Point | None]:
        """Where a line passes, `None` where it has no value."""
        bottom, low, reach, height = self._scale
        return [
            None if value is None else (column + 0.5, bottom - (value - low) / reach * height)
            for column, value in zip(self._columns, row, strict=True)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a panel wants to show. `marks` draws the data once the frame is known."""

    height: float
    low: float
    high: float
    ticks: tuple[Tick, ...]
    tags: tuple[Tag, ...]
    legend: tuple[tuple[Words, ...], ...]
    """Rows of words."""
    marks: Callable[[Frame], Iterable[Primitive]]
    guides: tuple[float, ...] = ()
    air: float = 0
    """Pixels kept free above and below the data."""
    pinned: tuple[Tag, ...] = field(default=())
    """Tags of values outside the range."""


def frame_for(plan: Plan, box: Box, count: int, style: Style) -> Frame:
    """The plan in its place: the legend's rows stay free of data."""
    head = len(plan.legend) * style.row
    data = Box(
        left=box.left,
        top=box.top + head + plan.air,
        width=box.width,
        height=max(box.height - head - 2 * plan.air, 1),
    )
    return Frame(box=box, data=data, low=plan.low, high=plan.high, count=count)
