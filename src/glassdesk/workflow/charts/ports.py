"""What the charts step needs from outside."""

from __future__ import annotations

from typing import Protocol


class Rasteriser(Protocol):
    """Turns our SVG into pixels, with a font of our own: no font of the host is used or needed."""

    def picture(self, svg: bytes, width: int, height: int) -> tuple[bytes, str]:
        """The picture as opaque PNG of `width` × `height` pixels, and `pixels_sha256` of it; equal input,
        equal bytes on one CPU family.

        Raises `InvalidInput` for an SVG that cannot be drawn or has another size.
        """
        ...

    def pixels_sha256(self, png: bytes) -> str:
        """SHA-256 of size and decoded RGB pixels, in hexadecimal. Raises `InvalidInput` for no PNG."""
        ...
