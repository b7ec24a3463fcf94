"""What the tape shows up to an instant, and the first instant at which it will show a price."""

from collections import OrderedDict
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ibkr_simulator.exchange.path import DayBar, Ints, Path, draw
from ibkr_simulator.exchange.tape import Bars, Split, Tape
from ibkr_simulator.instants import MINUTE, Instant

_PATHS_KEPT = 2048
ANY_PRICE = 1 << 60
_ONE = Fraction(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Prices in cents. `live` while the market is open; `changed` is the last print's instant."""

    last: int
    bid: int
    ask: int
    live: bool
    changed: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A price to wait for: at or below the level (`down`), else at or above it.

    The opening print is one auction price, later prints have a spread: hence two levels.
    """

    conid: int
    down: bool
    at_open: int
    later: int


class Market:
    """The tape and its paths; knows nothing of orders."""

    def __init__(self, tape: Tape, seed: int) -> None:
        self.tape = tape
        self.sessions = tape.sessions
        self.listings = tape.listings
        self._seed = seed
        self._paths: OrderedDict[tuple[int, int], Path] = OrderedDict()
        self._splits: dict[int, list[Split]] = {}
        for split in tape.splits:
            self._splits.setdefault(split.conid, []).append(split)

    def path(self, conid: int, session: int) -> Path:
        """The path of a contract in a session. Raises KeyError where it has no bar."""
        key = (conid, session)
        found = self._paths.get(key)
        if found is None:
            found = self._paths[key] = self._draw(conid, session)
            if len(self._paths) > _PATHS_KEPT:
                self._paths.popitem(last=False)
        return found

    def _draw(self, conid: int, session: int) -> Path:
        bar = self.day_bar(conid, session)
        day = self.sessions.days[session]
        return draw(bar, self.sessions.minutes(session), self._seed, conid, day.isoformat())

    def day_bar(self, conid: int, session: int) -> DayBar:
        """The complete daily bar. Raises KeyError where there is none."""
        bars = self.tape.bars[conid]
        index = session - bars.first
        if not 0 <= index < len(bars):
            raise KeyError(f"{conid} has no bar in session {session}")
        return DayBar(
            open=int(bars.open[index]),
            high=int(bars.high[index]),
            low=int(bars.low[index]),
            close=int(bars.close[index]),
            volume=int(bars.volume[index]),
        )

    def has_bar(self, conid: int, session: int) -> bool:
        """Whether the contract traded in that session."""
        bars = self.tape.bars.get(conid)
        return bars is not None and 0 <= session - bars.first < len(bars)

    def minute(self, session: int, at: Instant) -> int:
        """Index of the last print of the session at this instant."""
        passed = (at - self.sessions.opens[session]) // MINUTE
        return min(passed, self.sessions.minutes(session))

    def quote(self, conid: int, at: Instant) -> Quote | None:
        """Last, bid and ask at an instant; None before the first bar."""
        session = self._last_session(conid, at)
        if session is None:
            return None
        minute = self.minute(session, at)
        last = int(self.path(conid, session).prices[minute])
        live = at < self.sessions.closes[session]
        last = last if live else int(last // self.split_factor(conid, session, at))
        changed = self.sessions.opens[session] + minute * MINUTE
        return Quote(last=last, bid=last - 1, ask=last + 1, live=live, changed=changed)

    def previous_close(self, conid: int, at: Instant) -> int | None:
        """Close of the session before the one last shown, in today's shares."""
        session = self._last_session(conid, at)
        if session is None or not self.has_bar(conid, session - 1):
            return None
        close = self.day_bar(conid, session - 1).close
        return int(close // self.split_factor(conid, session - 1, at))

    def _last_session(self, conid: int, at: Instant) -> int | None:
        bars = self.tape.bars.get(conid)
        if bars is None:
            return None
        session = min(self.sessions.latest(at), bars.first + len(bars) - 1)
        return session if session >= bars.first else None

    def split_factor(self, conid: int, session: int, at: Instant) -> Fraction:
        """How many shares of now one share of that session has become."""
        factor = _ONE
        for split in self._splits.get(conid, ()):
            if split.session > session and split.at <= at:
                factor *= split.ratio
        return factor

    def first_crossing(self, watch: Watch, after: Instant, until: Instant | None) -> Instant | None:
        """First print later than `after`, not later than `until`, that reaches the level."""
        bars = self.tape.bars[watch.conid]
        session, minute = self._next_print(max(after, self.sessions.opens[bars.first] - 1))
        if minute > 0:
            found = self._crossing_in(watch, session, minute)
            if found is not None:
                return _not_after(found, until)
            session += 1
        return self._crossing_from(watch, bars, session, until)

    def _next_print(self, after: Instant) -> tuple[int, int]:
        session = self.sessions.latest(after)
        if session < 0:
            return 0, 0
        minute = (after - self.sessions.opens[session]) // MINUTE + 1
        return (session, minute) if minute <= self.sessions.minutes(session) else (session + 1, 0)

    def _crossing_from(self, watch: Watch, bars: Bars, session: int, until: Instant | None) -> Instant | None:
        index = session - bars.first
        while 0 <= index < len(bars):
            ahead = _reached((bars.low if watch.down else bars.high)[index:], watch.down, _loosest(watch))
            if not ahead.any():
                return None
            index += int(ahead.argmax())
            session = bars.first + index
            if until is not None and self.sessions.opens[session] > until:
                return None
            found = self._crossing_in(watch, session, 0)
            if found is not None:
                return _not_after(found, until)
            index += 1
        return None

    def _crossing_in(self, watch: Watch, session: int, minute: int) -> Instant | None:
        if not self.has_bar(watch.conid, session):
            return None
        prices = self.path(watch.conid, session).prices
        opened = self.sessions.opens[session]
        if minute == 0:
            if _reached(prices[:1], watch.down, watch.at_open).any():
                return opened
            minute = 1
        hits = _reached(prices[minute:], watch.down, watch.later)
        return opened + (minute + int(hits.argmax())) * MINUTE if hits.any() else None


def _reached(prices: Ints, down: bool, level: int) -> "np.ndarray[tuple[int], np.dtype[np.bool]]":
    return np.asarray(prices <= level if down else prices >= level)


def _loosest(watch: Watch) -> int:
    return max(watch.at_open, watch.later) if watch.down else min(watch.at_open, watch.later)


def _not_after(found: Instant, until: Instant | None) -> Instant | None:
    return found if until is None or found <= until else None
