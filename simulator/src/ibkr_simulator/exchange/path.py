"""The path of a day: a price each minute, drawn inside the daily bar, always the same for the same seed."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ibkr_simulator.exchange import ids

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBar:
    """The frame a path is drawn in; prices in cents."""

    open: int
    high: int
    low: int
    close: int
    volume: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """`prices[i]` is printed `i` minutes after the open, the last at the close; `volumes[i]` after it."""

    prices: Ints
    volumes: Ints


def draw(bar: DayBar, minutes: int, *key: object) -> Path:
    """Open first, both extremes in a drawn order, close last; never outside the bar."""
    dice = _uniform(minutes * 2 + 8, *key)
    prices = _prices(bar, minutes, dice)
    return Path(prices=prices, volumes=_volumes(bar.volume, minutes, dice[-minutes:]))


def _uniform(count: int, *key: object) -> Floats:
    # Raw output of the generator: the only part of it that is promised never to change.
    raw = np.random.PCG64(ids.number("path", *key)).random_raw(count)
    return (np.asarray(raw, dtype=np.uint64) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _prices(bar: DayBar, minutes: int, dice: Floats) -> Ints:
    marks = _marks(minutes, dice)
    extremes = (bar.high, bar.low) if dice[0] < 0.5 else (bar.low, bar.high)
    values = np.array([bar.open, *extremes, bar.close], dtype=np.float64)
    line = np.interp(np.arange(minutes + 1), marks, values)
    wander = _bridge(dice[4 : 4 + minutes] - 0.5, marks)
    span = float(bar.high - bar.low)
    folded = _fold(line + wander * span * 2.0 / np.sqrt(minutes), bar.low, span)
    prices = np.rint(folded).astype(np.int64)
    prices[marks] = values.astype(np.int64)
    return np.clip(prices, bar.low, bar.high)


def _marks(minutes: int, dice: Floats) -> Ints:
    first = 1 + int(dice[1] * (minutes * 0.45))
    second = minutes - 1 - int(dice[2] * (minutes * 0.45))
    return np.array([0, first, second, minutes], dtype=np.int64)


def _bridge(steps: Floats, marks: Ints) -> Floats:
    """A walk tied down to zero at the marks."""
    walk = np.concatenate(([0.0], np.cumsum(steps)))
    return np.asarray(walk - np.interp(np.arange(len(walk)), marks, walk[marks]))


def _fold(prices: Floats, low: int, span: float) -> Floats:
    """Reflect at both edges, so that the path stays inside without sticking to them."""
    if span == 0:
        return np.full_like(prices, low)
    turned = np.mod(prices - low, 2 * span)
    return np.asarray(low + np.where(turned > span, 2 * span - turned, turned))


def _volumes(volume: int, minutes: int, dice: Floats) -> Ints:
    """More at both ends of the day; whole shares that add up to the day's volume."""
    across = np.linspace(-1.0, 1.0, minutes)
    weights = np.cumsum((1 + 1.5 * across**2) * (0.5 + dice))
    total = np.rint(weights / weights[-1] * volume).astype(np.int64)
    return np.asarray(np.diff(total, prepend=0))
