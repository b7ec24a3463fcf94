"""`doctor --symbols`: per ticker real time, delayed, frozen or none, and why; read through the gate."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from glassdesk.cli.symbols import contract_of
from glassdesk.desk import Desk
from glassdesk.kernel.errors import GlassdeskError, InvalidInput
from glassdesk.kernel.money import tidy
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.contracts.scope import calendar_of
from glassdesk.workflow.market_data.availability import Availability, Feed, availability
from glassdesk.workflow.market_data.model import BarSize, Quote

MOST = 50
"""Tickers in one call: each takes one of the account's 100 market-data lines [F-39]."""
_TICKER = re.compile(r"[A-Z][A-Z0-9. ]{0,11}")
BARS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolFeed:
    """What is known of one ticker's data. `problem` is a word for programs, empty where all is well."""

    symbol: str
    feed: Feed
    why: str
    remedy: str
    usable: bool
    problem: str = ""
    conid: int | None = None
    letters: str = ""
    bid: Decimal | None = None
    ask: Decimal | None = None
    last: Decimal | None = None
    updated_at: datetime | None = None
    market_open: bool = False
    bars: int = 0
    last_bar: date | None = None

    @property
    def said(self) -> str:
        """One line."""
        prices = f"{tidy(self.bid)} / {tidy(self.ask)}, " if self.bid and self.ask else ""
        bars = f"; {self.bars} daily bars to {self.last_bar}" if self.last_bar else ""
        head = "no data: " if self.feed is Feed.NONE else ""
        return f"{head}{prices}{self.why}{bars}"


def tickers(given: Sequence[str]) -> list[str]:
    """Tickers from `AAPL,MSFT` or repeated options, each once. Raises `InvalidInput`."""
    words = [word.strip().upper() for text in given for word in text.split(",")]
    if given and not any(words):
        raise InvalidInput("no ticker is named", where="--symbols", remedy="for example --symbols AAPL,MSFT")
    for word in words:
        if not _TICKER.fullmatch(word):
            raise InvalidInput(
                f"{word!r} is no ticker", where="--symbols", remedy="for example --symbols AAPL,MSFT"
            )
    if len(words) > MOST:
        raise InvalidInput(f"{len(words)} tickers are too many", where="--symbols", remedy=f"at most {MOST}")
    return list(dict.fromkeys(words))


def feeds(desk: Desk, symbols: Sequence[str]) -> list[SymbolFeed]:
    """The feed of each ticker, in the order given."""
    found = {symbol: _contract(desk, symbol) for symbol in symbols}
    contracts = [one for one in found.values() if isinstance(one, Contract)]
    quotes = _quotes(desk, contracts)
    return [one if isinstance(one, SymbolFeed) else _feed(desk, one, quotes) for one in found.values()]


def _contract(desk: Desk, symbol: str) -> Contract | SymbolFeed:
    try:
        return contract_of(desk, symbol)
    except InvalidInput as failure:
        problem = "ambiguous" if "ambiguous" in failure.problem else "not_found"
        return _without(symbol, problem, failure)
    except GlassdeskError as failure:
        return _without(symbol, failure.code, failure)


def _quotes(desk: Desk, contracts: Sequence[Contract]) -> dict[int, Quote] | GlassdeskError:
    if not contracts:
        return {}
    try:
        return dict(desk.market_data.quotes([contract.conid for contract in contracts]))
    except GlassdeskError as failure:
        return failure


def _feed(desk: Desk, contract: Contract, quotes: dict[int, Quote] | GlassdeskError) -> SymbolFeed:
    if isinstance(quotes, GlassdeskError):
        return _without(contract.symbol, quotes.code, quotes)
    now, exchange = desk.clock.now(), calendar_of(contract)
    is_open = desk.contracts.is_open(exchange, now)
    quote = quotes.get(contract.conid)
    found = availability(quote, is_open=is_open)
    bars, last = _bars(desk, contract, now, exchange)
    return SymbolFeed(
        symbol=contract.symbol,
        feed=found.feed,
        why=found.why,
        remedy=found.remedy,
        usable=found.usable,
        problem=_problem(found, is_open=is_open),
        conid=contract.conid,
        letters=quote.availability if quote else "",
        bid=quote.bid if quote else None,
        ask=quote.ask if quote else None,
        last=quote.last if quote else None,
        updated_at=quote.updated_at if quote else None,
        market_open=is_open,
        bars=bars,
        last_bar=last,
    )


def _problem(found: Availability, *, is_open: bool) -> str:
    if found.halted:
        return "halted"
    if found.feed is not Feed.REAL_TIME:
        return f"feed_{found.feed.value}"
    if not is_open:
        return "market_closed"
    return "" if found.usable else "no_prices"


def _bars(desk: Desk, contract: Contract, now: datetime, exchange: str) -> tuple[int, date | None]:
    try:
        held = desk.market_data.closed_bars(contract, BarSize.DAY, BARS, as_of=now, exchange=exchange)
    except GlassdeskError:
        return 0, None
    return len(held.bars), held.last.session if held.bars else None


def _without(symbol: str, problem: str, failure: GlassdeskError) -> SymbolFeed:
    return SymbolFeed(
        symbol=symbol,
        feed=Feed.NONE,
        why=failure.problem,
        remedy=failure.remedy,
        usable=False,
        problem=problem,
    )
