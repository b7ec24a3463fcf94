"""Eyes of the stand-in: reads the code that is drawn in a chart from its pixels, letter by letter.

Knows nothing of the desk but the font and the alphabet, as a person would who compares shapes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

ALPHABET = "ACEFHJKMNPRTWXY3479"

_SHAPE = (24, 20)
_CORNER = (190, 34)
"""Right upper part of a picture in which the code's box stands, in pixels at a scale of 1."""

Ink = NDArray[np.float64]


def code_of(images: Sequence[bytes]) -> str:
    """The code in the first picture; empty where there is no picture or no box of four letters in it."""
    return _read(Image.open(io.BytesIO(images[0]))) if images else ""


def _read(picture: Image.Image) -> str:
    scale = picture.width / 1024
    corner = (picture.width - round(_CORNER[0] * scale), 0, picture.width, round(_CORNER[1] * scale))
    box = _inside_of_box(_ink(picture.crop(corner)), scale)
    letters = [] if box is None else _letters(box)
    return "".join(_nearest(_fitted(letter)) for letter in letters) if len(letters) == 4 else ""


def _ink(picture: Image.Image) -> Ink:
    """How far each pixel is from the ground, 0 to 1."""
    grey = np.asarray(picture.convert("L"), dtype=np.float64)
    ground = np.median(grey)
    far = np.abs(grey - ground)
    whole: Ink = far / max(float(far.max()), 1.0)
    return whole


def _inside_of_box(ink: Ink, scale: float) -> Ink | None:
    """What stands inside the right-most frame: between its two long upright lines."""
    upright = np.flatnonzero((ink > 0.15).sum(axis=0) >= 24 * scale)
    if upright.size < 2:
        return None
    right = int(upright[-1])
    left = int(max((x for x in upright if x < right - 20), default=-1))
    if left < 0:
        return None
    lines = np.flatnonzero((ink[:, left : right + 1] > 0.15).mean(axis=1) > 0.9)
    if lines.size < 2:
        return None
    return ink[int(lines[0]) + 2 : int(lines[-1]) - 1, left + 2 : right - 1]


def _letters(inside: Ink) -> list[Ink]:
    """Parts between empty columns; where letters touch, the widest part is cut where it is faintest."""
    dark = (inside > 0.35).any(axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], dark.astype(int), [0]))))
    parts = [inside[:, a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]
    while 0 < len(parts) < 4:
        at = max(range(len(parts)), key=lambda index: parts[index].shape[1])
        wide = parts[at]
        start, end = round(wide.shape[1] * 0.25), round(wide.shape[1] * 0.75) + 1
        cut = start + int(np.argmin(wide[:, start:end].sum(axis=0)))
        parts[at : at + 1] = [wide[:, :cut], wide[:, cut:]]
    return parts


def _fitted(glyph: Ink) -> Ink:
    """The letter alone, of one size, with its width kept as a part of the shape."""
    rows = np.flatnonzero((glyph > 0.35).any(axis=1))
    cut = glyph[rows[0] : rows[-1] + 1] if rows.size else glyph
    height, width = cut.shape
    scaled = Image.fromarray((cut * 255).astype(np.uint8)).resize(
        (max(1, min(_SHAPE[1], round(width * _SHAPE[0] / height))), _SHAPE[0])
    )
    whole = np.zeros(_SHAPE)
    whole[:, : scaled.width] = np.asarray(scaled, dtype=np.float64) / 255
    return whole


@cache
def _shapes() -> dict[str, Ink]:
    font_file = resources.files("glassdesk.adapters.charting").joinpath("fonts", "DejaVuSans-Bold.ttf")
    font = ImageFont.truetype(io.BytesIO(font_file.read_bytes()), 40)
    return {letter: _fitted(_drawn(letter, font)) for letter in ALPHABET}


def _drawn(letter: str, font: ImageFont.FreeTypeFont) -> Ink:
    canvas = Image.new("L", (80, 80), 0)
    ImageDraw.Draw(canvas).text((15, 15), letter, font=font, fill=255)
    cut = canvas.crop(canvas.getbbox())
    return np.asarray(cut, dtype=np.float64) / 255


def _nearest(glyph: Ink) -> str:
    return min(ALPHABET, key=lambda letter: float(((glyph - _shapes()[letter]) ** 2).sum()))
