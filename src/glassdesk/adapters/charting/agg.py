"""Scene to pixels by Anti-Grain Geometry, straight into an array of ours."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path as File
from typing import Any

import celiagg
from celiagg import DrawingMode, TextDrawingMode

from glassdesk.adapters.charting.png import Pixels, packed, unpacked
from glassdesk.adapters.charting.scratch import Scratch
from glassdesk.kernel.errors import InvalidInput, Unavailable
from glassdesk.workflow.charts.scene import Block, Box, Line, Path, Points, Primitive, Rect, Scene, Text

HERE = File(__file__).parent
FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
"""Regular and bold."""
NOTHING = celiagg.SolidPaint(0, 0, 0, 0)
AS_IS = celiagg.Transform()
GROWTH = 0.5
"""The library grows what it fills by so many pixels on every side; strokes are exact."""
HALO = 3
"""Width of the stroke behind a text that has one: half of it lies outside the letters."""


class AggRasteriser:
    """The `Rasteriser` port. Draws with the two `fonts`, regular and bold, only. Threads may share it."""

    def __init__(self, fonts: Sequence[str]) -> None:
        self._glyphs = celiagg.FontCache()
        self._fonts = fonts
        self._scratch = Scratch()

    def picture(self, scene: Scene) -> tuple[bytes, str]:
        with self._scratch.of(scene.height, scene.width, 3) as pixels:
            self._draw(scene, pixels)
            return packed(pixels), _sha256(pixels)

    def pixels_sha256(self, png: bytes) -> str:
        try:
            return _sha256(unpacked(png))
        except ValueError as refused:
            raise InvalidInput("this is no PNG of a chart", where="png", remedy=str(refused)) from refused

    def _draw(self, scene: Scene, pixels: Pixels) -> None:
        # A row at a time: the library clears pixel by pixel.
        pixels[0] = _rgb(scene.background)
        pixels[1:] = pixels[0]
        pen = _Pen(pixels, self._glyphs, self._fonts)
        for part in scene.parts:
            pen.draw(part)


class _Pen:
    """Draws the parts of one scene."""

    def __init__(self, pixels: Pixels, glyphs: celiagg.FontCache, fonts: Sequence[str]) -> None:
        height, width, _ = pixels.shape
        self._canvas = celiagg.CanvasRGB24(pixels, font_cache=glyphs)
        self._whole = celiagg.Rect(0, 0, width, height)
        self._fonts = fonts
        self._state = celiagg.GraphicsState(
            clip_box=self._whole,
            line_cap=celiagg.LineCap.CapButt,
            line_join=celiagg.LineJoin.JoinMiter,
            miter_limit=4,
            text_drawing_mode=TextDrawingMode.TextDrawRaster,
        )

    def draw(self, part: Primitive) -> None:
        _DRAWN[type(part)](self, part)

    def rect(self, part: Rect) -> None:
        if part.fill != "none":
            self._shape(_rounded(_inwards(part.box), part.radius - GROWTH), fill=_paint(part.fill))
        if part.stroke != "none":
            self._shape(_rounded(part.box, part.radius), edge=_paint(part.stroke))

    def line(self, part: Line) -> None:
        shape = celiagg.Path()
        shape.move_to(part.x1, part.y1)
        shape.line_to(part.x2, part.y2)
        self._shape(shape, edge=_paint(part.colour), width=part.width, dash=part.dash)

    def path(self, part: Path) -> None:
        if part.clip:
            self._state.clip_box = _outwards(part.clip)
        if part.strokes:
            self._shape(_lines(part.strokes), edge=_paint(part.stroke), width=part.width, dash=part.dash)
        if part.areas or part.dots:
            self._shape(_areas(part), fill=_paint(part.fill, part.opacity))
        for width, shape in _by_width(part.blocks):
            self._shape(shape, edge=_paint(part.fill, part.opacity), width=width)
        if part.clip:
            self._state.clip_box = self._whole

    def _shape(
        self,
        shape: celiagg.Path,
        *,
        fill: celiagg.SolidPaint = NOTHING,
        edge: celiagg.SolidPaint = NOTHING,
        width: float = 1,
        dash: tuple[float, ...] = (),
    ) -> None:
        state = self._state
        state.line_width = width
        state.line_dash_pattern = [dash] if dash else []
        state.drawing_mode = DrawingMode.DrawStroke if fill is NOTHING else DrawingMode.DrawFill
        self._canvas.draw_shape(shape, AS_IS, state, edge, fill)

    def text(self, part: Text) -> None:
        # The library knows whole sizes only, so the rest is scaled.
        size = int(part.size)
        font, scale = _font(self._fonts[part.bold], size), part.size / size
        # Letters stand sharpest on a whole row of pixels.
        place = celiagg.Transform(scale, 0, 0, scale, part.left, round(part.y))
        state = self._state
        if part.halo:
            state.drawing_mode, state.text_drawing_mode = (
                DrawingMode.DrawStroke,
                TextDrawingMode.TextDrawStroke,
            )
            state.line_width, state.line_dash_pattern = HALO, []
            self._canvas.draw_text(part.text, font, place, state, _paint(part.halo), NOTHING)
            state.text_drawing_mode = TextDrawingMode.TextDrawRaster
        state.drawing_mode = DrawingMode.DrawFill
        self._canvas.draw_text(part.text, font, place, state, NOTHING, _paint(part.colour))


_DRAWN: Mapping[type, Callable[[_Pen, Any], None]] = {
    Rect: _Pen.rect,
    Line: _Pen.line,
    Path: _Pen.path,
    Text: _Pen.text,
}


def _lines(strokes: Sequence[Points]) -> celiagg.Path:
    shape = celiagg.Path()
    for stroke in strokes:
        shape.lines(stroke)
    return shape


def _areas(part: Path) -> celiagg.Path:
    """Areas as they are, for their edges lie below lines that are drawn over them; dots to the point."""
    shape = celiagg.Path()
    for area in part.areas:
        shape.lines(area)
        shape.close()
    for x, y, radius in part.dots:
        shape.ellipse(x, y, radius - GROWTH, radius - GROWTH)
    return shape


def _by_width(blocks: Sequence[Block]) -> Iterator[tuple[float, celiagg.Path]]:
    """Rectangles as upright strokes as wide as they are: an edge on a whole pixel stays sharp."""
    for width in dict.fromkeys(block[2] for block in blocks):
        alike = [block for block in blocks if block[2] == width]
        shape = celiagg.Path()
        shape.lines_set(
            [(left + width / 2, top) for left, top, _, _ in alike],
            [(left + width / 2, top + height) for left, top, _, height in alike],
        )
        yield width, shape


def _inwards(box: Box) -> Box:
    return Box(
        left=box.left + GROWTH,
        top=box.top + GROWTH,
        width=box.width - 2 * GROWTH,
        height=box.height - 2 * GROWTH,
    )


def _rounded(box: Box, radius: float) -> celiagg.Path:
    """A rectangle; with a radius of half its width a circle."""
    shape = celiagg.Path()
    left, top, right, bottom = box.left, box.top, box.right, box.bottom
    if radius <= 0:
        shape.rect(left, top, box.width, box.height)
        return shape
    bend = 0.44771525 * radius
    shape.move_to(left + radius, top)
    shape.line_to(right - radius, top)
    shape.cubic_to(right - bend, top, right, top + bend, right, top + radius)
    shape.line_to(right, bottom - radius)
    shape.cubic_to(right, bottom - bend, right - bend, bottom, right - radius, bottom)
    shape.line_to(left + radius, bottom)
    shape.cubic_to(left + bend, bottom, left, bottom - bend, left, bottom - radius)
    shape.line_to(left, top + radius)
    shape.cubic_to(left, top + bend, left + bend, top, left + radius, top)
    shape.close()
    return shape


def _outwards(box: Box) -> celiagg.Rect:
    """The whole pixels that a box touches."""
    left, top = int(box.left), int(box.top)
    return celiagg.Rect(left, top, -int(-box.right // 1) - left, -int(-box.bottom // 1) - top)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


@cache
def _paint(colour: str, opacity: float = 1) -> celiagg.SolidPaint:
    red, green, blue = _rgb(colour)
    return celiagg.SolidPaint(red / 255, green / 255, blue / 255, opacity)


@lru_cache(maxsize=100)
def _font(file: str, size: int) -> celiagg.Font:
    font = celiagg.FreeTypeFont(file, size)
    font.flip, font.hinting = True, False
    return font


def _sha256(pixels: Pixels) -> str:
    height, width, bands = pixels.shape
    digest = hashlib.sha256(f"{width}x{height}x{bands}:".encode())
    digest.update(pixels.data)
    return digest.hexdigest()


def agg_rasteriser(home: File = HERE) -> AggRasteriser:
    """A rasteriser with the fonts in `home/fonts`. Raises `Unavailable` when they were not installed."""
    fonts = home / "fonts"
    absent = [name for name in FONTS if not (fonts / name).is_file()]
    if absent:
        # Without a font every label would vanish from the pictures, and nothing would say so.
        raise Unavailable(
            f"the chart font {absent[0]} is not installed",
            where=str(fonts),
            remedy="install the package again: its build fetches the fonts",
        )
    return AggRasteriser([str(fonts / name) for name in FONTS])
