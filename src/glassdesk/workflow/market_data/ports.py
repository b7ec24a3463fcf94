"""What the market data step needs from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from glassdesk.kernel.errors import ReadFailed
from glassdesk.workflow.market_data.model import Bar, BarSize, Quote


class NoBars(ReadFailed):
    """The broker has no bars for a contract and time: not listed yet, or its data is missing, which it does
    not tell apart [F-34]."""

    code = "no_bars"


class BrokerMarketData(Protocol):
    """Market data reads of the broker. Raise `SessionNotReady` or `ReadFailed`."""

    def history(self, conid: int, size: BarSize, count: int, *, read_at: datetime) -> Sequence[Bar]:
        """About `count` bars up to now, oldest first, **including the running one if the broker sends it**;
        prices in price units, volume in shares (`v × volumeFactor`) [F-35, F-36]. Raises `NoBars` where there
        is none."""
        ...

    def quotes(self, conids: Sequence[int], *, read_at: datetime) -> Mapping[int, Quote]:
        """One snapshot per conid that answered; polls through the preflight [F-27]."""
        ...
