"""Closed bars are read of the broker once: what is held is not asked for again, gaps are filled on the next
reading, and what the broker changes afterwards is noticed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from glassdesk.kernel.clock import Clock
from glassdesk.kernel.errors import ReadFailed
from glassdesk.kernel.unit_of_work import Transaction, Transactions
from glassdesk.workflow.contracts.ports import Calendar
from glassdesk.workflow.market_data.ends import Ends
from glassdesk.workflow.market_data.model import Bar, BarSize, Correction, History
from glassdesk.workflow.market_data.ports import BarStore, BrokerMarketData

RUNNING_MARGIN = 2
"""Bars asked for beyond the wanted ones: the running bar and one to spare."""
_TELLING = 16
OVERLAP = 5
"""Bars read again with each reading: a broker corrects the last days, and restates everything at a split."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Closed bars, oldest first, and what a person should know of them."""

    bars: tuple[Bar, ...]
    notes: tuple[str, ...] = ()
    newest: bool = True
    """Nothing that begins after the last of them was over."""
    late: str = ""
    """Why a bar that is over by the calendar is not among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    conid: int
    count: int
    as_of: datetime
    ends: Ends

    @property
    def size(self) -> BarSize:
        return self.ends.size


class KeptBars:
    """The bars of the desk."""

    def __init__(
        self,
        broker: BrokerMarketData,
        store: BarStore,
        transactions: Transactions,
        calendar: Calendar,
        clock: Clock,
    ) -> None:
        self._broker = broker
        self._store = store
        self._transactions = transactions
        self._calendar = calendar
        self._clock = clock

    def closed(self, conid: int, size: BarSize, count: int, *, as_of: datetime, exchange: str) -> Kept:
        """The last `count` bars that were over at `as_of`; the broker is asked only where one is missing.
        Raises `ReadFailed` or `SessionNotReady`."""
        ends = Ends(calendar=self._calendar, exchange=exchange, size=size)
        wanted = _Wanted(conid=conid, count=count, as_of=as_of, ends=ends)
        with self._transactions.read() as t:
            held = self._held(t, wanted)
            enough = self._enough(t, held, wanted)
        late = "" if enough else self._read(wanted, held)
        with self._transactions.read() as t:
            bars = held if enough else self._held(t, wanted)
            newest = wanted.ends.newest(self._lately(t, wanted), as_of)
            return Kept(bars=bars, notes=self._notes(t, bars, wanted), newest=newest, late=late)

    def running(self, conid: int, size: BarSize, *, as_of: datetime, exchange: str) -> Bar | None:
        """The bar that is still open at `as_of` as the broker has it now (`T-04`); it is never kept."""
        ends = Ends(calendar=self._calendar, exchange=exchange, size=size)
        history = self._broker.history(conid, size, RUNNING_MARGIN, read_at=self._clock.now())
        open_now = [bar for bar in history.bars if bar.start <= as_of < ends.of(bar)]
        return open_now[-1] if open_now else None

    def seen(
        self, t: Transaction, conid: int, size: BarSize, count: int, *, as_of: datetime
    ) -> Sequence[Bar]:
        """The newest `count` that are kept and begin before `as_of`, however old they are."""
        return self._store.bars(t, conid, size, until=as_of, limit=count)

    def _held(self, t: Transaction, wanted: _Wanted) -> tuple[Bar, ...]:
        # One more than wanted: the newest that begins before the instant may not be over.
        found = self._store.bars(t, wanted.conid, wanted.size, until=wanted.as_of, limit=wanted.count + 1)
        return tuple(bar for bar in found if wanted.ends.of(bar) <= wanted.as_of)[-wanted.count :]

    def _lately(self, t: Transaction, wanted: _Wanted) -> Sequence[Bar]:
        """The newest that were over: enough of them to tell where bars begin."""
        found = self._store.bars(t, wanted.conid, wanted.size, until=wanted.as_of, limit=_TELLING)
        return [bar for bar in found if wanted.ends.of(bar) <= wanted.as_of]

    def _enough(self, t: Transaction, held: Sequence[Bar], wanted: _Wanted) -> bool:
        if not wanted.ends.newest(self._lately(t, wanted), wanted.as_of):
            return False
        begins = self._store.beginning(t, wanted.conid, wanted.size)
        return len(held) >= wanted.count or (begins is not None and held[0].start <= begins)

    def _read(self, wanted: _Wanted, held: Sequence[Bar]) -> str:
        """Read what is missing and keep it; why the newest bar is not among it."""
        history, asked = self._asked(wanted, self._missing(wanted, held))
        with self._transactions.read() as t:
            restated = self._restated(t, history, wanted)
        if restated and asked < wanted.count + RUNNING_MARGIN:
            history, asked = self._asked(wanted, wanted.count + RUNNING_MARGIN)
        with self._transactions.begin() as t:
            self._take_in(t, history, wanted, restated=restated)
            if history.bars and len(history.bars) < asked:
                self._store.begins(t, wanted.conid, wanted.size, history.bars[0].start)
        return _late(history, wanted, self._clock.now())

    def _asked(self, wanted: _Wanted, count: int) -> tuple[History, int]:
        read_at = self._clock.now()
        history = self._broker.history(wanted.conid, wanted.size, count, read_at=read_at)
        _require_numbers(history)
        return history, count

    def _missing(self, wanted: _Wanted, held: Sequence[Bar]) -> int:
        """How many bars to ask for: back to the oldest gap, and a few that are held already."""
        whole = wanted.count + RUNNING_MARGIN
        if len(held) <= OVERLAP or wanted.size in (BarSize.WEEK, BarSize.MONTH):
            return whole
        if len(held) < wanted.count:
            return whole
        since = min([held[-OVERLAP].session, *self._gaps(wanted, held)])
        sessions = len(self._calendar.sessions(wanted.ends.exchange, since, wanted.as_of.date()))
        return min(whole, sessions * wanted.ends.per_session() + RUNNING_MARGIN)

    def _gaps(self, wanted: _Wanted, held: Sequence[Bar]) -> list[date]:
        have = {bar.session for bar in held}
        expected = self._calendar.sessions(wanted.ends.exchange, held[0].session, held[-1].session)
        return [hours.session for hours in expected if hours.session not in have][:1]

    def _restated(self, t: Transaction, history: History, wanted: _Wanted) -> bool:
        """Most of what was held already is another now: a split, a dividend, a new adjustment."""
        known = self._known(t, history, wanted)
        again = [bar for bar in history.bars if bar.start in known]
        other = [bar for bar in again if bar != known[bar.start]]
        return len(again) > 1 and len(other) > len(again) // 2

    def _take_in(self, t: Transaction, history: History, wanted: _Wanted, *, restated: bool) -> None:
        known, now = self._known(t, history, wanted), self._clock.now()
        over = [bar for bar in history.bars if wanted.ends.of(bar) + history.delay <= now]
        changed = [bar for bar in over if bar.start in known and bar != known[bar.start]]
        self._store.correct(t, [_correction(wanted, known[bar.start], bar, now) for bar in changed])
        if restated:
            self._store.drop(t, wanted.conid, wanted.size)
        new = over if restated else [bar for bar in over if known.get(bar.start) != bar]
        self._store.keep(t, wanted.conid, wanted.size, new)

    def _known(self, t: Transaction, history: History, wanted: _Wanted) -> Mapping[datetime, Bar]:
        if not history.bars:
            return {}
        until = history.bars[-1].start
        held = self._store.bars(t, wanted.conid, wanted.size, until=until, limit=len(history.bars))
        return {bar.start: bar for bar in held}

    def _notes(self, t: Transaction, bars: Sequence[Bar], wanted: _Wanted) -> tuple[str, ...]:
        if not bars:
            return ()
        found = self._store.corrections(t, wanted.conid, wanted.size, since=bars[0].start)
        days = sorted({one.became.session for one in found})
        return (f"the broker corrected {len(days)} bar(s), last {days[-1]}",) if days else ()


def _require_numbers(history: History) -> None:
    """Raises `ReadFailed`: what is no number is not kept, and the broker is asked again."""
    for bar in history.bars:
        if not all(one.is_finite() for one in (bar.open, bar.high, bar.low, bar.close, bar.volume)):
            problem = f"the broker's bar of {bar.session} holds what is no number"
            raise ReadFailed(problem, where="bars", remedy="it is read again while the slot may still start")


def _correction(wanted: _Wanted, was: Bar, became: Bar, now: datetime) -> Correction:
    return Correction(conid=wanted.conid, size=wanted.size, was=was, became=became, noticed_at=now)


def _late(history: History, wanted: _Wanted, now: datetime) -> str:
    waiting = [
        bar
        for bar in history.bars
        if wanted.ends.of(bar) <= wanted.as_of and wanted.ends.of(bar) + history.delay > now
    ]
    if not waiting:
        return ""
    whole = wanted.ends.of(waiting[-1]) + history.delay
    minutes = int(history.delay.total_seconds() // 60)
    return f"bars are {minutes} minutes late: that of {waiting[-1].session} is whole at {whole:%H:%M} UTC"
