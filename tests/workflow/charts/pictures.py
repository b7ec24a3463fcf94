"""Charts for tests: one contract, bars of a seeded walk, scenes without pixels."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from glassdesk.workflow.charts.drawing import draw
from glassdesk.workflow.charts.header import Heading
from glassdesk.workflow.charts.model import ChartSpec, Level, LevelKind
from glassdesk.workflow.charts.scene import Rect, Scene, Text
from glassdesk.workflow.charts.window import window_over
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.indicators.compute import compute
from glassdesk.workflow.indicators.model import IndicatorSet
from glassdesk.workflow.indicators.presets import STANDARD
from glassdesk.workflow.market_data.model import Bar, BarSize

ZONE = "America/New_York"

CONTRACT = Contract(
    conid=4711, symbol="GLAS", name="Glass Inc", sec_type="STK", exchange="NASDAQ", currency="USD"
)


def level(kind: LevelKind, price: Decimal | float, bar: Bar | None = None) -> Level:
    return Level(
        name=kind.value,
        price=Decimal(price).quantize(Decimal("0.0001")),
        kind=kind,
        at=bar.start if bar else None,
    )


def bracket(bars: Sequence[Bar]) -> tuple[Level, ...]:
    """Entry, stop and target around the newest close."""
    close = bars[-1].close
    return (
        level(LevelKind.ENTRY, close),
        level(LevelKind.STOP, close * Decimal("0.96")),
        level(LevelKind.TARGET, close * Decimal("1.08")),
    )


def scene(
    bars: Sequence[Bar],
    spec: ChartSpec | None = None,
    *,
    levels: Sequence[Level] = (),
    indicators: IndicatorSet = STANDARD,
    size: BarSize = BarSize.DAY,
    running: bool = False,
) -> Scene:
    chosen = spec or ChartSpec()
    window = window_over(bars, compute(indicators, bars), chosen.bars, running=running)
    heading = Heading(title="GLAS · NASDAQ · daily", last_bar="2024-05-06", code="7NY3")
    return draw(chosen, heading, window, levels, size, ZoneInfo(ZONE))


def texts(drawn: Scene, role: str) -> list[Text]:
    return [part for part in drawn.parts if isinstance(part, Text) and part.role == role]


def words(drawn: Scene, role: str) -> list[str]:
    return [text.text for text in texts(drawn, role)]


def tags(drawn: Scene) -> list[Rect]:
    return [part for part in drawn.parts if isinstance(part, Rect) and part.role == "tag"]
