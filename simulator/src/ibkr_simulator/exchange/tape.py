"""Tapes: bars per contract, the sessions they belong to, and what happens to contracts between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from ibkr_simulator.exchange.listings import Listings
from ibkr_simulator.exchange.path import DayBar, Ints
from ibkr_simulator.exchange.sessions import Sessions
from ibkr_simulator.instants import Instant, new_york_midnight

_HISTORY_BEGINS = date(2012, 10, 1)


class TapeMissing(RuntimeError):
    """The tape's data are not installed."""


class BadTape(ValueError):
    """The tape does not exist, has no such option, or its files cannot be read; the text says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Daily bars of one contract, unadjusted, prices in cents; element 0 belongs to session `first`."""

    first: int
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints

    def __len__(self) -> int:
        return len(self.close)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intraday:
    """Bars of `width` minutes of one session, from the open on; None where nothing was traded."""

    width: int
    bars: Sequence[DayBar | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """`ratio` new shares for one old share, in force from midnight New York before `session`.

    A reverse split has a ratio below one: 1:10 is `Fraction(1, 10)`.
    """

    conid: int
    session: int
    ratio: Fraction
    at: Instant

    @property
    def words(self) -> str:
        """New shares to old ones: `2:1`, or `1:10` for a reverse split."""
        return f"{self.ratio.numerator}:{self.ratio.denominator}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dividend:
    """`amount` in dollars a share, for whoever holds it at `at`: midnight New York before the ex-date."""

    conid: int
    session: int
    amount: Decimal
    at: Instant
    pays_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """Nothing prints from `starts` on, until `ends`: the first print again. Whole minutes of one session."""

    conid: int
    starts: Instant
    ends: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Tape:
    """Everything that will have happened; events in order of time.

    `intraday` has what is known of a contract's session inside the day; elsewhere a path is drawn.
    """

    name: str
    sessions: Sessions
    listings: Listings
    bars: Mapping[int, Bars]
    splits: tuple[Split, ...]
    dividends: tuple[Dividend, ...] = ()
    halts: tuple[Halt, ...] = ()
    intraday: Mapping[tuple[int, int], Intraday] = field(default_factory=dict)

    @property
    def begins(self) -> Instant:
        """Where a world begins that was told no time: with a year of the tape behind it, or a third of it."""
        if self.name == "history":
            return new_york_midnight(_HISTORY_BEGINS)
        return new_york_midnight(self.sessions.days[min(252, len(self.sessions) // 3)])
