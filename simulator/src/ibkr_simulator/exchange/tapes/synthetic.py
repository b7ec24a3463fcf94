"""The tape `synthetic`: a seeded market with everything that happens to stocks.

Only sums, products and quotients of whole numbers and doubles make it, in a fixed order: the same seed gives
the same cents on every machine. A contract's bars are made when somebody first asks for them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from ibkr_simulator.exchange import ids
from ibkr_simulator.exchange.listings import Listing, Listings
from ibkr_simulator.exchange.sessions import Sessions, new_york_sessions
from ibkr_simulator.exchange.tape import BadTape, Bars, Tape
from ibkr_simulator.exchange.tapes import companies
from ibkr_simulator.exchange.tapes.character import Character, character_of
from ibkr_simulator.exchange.tapes.corporate import Events, events_of
from ibkr_simulator.exchange.tapes.walk import walk

_EARLIEST, _LATEST = date(1995, 1, 1), date(2040, 1, 1)
_MOST_DAYS = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How many stocks, from which session on, for how many sessions."""

    symbols: int = 300
    start: date = date(2023, 1, 3)
    days: int = 756


def plan(options: Mapping[str, str]) -> Plan:
    """The options SYMBOLS, START and DAYS. Raises BadTape."""
    unknown = sorted(set(options) - {"SYMBOLS", "START", "DAYS"})
    if unknown:
        raise BadTape(f"tape synthetic has no option {', '.join(unknown)}; there are SYMBOLS, START, DAYS")
    return Plan(
        symbols=_whole("SYMBOLS", options.get("SYMBOLS", "300"), 1, companies.MOST),
        start=_date(options.get("START", "2023-01-03")),
        days=_whole("DAYS", options.get("DAYS", "756"), 2, _MOST_DAYS),
    )


def _whole(name: str, text: str, least: int, most: int) -> int:
    if not text.isdigit() or not least <= int(text) <= most:
        raise BadTape(f"tape option {name} takes a whole number from {least} to {most}, not {text!r}")
    return int(text)


def _date(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as bad:
        raise BadTape(f"tape option START takes a date such as 2023-01-03, not {text!r}") from bad
    if not _EARLIEST <= day <= _LATEST:
        raise BadTape(f"tape option START takes a date from {_EARLIEST} to {_LATEST}, not {text}")
    return day


def make(plan: Plan, seed: int) -> Tape:
    """The market of a seed."""
    sessions = new_york_sessions(plan.start, plan.start + timedelta(days=plan.days * 3 // 2 + 15)).cut(
        plan.days
    )
    listings = Listings(companies.listings(plan.symbols))
    homes = [listing for listing in listings.all if listing.has_prices]
    events = {home.conid: events_of(place, home, sessions, seed) for place, home in enumerate(homes)}
    every = list(events.values())
    return Tape(
        name="synthetic",
        sessions=sessions,
        listings=listings,
        bars=_Bars(homes, sessions, events, seed),
        splits=tuple(sorted((s for each in every for s in each.splits), key=lambda s: (s.at, s.conid))),
        dividends=tuple(sorted((d for each in every for d in each.dividends), key=lambda d: (d.at, d.conid))),
        halts=tuple(sorted((h for each in every for h in each.halts), key=lambda h: (h.starts, h.conid))),
    )


class _Bars(Mapping[int, Bars]):
    """Bars by contract, made at the first look."""

    def __init__(
        self, homes: list[Listing], sessions: Sessions, events: Mapping[int, Events], seed: int
    ) -> None:
        self._homes = {home.conid: (place, home) for place, home in enumerate(homes)}
        self._sessions, self._events, self._seed = sessions, events, seed
        self._made: dict[int, Bars] = {}

    def __getitem__(self, conid: int) -> Bars:
        found = self._made.get(conid)
        if found is None:
            place, home = self._homes[conid]
            found = self._made[conid] = self._make(character_of(place, home, self._seed), conid)
        return found

    def __iter__(self) -> Iterator[int]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)

    def _make(self, character: Character, conid: int) -> Bars:
        events = self._events[conid]
        rows = np.array(list(walk(character, events, ids.number("walk", self._seed, conid))), dtype=np.int64)
        return Bars(
            first=events.first,
            open=rows[:, 0],
            high=rows[:, 1],
            low=rows[:, 2],
            close=rows[:, 3],
            volume=rows[:, 4],
        )
