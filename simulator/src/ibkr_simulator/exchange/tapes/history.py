"""The tape `history`: real daily bars of five stocks from a data package, with their splits."""

import csv
import gzip
import importlib.util
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np

from ibkr_simulator.exchange.listings import HISTORY_LISTINGS, HOME_LISTINGS, Listings
from ibkr_simulator.exchange.path import Ints
from ibkr_simulator.exchange.sessions import Sessions, new_york_sessions
from ibkr_simulator.exchange.tape import Bars, Split, Tape, TapeMissing
from ibkr_simulator.instants import new_york_midnight

_LEAST_SPLIT = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a source file."""

    day: date
    open: float
    high: float
    low: float
    close: float
    volume: int
    adjusted: float


def read() -> Tape:
    """The history tape. Raises TapeMissing."""
    return build("history", HISTORY_LISTINGS, read_history())


def build(name: str, listings: Listings, rows: Mapping[int, list[Row]]) -> Tape:
    """A tape from rows per contract, each list in order of days without gaps."""
    sessions = new_york_sessions(
        min(listed[0].day for listed in rows.values()), max(listed[-1].day for listed in rows.values())
    )
    bars = {conid: _bars(sessions, listed) for conid, listed in rows.items()}
    splits = [split for conid, listed in rows.items() for split in _splits(sessions, conid, listed)]
    return Tape(
        name=name,
        sessions=sessions,
        listings=listings,
        bars=bars,
        splits=tuple(sorted(splits, key=lambda s: s.at)),
    )


def read_history() -> dict[int, list[Row]]:
    """Real daily bars from the data package, read without importing the package's users."""
    conids = {listing.symbol: listing.conid for listing in HOME_LISTINGS}
    rows: defaultdict[int, list[Row]] = defaultdict(list)
    with gzip.open(_history_file(), "rt", encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            if line["Ticker"] in conids:
                rows[conids[line["Ticker"]]].append(_row(line))
    return {conid: sorted(listed, key=lambda row: row.day) for conid, listed in rows.items()}


def _history_file() -> Path:
    spec = importlib.util.find_spec("bokeh_sampledata")
    if spec is None or spec.origin is None:
        raise TapeMissing("the tape 'history' needs the data package: pip install --no-deps bokeh_sampledata")
    found = Path(spec.origin).parent / "_data" / "stocks.csv.gz"
    if not found.exists():
        raise TapeMissing(f"the data package has no {found.name}")
    return found


def _row(line: Mapping[str, str]) -> Row:
    return Row(
        day=date.fromisoformat(line["Date"]),
        open=float(line["Open"]),
        high=float(line["High"]),
        low=float(line["Low"]),
        close=float(line["Close"]),
        volume=int(line["Volume"]),
        adjusted=float(line["Adj Close"]),
    )


def _bars(sessions: Sessions, rows: list[Row]) -> Bars:
    first = sessions.index_of(rows[0].day)
    if [row.day for row in rows] != list(sessions.days[first : first + len(rows)]):
        raise TapeMissing(f"daily bars from {rows[0].day} have a gap against the exchange's sessions")
    return Bars(
        first=first,
        open=_cents(row.open for row in rows),
        high=_cents(row.high for row in rows),
        low=_cents(row.low for row in rows),
        close=_cents(row.close for row in rows),
        volume=np.array([row.volume for row in rows], dtype=np.int64),
    )


def _cents(prices: Iterable[float]) -> Ints:
    return np.array([round(price * 100) for price in prices], dtype=np.int64)


def _splits(sessions: Sessions, conid: int, rows: list[Row]) -> list[Split]:
    """A split shows as a jump of the adjustment factor; dividends move it by a few percent only."""
    found = []
    for before, after in pairwise(rows):
        jump = (after.adjusted / after.close) / (before.adjusted / before.close)
        if jump >= _LEAST_SPLIT:
            session = sessions.index_of(after.day)
            at = new_york_midnight(after.day)
            found.append(Split(conid=conid, session=session, ratio=Fraction(round(jump)), at=at))
    return found
