"""A rasteriser that is made when the first picture is drawn."""

from __future__ import annotations

from functools import cached_property

from glassdesk.adapters.charting.pyvips import PyvipsRasteriser, pyvips_rasteriser


class LazyRasteriser:
    """The `Rasteriser` port; most commands never draw."""

    @cached_property
    def _made(self) -> PyvipsRasteriser:
        return pyvips_rasteriser()

    def picture(self, svg: bytes, width: int, height: int) -> tuple[bytes, str]:
        """PNG of an SVG, and the hash of its pixels."""
        return self._made.picture(svg, width, height)

    def pixels_sha256(self, png: bytes) -> str:
        """Hash of the pixels."""
        return self._made.pixels_sha256(png)
