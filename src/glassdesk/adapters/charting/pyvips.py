"""SVG to PNG by libvips and the librsvg inside its wheel."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from glassdesk.kernel.errors import InvalidInput, Unavailable

HERE = Path(__file__).parent
COMPRESSION = 3
"""Half the time of the usual 6, an eighth more bytes."""
FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")


class PyvipsRasteriser:
    """Draws with the fonts beside this file only. Threads may share it."""

    def __init__(self, vips: Any) -> None:
        self._vips = vips

    def picture(self, svg: bytes, width: int, height: int) -> tuple[bytes, str]:
        try:
            image = self._vips.Image.svgload_buffer(svg)
            if (image.width, image.height) != (width, height):
                raise InvalidInput(f"the SVG has {image.width} × {image.height} pixels", where="svg")
            # A scene covers its whole picture, so there is nothing to see through and alpha is left out.
            # Drawn once into memory: its pixels are hashed there, and not unpacked from the PNG again.
            pixels = image.extract_band(0, n=3).copy_memory()
            png = pixels.pngsave_buffer(keep="none", compression=COMPRESSION)
            return bytes(png), _sha256(pixels)
        except self._vips.Error as refused:
            raise InvalidInput(
                "the SVG cannot be drawn", where="svg", remedy=_first_line(refused)
            ) from refused

    def pixels_sha256(self, png: bytes) -> str:
        try:
            image = self._vips.Image.pngload_buffer(png)
            return _sha256(image)
        except self._vips.Error as refused:
            raise InvalidInput("this is no PNG", where="png", remedy=_first_line(refused)) from refused


def _sha256(image: Any) -> str:
    digest = hashlib.sha256(f"{image.width}x{image.height}x{image.bands}:".encode())
    digest.update(image.write_to_memory())
    return digest.hexdigest()


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def pyvips_rasteriser(home: Path = HERE) -> PyvipsRasteriser:
    """A rasteriser with the fonts in `home/fonts`. Raises `Unavailable` when they were not installed."""
    absent = [name for name in FONTS if not (home / "fonts" / name).is_file()]
    if absent:
        # Without a font every label would vanish from the pictures, and nothing would say so.
        raise Unavailable(
            f"the chart font {absent[0]} is not installed",
            where=str(home / "fonts"),
            remedy="install the package again: its build fetches the fonts",
        )
    os.environ["FONTCONFIG_FILE"] = str(home / "fonts.conf")
    # One picture is too small to share among threads; several pictures at once are drawn side by side.
    os.environ.setdefault("VIPS_CONCURRENCY", "1")
    # The library reads them when it is loaded or first draws, so the import stands after them.
    import pyvips

    # Pictures hardly ever repeat; a cache of them would only hold memory.
    pyvips.cache_set_max(0)
    return PyvipsRasteriser(pyvips)
