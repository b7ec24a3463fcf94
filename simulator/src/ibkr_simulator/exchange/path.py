"""The path of a day: its prints, drawn inside the daily bar, always the same for the same seed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ibkr_simulator.exchange import ids
from ibkr_simulator.instants import MINUTE, Instant

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
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
    """`prices[i]` is printed `i` steps after the open, the last at the close; `volumes[i]` is traded then.

    Where `printed` is false nothing was traded and the price before goes on. In a `joined` path a bar ends
    with the first print of the next one; in one of recorded bars it ends with its own last print.
    """

    prices: Ints
    volumes: Ints
    step: Instant = MINUTE
    printed: Flags | None = None
    joined: bool = True

    def index(self, elapsed: Instant) -> int:
        """The last step begun so long after the open; the close stays."""
        return min(elapsed // self.step, len(self.prices) - 1)

    def last_print(self, index: int) -> int:
        """The last step up to this one that printed, -1 where none has."""
        while self.printed is not None and index >= 0 and not self.printed[index]:
            index -= 1
        return index


def draw(bar: DayBar, minutes: int, *key: object) -> Path:
    """Open first, both extremes in a drawn order, close last; never outside the bar."""
    dice = _uniform(minutes * 2 + 8, *key)
    prices = _prices(bar, minutes, dice)
    return Path(prices=prices, volumes=_volumes(bar.volume, minutes, dice[-minutes:]))


def interrupted(path: Path, halts: Sequence[tuple[int, int]]) -> Path:
    """The path with spans `[first, end)` of steps in which nothing prints; it was drawn so much shorter."""
    prices, volumes = path.prices, path.volumes
    printed = np.ones(len(prices), dtype=np.bool_)
    for first, end in halts:
        silent = end - first
        prices = np.insert(prices, first, np.full(silent, prices[first - 1]))
        volumes = np.insert(volumes, first, np.zeros(silent, dtype=np.int64))
        printed = np.insert(printed, first, np.zeros(silent, dtype=np.bool_))
    return Path(prices=prices, volumes=volumes, printed=printed)


def silenced(path: Path, halts: Sequence[tuple[int, int]]) -> Path:
    """The path with the prints of those spans taken away, at the open and the close too."""
    prices, volumes = path.prices.copy(), path.volumes.copy()
    printed = np.ones(len(prices), dtype=np.bool_)
    for first, end in halts:
        prices[first:end] = prices[max(0, first - 1)]
        volumes[first:end] = 0
        printed[first:end] = False
    return Path(prices=prices, volumes=volumes, printed=printed)


def recorded(bars: Sequence[DayBar | None], width: int, minutes: int, *key: object) -> Path:
    """A path through bars of `width` minutes that are the truth; None where nothing was traded.

    Each bar prints its open first, both extremes in a drawn order, its close last. The last bar may be
    shorter than the others, as long as four prints fit into it.
    """
    steps = max(4, width)
    total = minutes * steps // width
    dice = _uniform(len(bars), *key)
    prices, volumes = np.zeros(total + 1, dtype=np.int64), np.zeros(total, dtype=np.int64)
    printed = np.zeros(total + 1, dtype=np.bool_)
    for place, bar in enumerate(bars):
        first, end = place * steps, min((place + 1) * steps, total)
        if bar is None:
            prices[first:end] = prices[first - 1] if place else 0
            continue
        prices[first:end] = _inside(bar, end - first, up=bool(dice[place] < 0.5))
        volumes[first:end] = np.diff(np.arange(end - first + 1) * bar.volume // (end - first))
        printed[first:end] = True
    prices[-1], printed[-1] = prices[-2], printed[-2]
    return Path(prices=prices, volumes=volumes, step=width * MINUTE // steps, printed=printed, joined=False)


def _inside(bar: DayBar, steps: int, *, up: bool) -> Ints:
    marks = [0, steps // 3, 2 * steps // 3, steps - 1]
    values = [bar.open, *((bar.high, bar.low) if up else (bar.low, bar.high)), bar.close]
    return np.asarray(np.rint(np.interp(np.arange(steps), marks, values)), dtype=np.int64)


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
