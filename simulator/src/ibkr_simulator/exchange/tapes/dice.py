"""Chance that is the same everywhere: the generator's raw output, the only part promised never to change."""

import numpy as np

from ibkr_simulator.exchange import ids


class Dice:
    """Uniform numbers in [0, 1) from a key, as many as are wanted."""

    def __init__(self, *key: object) -> None:
        self._generator = np.random.PCG64(ids.number(*key))
        self._left: list[float] = []
        self._batch = 32

    def roll(self) -> float:
        """The next number."""
        if not self._left:
            self._batch = min(4096, self._batch * 2)
            raw = np.asarray(self._generator.random_raw(self._batch), dtype=np.uint64)
            self._left = ((raw >> np.uint64(11)).astype(np.float64) * 2.0**-53).tolist()[::-1]
        return self._left.pop()

    def between(self, least: float, most: float) -> float:
        """A number between two."""
        return least + (most - least) * self.roll()

    def whole(self, least: int, most: int) -> int:
        """A whole number between two, both included."""
        return least + int(self.roll() * (most - least + 1))

    def normal(self) -> float:
        """About normal, by the sum of twelve: no logarithm whose last digit differs between machines."""
        roll = self.roll
        return sum([roll() for _ in range(12)]) - 6.0
