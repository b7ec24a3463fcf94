"""Memory that is written over again and again. For a picture of eight megabytes the system takes longer to
hand out new pages than the library to fill them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod

import numpy as np
from numpy.typing import NDArray


class Scratch:
    """At most one piece is kept between two uses: the one given back last. Threads may share it."""

    def __init__(self) -> None:
        self._spare: deque[NDArray[np.uint8]] = deque(maxlen=1)

    @contextmanager
    def of(self, *shape: int) -> Iterator[NDArray[np.uint8]]:
        """An array of the shape with whatever was in it. Nobody may hold on to it afterwards."""
        piece = self._piece(prod(shape))
        try:
            yield piece[: prod(shape)].reshape(shape)
        finally:
            self._spare.append(piece)

    def _piece(self, size: int) -> NDArray[np.uint8]:
        try:
            piece = self._spare.pop()
        except IndexError:
            return np.empty(size, np.uint8)
        return piece if len(piece) >= size else np.empty(size, np.uint8)
