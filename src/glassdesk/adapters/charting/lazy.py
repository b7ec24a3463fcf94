"""A rasteriser that is made when the first picture is drawn: without its fonts all else still works."""

from __future__ import annotations

from functools import cached_property

from glassdesk.adapters.charting.agg import AggRasteriser, agg_rasteriser
from glassdesk.workflow.charts.scene import Scene


class LazyRasteriser:
    """The `Rasteriser` port; most commands never draw."""

    @cached_property
    def _made(self) -> AggRasteriser:
        return agg_rasteriser()

    def picture(self, scene: Scene) -> tuple[bytes, str]:
        """PNG of a scene, and the hash of its pixels."""
        return self._made.picture(scene)

    def pixels_sha256(self, png: bytes) -> str:
        """Hash of the pixels."""
        return self._made.pixels_sha256(png)
