"""Verbs of the market data step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from glassdesk.kernel.clock import Clock
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.contracts.model import Contract, Hours
from glassdesk.workflow.contracts.ports import Calendar
from glassdesk.workflow.contracts.service import Contracts
from glassdesk.workflow.market_data.counting import closed_between, last_end, next_end
from glassdesk.workflow.market_data.ends import Ends
from glassdesk.workflow.market_data.keeping import Kept, KeptBars
from glassdesk.workflow.market_data.model import Bar, BarSet, BarSize, Quality, Quote
from glassdesk.workflow.market_data.ports import BrokerMarketData
from glassdesk.workflow.market_data.quality import judge
from glassdesk.workflow.market_data.resample import by_calendar, by_hours

LOOK_BACK = timedelta(days=40)
"""Further than any bar reaches."""


class MarketData:
    """Closed bars and quotes."""

    def __init__(
        self, broker: BrokerMarketData, kept: KeptBars, contracts: Contracts, calendar: Calendar, clock: Clock
    ) -> None:
        self._broker = broker
        self._kept = kept
        self._contracts = contracts
        self._calendar = calendar
        self._clock = clock

    def closed_bars(
        self, contract: Contract, size: BarSize, count: int, *, as_of: datetime, exchange: str
    ) -> BarSet:
        """The last `count` bars closed at `as_of`, with the verdict on their quality. What is kept is
        not read again; the running bar is dropped [F-36]. Raises `ReadFailed` or `SessionNotReady`."""
        kept = self._kept.closed(contract.conid, size, count, as_of=as_of, exchange=exchange)
        quality = self._judged(kept, Ends(calendar=self._calendar, exchange=exchange, size=size), as_of)
        return BarSet(
            conid=contract.conid, symbol=contract.symbol, size=size, bars=kept.bars, quality=quality
        )

    def seen(
        self, t: Transaction, conid: int, size: BarSize, count: int, *, as_of: datetime
    ) -> Sequence[Bar]:
        """The newest `count` kept bars that begin before `as_of`, oldest first; the broker is not asked."""
        return self._kept.seen(t, conid, size, count, as_of=as_of)

    def closed_since(
        self, conid: int, size: BarSize, since: datetime, *, as_of: datetime, exchange: str
    ) -> tuple[Bar, ...]:
        """Bars that closed after `since`, the one around it first; none where the newest of them is not there
        yet or they are not fit. Raises `ReadFailed` or `SessionNotReady`."""
        count = self.bars_closed(exchange, size, since, as_of)
        kept = self._kept.closed(conid, size, max(1, count), as_of=as_of, exchange=exchange)
        ends = Ends(calendar=self._calendar, exchange=exchange, size=size)
        bars = tuple(bar for bar in kept.bars if ends.of(bar) > since)
        return bars if self._judged(kept, ends, as_of).fit and ends.newest(bars, as_of) else ()

    def so_far(self, closed: BarSet, *, as_of: datetime, exchange: str) -> BarSet:
        """The set with the bar that is open at `as_of` as its newest (`T-04`), and one closed bar less; as it
        is, with a note, where none is open. Raises `ReadFailed` or `SessionNotReady`."""
        running = self._kept.running(closed.conid, closed.size, as_of=as_of, exchange=exchange)
        if running is None or not closed.bars:
            note = "no bar is open: decided on the last closed one"
            return replace(closed, quality=replace(closed.quality, notes=(*closed.quality.notes, note)))
        return replace(closed, bars=(*closed.bars[1:], running), so_far=True)

    def longer(self, closed: BarSet, size: BarSize, *, as_of: datetime, exchange: str) -> BarSet:
        """Closed bars of a longer size made of a closed set: days of minutes, weeks and months of days, hours
        by the exchange's hours. A period that is not over at `as_of` is left out."""
        ends = Ends(calendar=self._calendar, exchange=exchange, size=size)
        made = self._by_hours(closed, size, exchange) if size.intraday else by_calendar(closed.bars, size)
        return replace(closed, size=size, bars=tuple(bar for bar in made if ends.of(bar) <= as_of))

    def _by_hours(self, closed: BarSet, size: BarSize, exchange: str) -> tuple[Bar, ...]:
        if not closed.bars:
            return ()
        sessions = self._calendar.sessions(exchange, closed.bars[0].session, closed.bars[-1].session)
        opens = {hours.session: hours.opens_at for hours in sessions}
        return by_hours([bar for bar in closed.bars if bar.session in opens], size, opens)

    def bars_closed(self, exchange: str, size: BarSize, since: datetime, until: datetime) -> int:
        """Bars that closed after `since` and not after `until`, by the calendar; the bar around `since` is
        the first."""
        return closed_between(size, self._sessions(exchange, since, until), since, until)

    def last_bar_end(self, exchange: str, size: BarSize, until: datetime) -> datetime | None:
        """When the newest closed bar closed."""
        return last_end(size, self._sessions(exchange, until - LOOK_BACK, until), until)

    def next_bar_end(self, exchange: str, size: BarSize, after: datetime) -> datetime | None:
        """When the next bar closes."""
        return next_end(size, self._sessions(exchange, after, after), after)

    def _sessions(self, exchange: str, since: datetime, until: datetime) -> Sequence[Hours]:
        """Sessions between, and those that end the week or month of the last one."""
        zone = self._contracts.zone(exchange)
        first, last = since.astimezone(zone).date(), until.astimezone(zone).date()
        return self._calendar.sessions(exchange, first, last + LOOK_BACK)

    def gaps(self, bars: Sequence[Bar], exchange: str) -> list[date]:
        """Sessions between the first and the last of these bars of which there is none."""
        if not bars:
            return []
        have = {bar.session for bar in bars}
        sessions = self._calendar.sessions(exchange, bars[0].session, bars[-1].session)
        return [hours.session for hours in sessions if hours.session not in have]

    def quotes(self, conids: Sequence[int]) -> Mapping[int, Quote]:
        """Fresh quotes of those that answered."""
        return self._broker.quotes(conids, read_at=self._clock.now())

    def _judged(self, kept: Kept, ends: Ends, as_of: datetime) -> Quality:
        expected = ends.expected(as_of) if ends.size is BarSize.DAY else None
        sessions = self._expected(kept.bars, ends, as_of) if ends.size is BarSize.DAY else ()
        verdict = judge(
            kept.bars,
            expected_last=expected,
            expected_sessions=sessions,
            intraday=ends.size.intraday,
        )
        old = _old(kept) if expected is None else []
        late = [kept.late] if kept.late else []
        return replace(
            verdict,
            problems=(*late, *verdict.problems, *old),
            notes=(*verdict.notes, *kept.notes),
        )

    def _expected(self, bars: Sequence[Bar], ends: Ends, as_of: datetime) -> Sequence[date]:
        if not bars:
            return ()
        sessions = self._calendar.sessions(ends.exchange, bars[0].session, as_of.date())
        return [hours.session for hours in sessions if hours.closes_at <= as_of]


def _old(kept: Kept) -> list[str]:
    if not kept.bars or kept.newest:
        return []
    return [f"the last bar began at {kept.bars[-1].start:%Y-%m-%d %H:%M} UTC, a newer one is over"]
