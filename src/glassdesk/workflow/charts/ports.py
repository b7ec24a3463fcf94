"""What the charts step needs from outside."""

from __future__ import annotations

from typing import Protocol

from glassdesk.workflow.charts.scene import Scene


class Rasteriser(Protocol):
    """Turns a scene into pixels, with a font of our own: no font of the host is used or needed."""

    def picture(self, scene: Scene) -> tuple[bytes, str]:
        """The scene as opaque PNG of its size, and `pixels_sha256` of it; equal input, equal bytes on one CPU
        family."""
        ...

    def pixels_sha256(self, png: bytes) -> str:
        """SHA-256 of size and decoded RGB pixels, in hexadecimal. Raises `InvalidInput` for what is no PNG
        of a chart."""
        ...
