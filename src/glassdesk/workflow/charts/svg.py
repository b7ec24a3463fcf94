"""Scene to SVG: the same bytes on every machine, no time, no tool's name."""

from __future__ import annotations

import html
from functools import singledispatch

from glassdesk.workflow.charts.scene import Anchor, Box, Line, Path, Primitive, Rect, Scene, Text, num
from glassdesk.workflow.charts.text import FONT


def to_svg(scene: Scene) -> bytes:
    """The scene as a self-contained SVG document, UTF-8."""
    clips = list(dict.fromkeys(part.clip for part in scene.parts if isinstance(part, Path) and part.clip))
    names = {clip: f"c{index}" for index, clip in enumerate(clips)}
    size = f'width="{scene.width}" height="{scene.height}"'
    view = f'viewBox="0 0 {scene.width} {scene.height}"'
    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {view} font-family="{FONT}">',
        *(f'<clipPath id="{name}"><rect {_corners(clip)}/></clipPath>' for clip, name in names.items()),
        f'<rect {size} fill="{scene.background}"/>',
        *(_element(part, names) for part in scene.parts),
        "</svg>\n",
    ]
    return "\n".join(rows).encode()


def _element(part: Primitive, clips: dict[Box, str]) -> str:
    if isinstance(part, Path) and part.clip:
        return _draw(part).replace("<path", f'<path clip-path="url(#{clips[part.clip]})"', 1)
    return _draw(part)


def _corners(box: Box) -> str:
    return f'x="{num(box.left)}" y="{num(box.top)}" width="{num(box.width)}" height="{num(box.height)}"'


def _optional(name: str, value: float | str, usual: float | str) -> str:
    if value == usual:
        return ""
    return f' {name}="{value if isinstance(value, str) else num(value)}"'


def _dashes(lengths: tuple[float, ...]) -> str:
    return _optional("stroke-dasharray", " ".join(num(length) for length in lengths), "")


@singledispatch
def _draw(part: Primitive) -> str:
    raise TypeError(f"{type(part).__name__} is no primitive")


@_draw.register
def _rect(part: Rect) -> str:
    looks = (
        _optional("stroke", part.stroke, "none")
        + _optional("rx", part.radius, 0)
        + _optional("class", part.role, "")
    )
    return f'<rect {_corners(part.box)} fill="{part.fill}"{looks}/>'


@_draw.register
def _line(part: Line) -> str:
    ends = f'x1="{num(part.x1)}" y1="{num(part.y1)}" x2="{num(part.x2)}" y2="{num(part.y2)}"'
    looks = _optional("stroke-width", part.width, 1) + _dashes(part.dash)
    return f'<line {ends} stroke="{part.colour}"{looks}/>'


@_draw.register
def _path(part: Path) -> str:
    looks = (
        _optional("stroke", part.stroke, "none")
        + _optional("stroke-width", part.width, 1)
        + _dashes(part.dash)
        # `opacity` would make the renderer blend a layer of the whole picture for each path.
        + _optional("fill-opacity", part.opacity, 1)
    )
    return f'<path d="{part.steps}" fill="{part.fill}"{looks}/>'


@_draw.register
def _text(part: Text) -> str:
    looks = (
        _optional("text-anchor", part.anchor.value, Anchor.START.value)
        + (' font-weight="bold"' if part.bold else "")
        + (f' stroke="{part.halo}" stroke-width="3" paint-order="stroke"' if part.halo else "")
        + _optional("class", part.role, "")
    )
    place = f'x="{num(part.x)}" y="{num(part.y)}" font-size="{num(part.size)}" fill="{part.colour}"{looks}'
    return f"<text {place}>{_printable(part.text)}</text>"


def _printable(text: str) -> str:
    """Escaped, without the control characters that XML has no place for."""
    return html.escape("".join(c for c in text if c.isprintable()), quote=False)
