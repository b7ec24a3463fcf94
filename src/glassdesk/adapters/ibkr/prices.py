"""Market-data lines, and prices as the stream sends them: for the question policy, not for decisions [F-32,
F-39]."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from glassdesk.adapters.ibkr.parse import Fields
from glassdesk.kernel.clock import Clock
from glassdesk.workflow.market_data.model import Quote

FIELDS = ("31", "84", "86", "6509")
LINES = 90
"""The broker keeps 100 market-data lines per account [F-39]."""
_STREAMED = 30
"""Contracts that are streamed at most; the rest of the lines are for snapshots."""
_RENEW_SECONDS = 540.0
"""A subscription ends by itself after 10 or 15 minutes [F-32]."""


class Lines:
    """Which conids hold a market-data line, oldest use first.

    Shared by everything that asks for prices.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used: OrderedDict[int, None] = OrderedDict()

    def use(self, conids: Iterable[int]) -> Sequence[int]:
        """Note a use; the conids whose lines have to be given back."""
        with self._lock:
            for conid in conids:
                self._used[conid] = None
                self._used.move_to_end(conid)
            surplus = list(self._used)[: max(0, len(self._used) - LINES)]
            for conid in surplus:
                del self._used[conid]
        return surplus

    def spare(self, wanted: Iterable[int]) -> int | None:
        """The longest unused line that none of `wanted` holds, taken out; `None` where there is none."""
        kept = set(wanted)
        with self._lock:
            found = next((conid for conid in self._used if conid not in kept), None)
            if found is not None:
                del self._used[found]
        return found

    def free(self, conids: Iterable[int]) -> Sequence[int]:
        """Those of `conids` for which there is room without taking a line away."""
        with self._lock:
            room = LINES - len(self._used)
            found = []
            for conid in conids:
                if conid not in self._used:
                    if room < 1:
                        continue
                    room -= 1
                found.append(conid)
        return found


class LastQuotes:
    """The last quote of each conid, for the question policy (`T-59`)."""

    FRESH = timedelta(seconds=60)

    def __init__(self) -> None:
        self._known: dict[int, Quote] = {}

    def keep(self, quotes: Mapping[int, Quote]) -> None:
        self._known.update(quotes)

    def ask(self, conid: int, now: datetime) -> Decimal | None:
        """The ask not older than a minute of market time."""
        quote = self._known.get(conid)
        return quote.ask if quote is not None and now - quote.read_at <= self.FRESH else None


class Prices:
    """Subscriptions of the stream and what came of them. Used by the stream's thread."""

    def __init__(self, clock: Clock, last: LastQuotes, lines: Lines) -> None:
        self._clock = clock
        self._last = last
        self._lines = lines
        self._asked: dict[int, float] = {}
        self._rows: dict[int, dict[str, Any]] = {}

    def forget_lines(self) -> None:
        """A new line: nothing is subscribed."""
        self._asked.clear()
        self._rows.clear()

    def wishes(self, conids: Sequence[int], now: float) -> list[str]:
        """Messages to send now: what is new or runs out, and what nobody needs any more. `now` is machine
        time in seconds."""
        wanted = self._lines.free(conids[:_STREAMED])
        gone = [conid for conid in self._asked if conid not in wanted]
        due = [conid for conid in wanted if now - self._asked.get(conid, -_RENEW_SECONDS) >= _RENEW_SECONDS]
        for conid in gone:
            del self._asked[conid]
            self._rows.pop(conid, None)
        if due:
            self._lines.use(due)
        self._asked |= dict.fromkeys(due, now)
        fields = ",".join(f'"{field}"' for field in FIELDS)
        return [
            *(f"umd+{conid}+{{}}" for conid in gone),
            *(f'smd+{conid}+{{"fields":[{fields}]}}' for conid in due),
        ]

    def take(self, frame: Mapping[str, Any]) -> None:
        """Lay the changed fields of one frame over what is known. Raises `Unparsable`."""
        conid = Fields(frame, "smd").integer("conid")
        row = self._rows.setdefault(conid, {})
        row.update(frame)
        quote = quote_of(row, self._clock.now())
        if quote is not None:
            self._last.keep({conid: quote})


def quote_of(raw: object, read_at: datetime) -> Quote | None:
    """One row of a snapshot; `None` for the preflight's bare conid [F-27].

    A last price marked as prior close is no trade of today and left out; where trading is halted bid and ask
    are [F-31].
    """
    row = Fields(raw, "snapshot")
    availability = row.text_or_none("6509")
    if availability is None:
        return None
    prefix, last = row.last_price_or_none("31")
    halted = prefix == "H"
    return Quote(
        conid=row.integer("conid"),
        bid=None if halted else _positive(row.decimal_or_none("84")),
        ask=None if halted else _positive(row.decimal_or_none("86")),
        last=None if prefix == "C" or last is None else _positive(last),
        availability=availability,
        updated_at=row.millis("_updated") if row.has("_updated") else None,
        read_at=read_at,
        halted=halted,
    )


def _positive(price: Decimal | None) -> Decimal | None:
    """Minus one and zero stand for no price."""
    return price if price is not None and price > 0 else None
