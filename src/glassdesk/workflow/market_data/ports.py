"""What the market data step needs from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from glassdesk.workflow.market_data.model import Bar, BarSize, Quote


class BrokerMarketData(Protocol):
    """Market data reads of the broker. Raise `SessionNotReady` or `ReadFailed`."""

    def history(self, conid: int, size: BarSize, count: int, *, read_at: datetime) -> Sequence[Bar]:
        """About `count` bars up to now, oldest first, **including the running one if the broker sends it**;
        prices in price units, volume in shares (`v × volumeFactor`) [F-35, F-36]."""
        ...

    def quotes(self, conids: Sequence[int], *, read_at: datetime) -> Mapping[int, Quote]:
        """One snapshot per conid that answered; polls through the preflight [F-27]."""
        ...
