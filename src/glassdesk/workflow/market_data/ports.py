"""What the market data step needs from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from glassdesk.kernel.errors import ReadFailed
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.market_data.model import Bar, BarSize, Correction, History, Quote


class NoBars(ReadFailed):
    """The broker has no bars for a contract and time: not listed yet, or its data is missing, which it does
    not tell apart [F-34]."""

    code = "no_bars"


class BrokerMarketData(Protocol):
    """Market data reads of the broker. Raise `SessionNotReady` or `ReadFailed`."""

    def history(self, conid: int, size: BarSize, count: int, *, read_at: datetime) -> History:
        """About `count` bars up to now, oldest first, **including the running one if the broker sends it**;
        prices in price units, volume in shares (`v × volumeFactor`) [F-35, F-36]. Raises `NoBars` where there
        is none."""
        ...

    def quotes(self, conids: Sequence[int], *, read_at: datetime) -> Mapping[int, Quote]:
        """One snapshot per conid that answered; polls through the preflight [F-27]."""
        ...


class BarStore(Protocol):
    """Closed bars as the broker sent them last, and what it sent differently before."""

    def bars(
        self, t: Transaction, conid: int, size: BarSize, *, until: datetime, limit: int
    ) -> Sequence[Bar]:
        """The newest `limit` bars that begin before `until`, oldest first."""
        ...

    def keep(self, t: Transaction, conid: int, size: BarSize, bars: Sequence[Bar]) -> None:
        """Insert or replace by start."""
        ...

    def drop(self, t: Transaction, conid: int, size: BarSize) -> None:
        """Drop all bars of a series: the broker has restated its past."""
        ...

    def beginning(self, t: Transaction, conid: int, size: BarSize) -> datetime | None:
        """Where the broker's history begins, once a reading has come to it."""
        ...

    def begins(self, t: Transaction, conid: int, size: BarSize, at: datetime) -> None:
        """The broker has nothing before `at`."""
        ...

    def correct(self, t: Transaction, corrections: Sequence[Correction]) -> None:
        """Append what changed."""
        ...

    def corrections(
        self, t: Transaction, conid: int, size: BarSize, *, since: datetime
    ) -> Sequence[Correction]:
        """Corrections of bars that begin at `since` or later, in the order they were noticed."""
        ...
