"""What one picture shows: the newest bars and the part of every line that lies over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.charts.axes import digits
from glassdesk.workflow.indicators.catalogue import kind_of, label, line_names
from glassdesk.workflow.indicators.kind import Kind, Panel
from glassdesk.workflow.indicators.model import IndicatorValues
from glassdesk.workflow.market_data.model import Bar

Row = tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """An indicator that has something to draw: one row per output of its kind."""

    label: str
    kind: Kind
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The shown bars as numbers, oldest first."""

    bars: tuple[Bar, ...]
    opens: tuple[float, ...]
    highs: tuple[float, ...]
    lows: tuple[float, ...]
    closes: tuple[float, ...]
    volumes: tuple[float, ...]
    usual_volume: float | None
    """Mean of the 20 bars before the newest one, shown or not; `None` when there are fewer."""
    overlays: tuple[Drawn, ...]
    own: tuple[Drawn, ...]
    places: int
    """Decimals of prices: what the closes use, as far as five significant digits go; at least two."""
    running: bool
    """Is the newest bar still open (`T-04`)?"""

    def __len__(self) -> int:
        return len(self.bars)

    def rises(self, index: int) -> bool:
        """Did the bar close at or above its open?"""
        return self.closes[index] >= self.opens[index]


def window_over(bars: Sequence[Bar], values: IndicatorValues, count: int, *, running: bool) -> Window:
    """The newest `count` bars with their lines. Raises `InvalidInput` where their lengths differ."""
    if not bars:
        raise InvalidInput("there is no bar to draw", where="bars", remedy="at least one")
    for line in values.lines:
        if len(line.values) != len(bars):
            raise InvalidInput(
                f"{line.name} has {len(line.values)} values for {len(bars)} bars",
                where="values",
                remedy="values computed over these very bars",
            )
    shown = tuple(bars[-count:])
    drawn = _drawn(values, len(shown))
    return Window(
        bars=shown,
        opens=tuple(float(bar.open) for bar in shown),
        highs=tuple(float(bar.high) for bar in shown),
        lows=tuple(float(bar.low) for bar in shown),
        closes=tuple(float(bar.close) for bar in shown),
        volumes=tuple(float(bar.volume) for bar in shown),
        usual_volume=_usual_volume(bars),
        overlays=tuple(entry for entry in drawn if entry.kind.panel is Panel.PRICE),
        own=tuple(entry for entry in drawn if entry.kind.panel is Panel.OWN),
        places=_places(shown),
        running=running,
    )


def _drawn(values: IndicatorValues, count: int) -> list[Drawn]:
    """Indicators in the set's order, without those that have no value in the window."""
    found = []
    for spec in values.indicators:
        rows = tuple(values.values(name)[-count:] for name in line_names(spec))
        if any(value is not None for row in rows for value in row):
            found.append(Drawn(label=label(spec), kind=kind_of(spec.kind), rows=rows))
    return found


def _places(bars: Sequence[Bar]) -> int:
    used = digits([bar.close for bar in bars])
    return min(max(min(used, 4 - bars[-1].close.adjusted()), 2), 8)


def _usual_volume(bars: Sequence[Bar]) -> float | None:
    before = bars[-21:-1]
    return float(sum(bar.volume for bar in before) / 20) if len(before) == 20 else None
