"""One file of open, high, low, close and volume: whichever header, whichever way of writing time."""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path

from ibkr_simulator.exchange.path import DayBar
from ibkr_simulator.exchange.tape import BadTape

_NAMES = {
    "open": ("open",),
    "high": ("high",),
    "low": ("low",),
    "close": ("close",),
    "volume": ("volume", "vol"),
    "adjusted": ("adj close", "adjclose", "adj_close", "adjusted close", "adjusted_close"),
    "dividend": ("dividends", "dividend"),
    "split": ("stock splits", "splits", "split"),
}
_TIMES = ("datetime", "timestamp", "date", "time")
_NEEDED = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line; `moment` is the start of its bar, `split` new shares for one old share."""

    line: int
    moment: datetime
    bar: DayBar
    adjusted: float | None
    dividend: Decimal
    split: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file's rows in order of time. `daily` when each stands for a day, whose date is the moment's."""

    path: Path
    rows: list[Row]
    daily: bool

    def bad(self, line: int, why: str) -> BadTape:
        """The error for a line of this file."""
        return BadTape(f"{self.path}:{line}: {why}")


def read(path: Path, zone: tzinfo) -> Source:
    """The rows of a file; times without a zone are in `zone`. Raises BadTape, naming file and line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = _rows(path, _numbered(file), zone)
    except (UnicodeDecodeError, csv.Error) as bad:
        raise BadTape(f"{path}: not a text file of comma-separated values: {bad}") from bad
    if not rows:
        raise BadTape(f"{path}:1: a header and no rows")
    rows.sort(key=lambda row: row.moment)
    return _without_doubles(_dated(path, rows, zone))


def _numbered(file: Iterable[str]) -> list[tuple[int, list[str]]]:
    lines = csv.reader(file)
    return [(lines.line_num, cells) for cells in lines]


def _rows(path: Path, lines: Sequence[tuple[int, list[str]]], zone: tzinfo) -> list[Row]:
    columns, times = _columns(path, lines[0][1] if lines else [])
    found = []
    for number, cells in lines[1:]:
        if not any(cell.strip() for cell in cells):
            continue
        try:
            found.append(_row(number, cells, columns, times, zone))
        except (ValueError, IndexError) as bad:
            why = "fewer cells than the header" if isinstance(bad, IndexError) else str(bad)
            raise BadTape(f"{path}:{number}: {why}") from bad
    return found


def _columns(path: Path, header: list[str]) -> tuple[dict[str, int], list[int]]:
    """Where each value stands; the time may stand in one column or in two, date and time."""
    words = [word.strip().lower() for word in header]
    columns = {
        name: words.index(spelling)
        for name, spellings in _NAMES.items()
        for spelling in spellings
        if spelling in words
    }
    times = [words.index(name) for name in _TIMES if name in words]
    missing = [name for name in _NEEDED if name not in columns] + ([] if times else ["date"])
    if missing:
        raise BadTape(f"{path}:1: the header has no {', '.join(missing)}; it needs date (or datetime, "
                      "timestamp, time), open, high, low, close, volume")  # fmt: skip
    both = "date" in words and "time" in words
    return columns, [words.index("date"), words.index("time")] if both else times[:1]


def _row(line: int, cells: list[str], columns: Mapping[str, int], times: list[int], zone: tzinfo) -> Row:
    def cell(name: str) -> str:
        return cells[columns[name]].strip() if name in columns else ""

    bar = DayBar(
        open=_cents("open", cell("open")),
        high=_cents("high", cell("high")),
        low=_cents("low", cell("low")),
        close=_cents("close", cell("close")),
        volume=_shares(cell("volume")),
    )
    _check(bar)
    return Row(
        line=line,
        moment=_moment(" ".join(cells[place].strip() for place in times), zone),
        bar=bar if bar.volume or bar.high == bar.low else _traded(bar),
        adjusted=float(_number("adj close", cell("adjusted"))) if cell("adjusted") else None,
        dividend=_number("dividends", cell("dividend") or "0"),
        split=_ratio(cell("split")),
    )


def _traded(bar: DayBar) -> DayBar:
    """Prices that moved were traded at, whatever the file says of volume."""
    return DayBar(open=bar.open, high=bar.high, low=bar.low, close=bar.close, volume=1)


def _number(name: str, text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as bad:
        raise ValueError(f"{name} takes a number, not {text!r}") from bad
    if not number.is_finite() or number < 0:
        raise ValueError(f"{name} takes a number of at least 0, not {text!r}")
    return number


def _cents(name: str, text: str) -> int:
    cents = round(_number(name, text) * 100)
    if cents == 0:
        raise ValueError(f"{name} takes a price of at least 0.01, not {text!r}")
    return cents


def _shares(text: str) -> int:
    return int(_number("volume", text or "0"))


def _check(bar: DayBar) -> None:
    if not bar.low <= min(bar.open, bar.close) or not max(bar.open, bar.close) <= bar.high:
        raise ValueError("open and close lie outside of low and high")


def _ratio(text: str) -> Fraction:
    """`2`, `2.0`, `2:1`, `1/10`; nothing and 0 are no split."""
    new, colon, old = text.replace("/", ":").partition(":")
    ratio = Fraction(_number("splits", new or "0")) / Fraction(_number("splits", old) if colon else 1)
    return ratio.limit_denominator(1000) if ratio else Fraction(1)


def _moment(text: str, zone: tzinfo) -> datetime:
    if text.replace(".", "", 1).isdigit() and len(text) != len("20240102"):
        number = float(text)
        return datetime.fromtimestamp(number / 1000 if number >= 1e11 else number, UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as bad:
        raise ValueError(f"the time takes an ISO date or time, or seconds since 1970, not {text!r}") from bad
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _dated(path: Path, rows: list[Row], zone: tzinfo) -> Source:
    """Daily when every row stands at midnight: of its own zone, or of the tape's."""
    for view in (_as_written, lambda moment: moment.astimezone(zone)):
        if all(view(row.moment).time() == time() for row in rows):
            return Source(path=path, rows=[_moved(row, view) for row in rows], daily=True)
    return Source(path=path, rows=rows, daily=False)


def _as_written(moment: datetime) -> datetime:
    return moment


def _moved(row: Row, view: Callable[[datetime], datetime]) -> Row:
    return Row(
        line=row.line,
        moment=view(row.moment),
        bar=row.bar,
        adjusted=row.adjusted,
        dividend=row.dividend,
        split=row.split,
    )


def _without_doubles(source: Source) -> Source:
    seen: dict[datetime | date, int] = {}
    for row in source.rows:
        key = row.moment.date() if source.daily else row.moment
        if key in seen:
            first, second = sorted((seen[key], row.line))
            raise source.bad(second, f"the same {'day' if source.daily else 'time'} as line {first}")
        seen[key] = row.line
    return source
