"""What the tape shows up to an instant, and the first instant at which it will show a price."""

from collections import OrderedDict
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ibkr_simulator.exchange.bar import Bar
from ibkr_simulator.exchange.path import DayBar, Flags, Ints, Path, draw, interrupted, recorded, silenced
from ibkr_simulator.exchange.tape import Bars, Split, Tape
from ibkr_simulator.instants import MINUTE, Instant

_PATHS_KEPT = 2048
_LEAST_DRAWN = 20
ANY_PRICE = 1 << 60
_ONE = Fraction(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Prices in cents. `live` while prints go on; `changed` is the last print's instant."""

    last: int
    bid: int
    ask: int
    live: bool
    changed: Instant
    halted: bool = False


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
        self._days: dict[int, list[Bar | None]] = {}
        self._halts = _halts_by_session(tape)
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
        day = self.sessions.days[session].isoformat()
        known = self.tape.intraday.get((conid, session))
        if known is not None:
            return recorded(known.bars, known.width, self.sessions.minutes(session), self._seed, conid, day)
        halts = self._halts.get((conid, session), ())
        minutes = self.sessions.minutes(session)
        if not halts:
            return draw(bar, minutes, self._seed, conid, day)
        silent = sum(end - first for first, end in halts)
        if halts[0][0] == 0 or halts[-1][1] > minutes or silent + _LEAST_DRAWN > minutes:
            return silenced(draw(bar, minutes, self._seed, conid, day), halts)
        return interrupted(draw(bar, minutes - silent, self._seed, conid, day), halts)

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

    def finished_days(self, conid: int) -> list[Bar | None]:
        """Every complete daily bar from the first on, also of days to come; None without a trade."""
        found = self._days.get(conid)
        if found is None:
            bars = self.tape.bars[conid]
            opens = self.sessions.opens[bars.first : bars.first + len(bars)]
            columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
            rows = zip(opens, *(column.tolist() for column in columns), strict=True)
            found = self._days[conid] = [_day(*row) for row in rows]
        return found

    def has_bar(self, conid: int, session: int) -> bool:
        """Whether the contract traded in that session."""
        bars = self.tape.bars.get(conid)
        index = -1 if bars is None else session - bars.first
        return bars is not None and 0 <= index < len(bars) and bool(bars.volume[index])

    def quote(self, conid: int, at: Instant) -> Quote | None:
        """Last, bid and ask at an instant; None before the first print."""
        session = self.last_session(conid, at)
        if session is None:
            return None
        path, opened = self.path(conid, session), self.sessions.opens[session]
        index = path.index(at - opened)
        shown = path.last_print(index)
        within = at < self.sessions.closes[session]
        last = int(path.prices[shown])
        last = last if within else self._in_shares_of_now(last, conid, session, at)
        halted = within and self.halted(conid, at)
        changed = opened + shown * path.step
        return Quote(
            last=last,
            bid=last - 1,
            ask=last + 1,
            live=within and not halted,
            changed=changed,
            halted=halted,
        )

    def previous_close(self, conid: int, at: Instant) -> int | None:
        """Close of the last traded session before the one last shown, in today's shares."""
        shown = self.last_session(conid, at)
        session = None if shown is None else self._traded(conid, shown - 1)
        if session is None:
            return None
        return self._in_shares_of_now(self.day_bar(conid, session).close, conid, session, at)

    def halted(self, conid: int, at: Instant) -> bool:
        """Whether trading in the contract is halted at an instant."""
        session = self.sessions.current(at)
        halts = () if session is None else self._halts.get((conid, session), ())
        if not halts or session is None:
            return False
        minute = (at - self.sessions.opens[session]) // MINUTE
        return any(first <= minute < end for first, end in halts)

    def last_session(self, conid: int, at: Instant) -> int | None:
        """The session of the last print up to an instant; None before the first."""
        session = self._traded(conid, self.sessions.latest(at))
        key = (conid, session)
        if session is None or (key not in self._halts and key not in self.tape.intraday):
            return session
        path = self.path(conid, session)
        begun = path.last_print(path.index(at - self.sessions.opens[session])) >= 0
        return session if begun else self._traded(conid, session - 1)

    def _traded(self, conid: int, session: int) -> int | None:
        """This session or the last one before it in which the contract traded."""
        bars = self.tape.bars.get(conid)
        if bars is None:
            return None
        index = min(session - bars.first, len(bars) - 1)
        while index >= 0 and not bars.volume[index]:
            index -= 1
        return bars.first + index if index >= 0 else None

    def _in_shares_of_now(self, price: int, conid: int, session: int, at: Instant) -> int:
        return int(price // self.split_factor(conid, session, at)) if conid in self._splits else price

    def split_factor(self, conid: int, session: int, at: Instant) -> Fraction:
        """How many shares of now one share of that session has become."""
        factor = _ONE
        for split in self._splits.get(conid, ()):
            if split.session > session and split.at <= at:
                factor *= split.ratio
        return factor

    def last_split(self, conid: int, at: Instant) -> Instant | None:
        """When the contract split for the last time up to an instant."""
        return max((split.at for split in self._splits.get(conid, ()) if split.at <= at), default=None)

    def first_crossing(self, watch: Watch, after: Instant, until: Instant | None) -> Instant | None:
        """First print later than `after`, not later than `until`, that reaches the level."""
        bars = self.tape.bars[watch.conid]
        session = self.sessions.latest(after)
        if session < bars.first:
            return self._crossing_from(watch, bars, bars.first, until)
        if self.has_bar(watch.conid, session):
            elapsed = after - self.sessions.opens[session]
            begun = elapsed // self.path(watch.conid, session).step
            found = self._crossing_in(watch, session, begun + 1)
            if found is not None:
                return _not_after(found, until)
        return self._crossing_from(watch, bars, session + 1, until)

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

    def _crossing_in(self, watch: Watch, session: int, index: int) -> Instant | None:
        if not self.has_bar(watch.conid, session):
            return None
        path, opened = self.path(watch.conid, session), self.sessions.opens[session]
        if index == 0:
            if _hits(path, slice(0, 1), watch.down, watch.at_open).any():
                return opened
            index = 1
        hits = _hits(path, slice(index, None), watch.down, watch.later)
        return opened + (index + int(hits.argmax())) * path.step if hits.any() else None


def _day(at: Instant, opened: int, high: int, low: int, close: int, volume: int) -> Bar | None:
    bar = Bar(at=at, open=opened, high=high, low=low, close=close, volume=volume)
    return bar if volume else None


def _hits(path: Path, steps: slice, down: bool, level: int) -> Flags:
    reached = _reached(path.prices[steps], down, level)
    return reached if path.printed is None else reached & path.printed[steps]


def _reached(prices: Ints, down: bool, level: int) -> Flags:
    return np.asarray(prices <= level if down else prices >= level)


def _loosest(watch: Watch) -> int:
    return max(watch.at_open, watch.later) if watch.down else min(watch.at_open, watch.later)


def _not_after(found: Instant, until: Instant | None) -> Instant | None:
    return found if until is None or found <= until else None


def _halts_by_session(tape: Tape) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Spans of minutes after the open, by contract and session."""
    found: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for halt in tape.halts:
        session = tape.sessions.latest(halt.starts)
        opened = tape.sessions.opens[session]
        last = tape.sessions.minutes(session) + 1
        span = (max(0, (halt.starts - opened) // MINUTE), min(last, (halt.ends - opened) // MINUTE))
        found.setdefault((halt.conid, session), []).append(span)
    return found
