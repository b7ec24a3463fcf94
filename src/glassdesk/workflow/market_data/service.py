"""Verbs of the market data step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from glassdesk.kernel.clock import Clock
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.contracts.ports import Calendar
from glassdesk.workflow.contracts.service import Contracts
from glassdesk.workflow.market_data.ends import Ends
from glassdesk.workflow.market_data.keeping import Kept, KeptBars
from glassdesk.workflow.market_data.model import Bar, BarSet, BarSize, Quality, Quote
from glassdesk.workflow.market_data.ports import BrokerMarketData
from glassdesk.workflow.market_data.quality import judge
from glassdesk.workflow.market_data.resample import weekly


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

    def weekly(self, daily: BarSet, *, as_of: datetime, exchange: str) -> BarSet:
        """Closed weekly bars of a daily set; a week with sessions still to come is left out."""
        if not daily.bars:
            return replace(daily, size=BarSize.WEEK)
        last = daily.bars[-1].session
        rest = self._calendar.sessions(exchange, last, last + timedelta(days=6 - last.weekday()))
        open_week = any(hours.closes_at > as_of for hours in rest)
        bars = weekly(daily.bars, last_expected_of_week=rest[-1].session if open_week else None)
        return replace(daily, size=BarSize.WEEK, bars=bars)

    def quotes(self, conids: Sequence[int]) -> Mapping[int, Quote]:
        """Fresh quotes of those that answered."""
        return self._broker.quotes(conids, read_at=self._clock.now())

    def _judged(self, kept: Kept, ends: Ends, as_of: datetime) -> Quality:
        expected = ends.expected(as_of) if ends.size is BarSize.DAY else None
        sessions = self._expected(kept.bars, ends, as_of) if ends.size is BarSize.DAY else ()
        verdict = judge(kept.bars, expected_last=expected, expected_sessions=sessions)
        old = _old(kept, ends, as_of) if expected is None else []
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


def _old(kept: Kept, ends: Ends, as_of: datetime) -> list[str]:
    if not kept.bars or ends.newest(kept.bars[-1], as_of):
        return []
    return [f"the last bar began at {kept.bars[-1].start:%Y-%m-%d %H:%M} UTC, a newer one is over"]
