"""Nouns of the market data step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum


class BarSize(StrEnum):
    """Length of a bar; the values are IBKR's bar codes."""

    MIN_1 = "1min"
    MIN_2 = "2min"
    MIN_3 = "3min"
    MIN_5 = "5min"
    MIN_10 = "10min"
    MIN_15 = "15min"
    MIN_30 = "30min"
    HOUR_1 = "1h"
    HOUR_2 = "2h"
    HOUR_3 = "3h"
    HOUR_4 = "4h"
    HOUR_8 = "8h"
    DAY = "1d"
    WEEK = "1w"
    MONTH = "1m"

    @property
    def intraday(self) -> bool:
        return self.value.endswith(("min", "h"))

    @property
    def seconds(self) -> int:
        """Nominal length in seconds; a day counts 24 h, a month 30 days."""
        return _SECONDS[self.value]


_SECONDS = {
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Prices traded from `start` (aware UTC) for one bar length; `volume` in shares.

    For daily and longer bars `session` is the (first) session date in the exchange's zone.
    """

    start: datetime
    session: date
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One reading of the broker: bars, oldest first, the running one included where it sends it."""

    bars: tuple[Bar, ...] = ()
    delay: timedelta = timedelta(0)
    """How late they arrive; 15 minutes without a subscription. What closed since then is not whole yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """The broker's bar is another one than it was when it was read first."""

    conid: int
    size: BarSize
    was: Bar
    became: Bar
    noticed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """The verdict that travels with a set of bars; `problems` empty means fit to decide on."""

    expected_last: date | None
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def fit(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True, kw_only=True)
class BarSet:
    """Bars of one contract, oldest first, unique and ascending in `start`; closed ones but for `so_far`."""

    conid: int
    symbol: str
    size: BarSize
    bars: tuple[Bar, ...]
    quality: Quality
    so_far: bool = False
    """The newest bar is still open (`T-04`)."""

    @property
    def last(self) -> Bar:
        """The newest bar. Raises IndexError on an empty set."""
        return self.bars[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Top of the book; a price that the broker did not send is `None`, never 0 [F-28]."""

    conid: int
    bid: Decimal | None
    ask: Decimal | None
    last: Decimal | None
    availability: str
    """The broker's three letters, e.g. `RpB`; first letter R = real time [F-29]."""
    updated_at: datetime | None
    read_at: datetime
    halted: bool = False
    """Trading is halted: bid and ask are then left out [F-31]."""

    @property
    def real_time(self) -> bool:
        return self.availability.startswith("R")

    @property
    def delayed(self) -> bool:
        """15 to 20 minutes late; everything else that is not real time is frozen or not subscribed."""
        return self.availability.startswith("D")

    @property
    def mid(self) -> Decimal | None:
        if self.bid is None or self.ask is None:
            return None
        return (self.bid + self.ask) / 2
