"""Verbs of the market data step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from glassdesk.kernel.clock import Clock
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.contracts.ports import Calendar
from glassdesk.workflow.contracts.service import Contracts
from glassdesk.workflow.market_data.model import Bar, BarSet, BarSize, Quality, Quote
from glassdesk.workflow.market_data.ports import BrokerMarketData
from glassdesk.workflow.market_data.quality import judge
from glassdesk.workflow.market_data.resample import weekly

RUNNING_MARGIN = 2
"""Bars asked for beyond the wanted ones: the running bar and one to spare."""


class MarketData:
    """Closed bars and quotes."""

    def __init__(
        self, broker: BrokerMarketData, contracts: Contracts, calendar: Calendar, clock: Clock
    ) -> None:
        self._broker = broker
        self._contracts = contracts
        self._calendar = calendar
        self._clock = clock

    def closed_bars(
        self, contract: Contract, size: BarSize, count: int, *, as_of: datetime, exchange: str
    ) -> BarSet:
        """The last `count` bars closed at `as_of`, with the verdict on their quality. The running bar is
        dropped [F-36]. Raises `ReadFailed` or `SessionNotReady`."""
        asked = self._broker.history(contract.conid, size, count + RUNNING_MARGIN, read_at=self._clock.now())
        closed = tuple(bar for bar in asked if self._closed(bar, size, as_of, exchange))[-count:]
        quality = (
            self._judge_daily(closed, as_of, exchange) if size is BarSize.DAY else self._judge_other(closed)
        )
        return BarSet(conid=contract.conid, symbol=contract.symbol, size=size, bars=closed, quality=quality)

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

    def _closed(self, bar: Bar, size: BarSize, as_of: datetime, exchange: str) -> bool:
        if size.intraday:
            return bar.start + timedelta(seconds=size.seconds) <= as_of
        hours = self._calendar.hours(exchange, bar.session)
        return hours is not None and hours.closes_at <= as_of

    def _judge_daily(self, bars: Sequence[Bar], as_of: datetime, exchange: str) -> Quality:
        expected = self._contracts.last_closed_session(exchange, as_of).session
        sessions = self._calendar.sessions(exchange, bars[0].session, expected) if bars else ()
        return judge(
            bars,
            expected_last=expected,
            expected_sessions=[h.session for h in sessions if h.closes_at <= as_of],
        )

    @staticmethod
    def _judge_other(bars: Sequence[Bar]) -> Quality:
        return judge(bars, expected_last=None, expected_sessions=())
