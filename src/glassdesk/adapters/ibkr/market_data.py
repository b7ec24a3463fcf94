"""Bars and quotes over `/iserver/marketdata/*` [§4]."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from glassdesk.adapters.ibkr.answers import error_text, get, reading, says_no_data, settled
from glassdesk.adapters.ibkr.calls import Request
from glassdesk.adapters.ibkr.gate import Reads
from glassdesk.adapters.ibkr.history import MOST_PAGES, Period, history_of, merged, period_for, start_time
from glassdesk.adapters.ibkr.known import KnownContracts
from glassdesk.adapters.ibkr.parse import listed
from glassdesk.adapters.ibkr.prices import FIELDS, LastQuotes, Lines, quote_of
from glassdesk.kernel.clock import Clock
from glassdesk.workflow.market_data.model import Bar, BarSize, History, Quote
from glassdesk.workflow.market_data.ports import NoBars

_HISTORY = "/iserver/marketdata/history"
_SNAPSHOT = "/iserver/marketdata/snapshot"
_UNSUBSCRIBE = "/iserver/marketdata/unsubscribe"
_FIELDS = ",".join(FIELDS)
_CONIDS_PER_CALL = 50
"""The broker takes 100; half of that always fits into the lines we hold [F-39]."""
_CLOSED_DAYS = 7
"""The longest closure of New York in this century: 11 to 16 September 2001, a weekend included."""
_POLL = timedelta(milliseconds=500)
_PREFLIGHT = timedelta(seconds=10)
_PIECEMEAL = timedelta(seconds=3)
_UNANSWERED = timedelta(seconds=5)
"""So long without any field, a contract may have got no line [F-39]."""
_MOST_ROOM = 2
"""So many lines are given back for those without one; a contract that has no data would take them all."""


class IbkrMarketData:
    """Implements `market_data.ports.BrokerMarketData`."""

    def __init__(
        self, reads: Reads, clock: Clock, known: KnownContracts, last: LastQuotes, lines: Lines
    ) -> None:
        self._reads = reads
        self._clock = clock
        self._known = known
        self._last = last
        self._lines = lines

    def history(self, conid: int, size: BarSize, count: int, *, read_at: datetime) -> History:
        period = period_for(size, count)
        newest = self._page(conid, size, period, None)
        pages: list[Sequence[Bar]] = [newest.bars]
        while pages[-1] and sum(map(len, pages)) < count and len(pages) < MOST_PAGES:
            pages.append(self._older(conid, size, period, min(bar.start for bar in pages[-1])))
        return History(bars=merged(pages), delay=newest.delay)

    def _older(self, conid: int, size: BarSize, period: Period, oldest: datetime) -> Sequence[Bar]:
        """Bars before `oldest`; none where the broker's history begins.

        A page of one day may fall on a weekend or holiday, so a few days back are tried before history counts
        as over.
        """
        for days in range(_CLOSED_DAYS + 1 if period.code == "1d" else 1):
            # A second earlier, or the page would be the period that begins with `oldest`.
            ends = oldest - timedelta(days=days, seconds=1)
            try:
                older = [bar for bar in self._page(conid, size, period, ends).bars if bar.start < oldest]
            except NoBars:
                continue
            if older:
                return older
        return ()

    def _page(self, conid: int, size: BarSize, period: Period, before: datetime | None) -> History:
        params = {"conid": str(conid), "period": period.code, "bar": size.value, "outsideRth": "false"}
        if before is not None:
            params |= {"startTime": start_time(before), "direction": "-1"}
        answer = self._reads.read(Request(method="GET", path=_HISTORY, params=params))
        if says_no_data(answer):
            raise NoBars(error_text(answer) or "no data", where=_HISTORY)
        with reading(_HISTORY):
            return history_of(settled(answer, _HISTORY), size, period, self._known.zone(conid))

    def quotes(self, conids: Sequence[int], *, read_at: datetime) -> Mapping[int, Quote]:
        found: dict[int, Quote] = {}
        for first in range(0, len(conids), _CONIDS_PER_CALL):
            found |= self._polled(conids[first : first + _CONIDS_PER_CALL])
        self._last.keep(found)
        return found

    def _polled(self, conids: Sequence[int]) -> dict[int, Quote]:
        """Poll through the preflight: fields come piecemeal, some never [F-27, F-28]."""
        for surplus in self._lines.use(conids):
            self._give_back(surplus)
        began = self._clock.now()
        answered: datetime | None = None
        room = _MOST_ROOM
        while True:
            now = self._clock.now()
            found = self._snapshot(conids, now)
            if len(found) == len(conids):
                answered = answered or now
            whole = all(quote.mid is not None for quote in found.values())
            waited = answered is not None and (whole or now - answered >= _PIECEMEAL)
            if waited or now - began >= _PREFLIGHT:
                return found
            if room and now - began >= _UNANSWERED and len(found) < len(conids):
                room -= 1
                self._make_room(conids)
            self._clock.wait_until(now + _POLL)
            if self._clock.now() <= now:
                return found

    def _snapshot(self, conids: Sequence[int], now: datetime) -> dict[int, Quote]:
        stated = get(self._reads, _SNAPSHOT, {"conids": ",".join(map(str, conids)), "fields": _FIELDS})
        with reading(_SNAPSHOT):
            quotes = [quote_of(row, now) for row in listed(stated, "snapshot")]
        return {quote.conid: quote for quote in quotes if quote is not None}

    def _make_room(self, conids: Sequence[int]) -> None:
        """Somebody else on this username may hold lines too: a contract that gets none may have ours."""
        spare = self._lines.spare(conids)
        if spare is not None:
            self._give_back(spare)

    def _give_back(self, conid: int) -> None:
        # Answered 500 when nothing is open, which is as good [F-38].
        self._reads.read(Request(method="POST", path=_UNSUBSCRIBE, body={"conid": conid}), attempts=1)
