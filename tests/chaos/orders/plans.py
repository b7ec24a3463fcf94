"""Where processes die and pause: everywhere, and more often around what cannot be taken back."""

from __future__ import annotations

from datetime import timedelta

from tests.chaos.dice import Dice, Fault
from tests.chaos.scheduler import NO_TIME

_DEADLY = {
    "orders": 0.05,
    "begin": 0.003,
    "commit": 0.003,
    "channel": 0.006,
    "session": 0.004,
    "reads": 0.004,
    "orders.modify": 0.15,
    "orders.cancel": 0.10,
    "wait": 0.001,
}
_OTHERWISE = 0.0003


def _weight(step: str) -> float:
    return _DEADLY.get(step, _DEADLY.get(step.partition(".")[0], _OTHERWISE))


class Hazards:
    """A `Plan` by the seed's dice."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._weights: dict[str, float] = {}

    def dies(self, role: str, number: int, step: str) -> bool:
        weight = self._weights.get(step)
        if weight is None:
            weight = self._weights[step] = _weight(step.rstrip("<>!"))
        return self._dice.strikes(Fault.CRASH, step, weight)

    def pause(self, role: str, number: int, step: str) -> timedelta:
        if self._dice.strikes(Fault.PAUSE, step):
            return self._dice.seconds("pauses", 1, 90)
        return NO_TIME
