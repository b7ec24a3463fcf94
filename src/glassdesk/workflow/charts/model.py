"""Nouns of the charts step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from glassdesk.workflow.market_data.model import BarSize


class Theme(StrEnum):
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartSpec:
    """How a chart is drawn: how many of the newest bars, the picture's size in pixels, its colours."""

    bars: int = 90
    width: int = 1024
    height: int = 768
    theme: Theme = Theme.LIGHT
    title: str = ""
    """Words after symbol, exchange and timeframe."""


class LevelKind(StrEnum):
    """What a price level stands for; it decides the colour."""

    ENTRY = "entry"
    STOP = "stop"
    TARGET = "target"
    FILL = "fill"
    LAST = "last"


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A price with a name, drawn as a dashed line; from `at` on where that is given."""

    name: str
    price: Decimal
    kind: LevelKind
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What the step answers: the hashes of the picture and what is to be read in it."""

    timeframe: BarSize
    theme: Theme
    width: int
    height: int
    svg_sha256: str
    png_sha256: str
    pixels_sha256: str
    """Of the decoded pixels: a newer PNG encoder changes the file and not this."""
    code: str
    """Four characters that stand in the picture and nowhere else (V04)."""
    first_bar: date
    last_bar: date
    n_bars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A chart with its bytes; the pipeline keeps both as artifacts."""

    chart: Chart
    svg: bytes
    png: bytes
