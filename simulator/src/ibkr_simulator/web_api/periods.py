"""The history endpoint's periods and bar widths [§4.1]."""

import re
from dataclasses import dataclass

_PERIOD = re.compile(r"(\d{1,4})(min|h|d|w|m|y)")
_MOST = {"min": 30, "h": 8, "d": 1000, "w": 792, "m": 182, "y": 15}
BARS: dict[str, int] = {
    "1min": 60,
    "2min": 120,
    "3min": 180,
    "5min": 300,
    "10min": 600,
    "15min": 900,
    "30min": 1800,
    "1h": 3600,
    "2h": 7200,
    "3h": 10800,
    "4h": 14400,
    "8h": 28800,
    "1d": 86400,
    "1w": 604800,
    "1m": 2592000,
}
# From a period's length on (in days): the narrowest and the default bar, in the table's order.
_TABLE: tuple[tuple[float, str, str], ...] = (
    (0.0, "1min", "1min"),
    (1 / 24, "1min", "1min"),
    (1, "1min", "1min"),
    (7, "10min", "15min"),
    (30, "1h", "30min"),
    (90, "2h", "1d"),
    (180, "4h", "1d"),
    (365, "8h", "1d"),
    (730, "1d", "1d"),
    (1095, "1d", "1w"),
    (5475, "1w", "1w"),
)
_DAYS = {"min": 1 / 1440, "h": 1 / 24, "d": 1.0, "w": 7.0, "m": 30.0, "y": 365.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A period and a bar width the server will really use."""

    count: int
    unit: str
    bar: str

    @property
    def period(self) -> str:
        """As the answer names it."""
        return f"{self.count}{self.unit}"

    @property
    def seconds(self) -> int:
        """Length of one bar."""
        return BARS[self.bar]


def span(period: str, bar: str, default: str = "1d") -> Span:
    """What the server makes of a request: an invalid period or width is silently defaulted [F-35].

    `default` is the period used instead of an invalid one, with its own default bar.
    """
    match = _PERIOD.fullmatch(period)
    if match is None or not 1 <= int(match[1]) <= _MOST[match[2]]:
        return span(default, "")
    count, unit = int(match[1]), match[2]
    narrowest, default = _allowed(count * _DAYS[unit])
    wanted = BARS.get(bar, 0)
    given = bar if BARS[narrowest] <= wanted <= _widest(unit) else default
    return Span(count=count, unit=unit, bar=given)


def _allowed(days: float) -> tuple[str, str]:
    row = next(row for row in reversed(_TABLE) if days >= row[0])
    return row[1], row[2]


def _widest(unit: str) -> int:
    return {"min": 60, "h": BARS["8h"]}.get(unit, BARS["1m"])
