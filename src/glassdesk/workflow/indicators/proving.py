"""Whether an indicator keeps the laws of the catalogue; asked of each that does not come with the program."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.indicators.averages import steady
from glassdesk.workflow.indicators.kind import Columns, FloatArray, Kind, Look

_NAME = re.compile(r"[a-z][a-z0-9]{1,19}")
_BARS = 240
_CUTS = (1, 2, 40, 119, 180, 239)


def prove(kind: Kind) -> None:
    """Raises `InvalidInput` naming what is wrong: its name, its parameters, a line that is not as long as the
    bars, infinity, or a value that later bars change."""
    for problem in _problems(kind):
        raise InvalidInput(problem, where=kind.kind, remedy="see docs/how-to/add-an-indicator.md")


def _problems(kind: Kind) -> Iterator[str]:
    yield from _words(kind)
    yield from _numbers(kind)


def _words(kind: Kind) -> Iterator[str]:
    if not _NAME.fullmatch(kind.kind):
        yield f"{kind.kind!r} is no name: 2 to 20 of a-z and 0-9, no _"
    if not kind.meaning.endswith("."):
        yield "its meaning is no sentence"
    for parameter in kind.parameters:
        if not parameter.low <= parameter.default <= parameter.high:
            yield f"the default of {parameter.name} is out of its range"
    suffixes = [output.suffix for output in kind.outputs]
    if not suffixes or len(set(suffixes)) < len(suffixes):
        yield "its outputs need different suffixes"
    sided = [at for at, output in enumerate(kind.outputs) if output.look in (Look.TREND, Look.DOTS)]
    if any(at + 1 == len(kind.outputs) for at in sided):
        yield "a line of two colours needs an output after it that tells the direction"


def _numbers(kind: Kind) -> Iterator[str]:
    settings = {parameter.name: parameter.default for parameter in kind.parameters}
    bars = _bars()
    try:
        whole = _computed(kind, lambda: kind.compute(bars, settings))
        for cut in _CUTS:
            part = _computed(kind, lambda cut=cut: kind.compute(_first(bars, cut), settings))  # type: ignore[misc]
            yield from _compared(kind, whole, part, cut)
    except ArithmeticError as failure:
        yield f"it cannot be computed: {failure}"


def _computed(kind: Kind, compute: Callable[[], tuple[FloatArray, ...]]) -> tuple[FloatArray, ...]:
    try:
        return tuple(np.asarray(array, dtype=np.float64) for array in compute())
    except Exception as failure:
        raise ArithmeticError(f"{type(failure).__name__}: {failure}") from failure


def _compared(
    kind: Kind, whole: tuple[FloatArray, ...], part: tuple[FloatArray, ...], cut: int
) -> Iterator[str]:
    if len(whole) != len(kind.outputs) or {array.shape for array in (*whole,)} != {(_BARS,)}:
        yield f"it does not answer {len(kind.outputs)} lines with a value for each bar"
        return
    for output, one, two in zip(kind.outputs, whole, part, strict=True):
        if np.isinf(one).any():
            yield f"its line {output.suffix!r} is infinite"
        if two.shape != (cut,) or not np.array_equal(steady(one[:cut]), steady(two), equal_nan=True):
            yield f"its line {output.suffix!r} looks ahead: bars after the {cut}th change values before them"


def _bars() -> Columns:
    """A market that rises, falls and stands, made of waves: the same at every place."""
    at = np.arange(_BARS, dtype=np.float64)
    close = 100 + 12 * np.sin(at / 17) + 3 * np.sin(at / 2.3) + at / 20
    start = np.concatenate(([close[0]], close[:-1]))
    reach = 0.6 + 0.5 * np.abs(np.sin(at / 5))
    return Columns(
        open=start,
        high=np.maximum(start, close) + reach,
        low=np.minimum(start, close) - reach,
        close=close,
        volume=np.rint(1e6 * (1.5 + np.sin(at / 3))),
        session=730_000 + np.arange(_BARS, dtype=np.int64),
    )


def _first(bars: Columns, count: int) -> Columns:
    return Columns(
        open=bars.open[:count].copy(),
        high=bars.high[:count].copy(),
        low=bars.low[:count].copy(),
        close=bars.close[:count].copy(),
        volume=bars.volume[:count].copy(),
        session=bars.session[:count].copy(),
    )
