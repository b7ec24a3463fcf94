"""What a person pasted, as tickers: one to a line, with commas, or a CSV file with a column of them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from glassdesk.kernel.errors import InvalidInput

MOST = 200
"""Tickers of one list."""
MOST_CHARACTERS = 64_000
_TICKER = re.compile(r"[A-Z0-9][A-Z0-9./ -]{0,15}")
_PICK = re.compile(r"(.+)=(\d{1,12})")
_Columns = tuple[str, int, int | None]
"""Delimiter, column of the ticker and of the exchange."""
_TICKER_COLUMNS, _EXCHANGE_COLUMNS = ("symbol", "ticker"), ("exchange", "market")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """One ticker as somebody wrote it; `line` counts from 1."""

    symbol: str
    line: int
    exchange: str = ""
    """The listing that is meant, where a column says so."""
    conid: int | None = None
    """The contract that is meant, where `TICKER=CONID` says so."""


def read(text: str) -> tuple[Typed, ...]:
    """The tickers of `text`, each once, in its order. Raises `InvalidInput` naming the line."""
    if len(text) > MOST_CHARACTERS:
        raise InvalidInput(
            "the list is too long", where="text", remedy=f"at most {MOST_CHARACTERS} characters"
        )
    lines = text.splitlines()
    header = next((number for number, line in enumerate(lines) if line.strip()), 0)
    columns = _columns(lines[header]) if lines else None
    found = _table(lines, header, columns) if columns else _plain(lines)
    unique = tuple({(one.symbol, one.exchange, one.conid): one for one in found}.values())
    if not unique:
        raise InvalidInput("no ticker is there", where="text", remedy="paste some, e.g. AAPL, MSFT, SPY")
    if len(unique) > MOST:
        raise InvalidInput(f"{len(unique)} tickers are too many", where="text", remedy=f"at most {MOST}")
    return unique


def spellings(symbol: str) -> tuple[str, ...]:
    """The ways a class of shares is written: the broker has a space where others have a point or a dash."""
    spaced = re.sub(r"[./-]", " ", symbol)
    return (symbol,) if spaced == symbol else (spaced, symbol)


def _plain(lines: Iterable[str]) -> Iterator[Typed]:
    for number, line in enumerate(lines, 1):
        # A line with a comma may hold tickers of two words; one without is a list of words.
        words = re.split(r"[,;\t]", line) if re.search(r"[,;\t]", line) else line.split()
        yield from (_ticker(word, number) for word in words if word.strip())


def _table(lines: list[str], header: int, columns: _Columns) -> Iterator[Typed]:
    delimiter, symbol, exchange = columns
    for number, row in enumerate(csv.reader(lines[header + 1 :], delimiter=delimiter), header + 2):
        if len(row) > symbol and row[symbol].strip():
            listing = row[exchange].strip().upper() if exchange is not None and len(row) > exchange else ""
            yield _ticker(row[symbol], number, listing)


def _columns(line: str) -> _Columns | None:
    """Those of a line that is a heading."""
    for delimiter in (",", ";", "\t"):
        names = [name.strip().strip('"').lower() for name in line.split(delimiter)]
        ticker = next((names.index(name) for name in _TICKER_COLUMNS if name in names), None)
        if ticker is not None:
            listing = next((names.index(name) for name in _EXCHANGE_COLUMNS if name in names), None)
            return delimiter, ticker, listing
    return None


def _ticker(word: str, line: int, exchange: str = "") -> Typed:
    symbol, conid = word.strip().strip("\"'$").strip().upper(), None
    picked = _PICK.fullmatch(symbol)
    if picked:
        symbol, conid = picked[1].strip(), int(picked[2])
    if not _TICKER.fullmatch(symbol):
        raise InvalidInput(
            f"{word.strip()[:20]!r} is no ticker",
            where=f"line {line}",
            remedy="letters and digits, e.g. AAPL or BRK.B",
        )
    return Typed(symbol=symbol, line=line, exchange=exchange, conid=conid)
