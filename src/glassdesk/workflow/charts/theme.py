"""What the themes look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from glassdesk.workflow.charts.model import LevelKind, Theme
from glassdesk.workflow.indicators.kind import Colour


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colours of one theme, as `#rrggbb`."""

    background: str
    text: str
    muted: str
    grid: str
    border: str
    guide: str
    up: str
    down: str
    colours: Mapping[Colour, str]
    levels: Mapping[LevelKind, str]


LIGHT = Palette(
    background="#ffffff",
    text="#131722",
    muted="#5d6370",
    grid="#eceff3",
    border="#c5cad3",
    guide="#9aa1ad",
    up="#089981",
    down="#e0303f",
    colours={
        Colour.BLUE: "#1e53e5",
        Colour.ORANGE: "#e07000",
        Colour.PURPLE: "#7e3ff2",
        Colour.BROWN: "#8a5a3c",
        Colour.PINK: "#d0226f",
        Colour.CYAN: "#0b8fa6",
        Colour.GREY: "#6a707c",
        Colour.GOLD: "#9a7400",
        Colour.GREEN: "#2e7d32",
        Colour.RED: "#c2185b",
    },
    levels={
        LevelKind.ENTRY: "#1e53e5",
        LevelKind.STOP: "#b3121f",
        LevelKind.TARGET: "#05705f",
        LevelKind.FILL: "#7e3ff2",
        LevelKind.LAST: "#5d6370",
    },
)

DARK = Palette(
    background="#131722",
    text="#e3e6ec",
    muted="#a3a9b6",
    grid="#222836",
    border="#3a4152",
    guide="#5f6779",
    up="#26b8a0",
    down="#f7626c",
    colours={
        Colour.BLUE: "#6c9bff",
        Colour.ORANGE: "#ffa53d",
        Colour.PURPLE: "#b794ff",
        Colour.BROWN: "#c99a7a",
        Colour.PINK: "#ff7fb4",
        Colour.CYAN: "#4cc9dd",
        Colour.GREY: "#a3a9b6",
        Colour.GOLD: "#e3c04a",
        Colour.GREEN: "#81c784",
        Colour.RED: "#ff8a80",
    },
    levels={
        LevelKind.ENTRY: "#6c9bff",
        LevelKind.STOP: "#ff8a8f",
        LevelKind.TARGET: "#5fd9b8",
        LevelKind.FILL: "#b794ff",
        LevelKind.LAST: "#a3a9b6",
    },
)

PALETTES: Mapping[Theme, Palette] = {Theme.LIGHT: LIGHT, Theme.DARK: DARK}


def ink_on(colour: str) -> str:
    """Black or white, whichever is read better on `colour`."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#ffffff" if 299 * red + 587 * green + 114 * blue < 128_000 else "#0b0e14"


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """A palette and the sizes that go with the picture's size; pixels."""

    palette: Palette
    scale: float

    @property
    def small(self) -> float:
        """Axis and legend text."""
        return 13 * self.scale

    @property
    def title(self) -> float:
        return 18 * self.scale

    @property
    def row(self) -> float:
        """From one line of small text to the next; also a tag's height."""
        return 18 * self.scale

    @property
    def gap(self) -> float:
        return 8 * self.scale

    @property
    def stroke(self) -> float:
        """Width of an indicator's line."""
        return 1.6 * self.scale


def style_for(theme: Theme, width: int, height: int) -> Style:
    """Text grows with the picture, within reason; 1024 × 768 has text of 13 pixels."""
    scale = min(max(min(width / 1024, height / 768), 0.8), 2.0)
    return Style(palette=PALETTES[theme], scale=scale)
