"""The tape `csv:DIR`: one file a symbol, of days or of minutes, from wherever it came."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from ibkr_simulator.exchange.listings import HOME_LISTINGS, Listing, Listings
from ibkr_simulator.exchange.path import DayBar
from ibkr_simulator.exchange.sessions import Sessions, new_york_sessions
from ibkr_simulator.exchange.tape import BadTape, Bars, Dividend, Intraday, Split, Tape
from ibkr_simulator.exchange.tapes import rows
from ibkr_simulator.exchange.tapes.companies import conid_of
from ibkr_simulator.exchange.tapes.rows import Row, Source
from ibkr_simulator.instants import MINUTE, NEW_YORK, from_datetime, new_york_midnight

_WIDTHS = (1, 2, 3, 5, 10, 15, 30, 60, 120, 240)
_LEAST_SPLIT = 1.3
_UNTIL_PAID = timedelta(days=21)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A folder, and the zone of times that name none."""

    folder: Path
    zone: ZoneInfo


@dataclass(slots=True, kw_only=True)
class _Gathered:
    """What the files have told so far."""

    bars: dict[int, Bars] = field(default_factory=dict)
    splits: list[Split] = field(default_factory=list)
    dividends: list[Dividend] = field(default_factory=list)
    intraday: dict[tuple[int, int], Intraday] = field(default_factory=dict)


def place(folder: str, options: Mapping[str, str]) -> Place:
    """The option ZONE, an IANA name; New York without it. Raises BadTape."""
    unknown = sorted(set(options) - {"ZONE"})
    if unknown:
        raise BadTape(f"tape csv has no option {', '.join(unknown)}; there is ZONE")
    try:
        zone = ZoneInfo(options.get("ZONE", NEW_YORK.key))
    except (ZoneInfoNotFoundError, ValueError) as bad:
        name = options["ZONE"]
        raise BadTape(f"tape option ZONE takes a name such as America/New_York, not {name!r}") from bad
    return Place(folder=Path(folder), zone=zone)


def read(place: Place) -> Tape:
    """The tape of a folder. Raises BadTape, naming file and line."""
    files = sorted(place.folder.glob("*.[cC][sS][vV]"))
    if not files:
        raise BadTape(f"{place.folder}: no files named SYMBOL.csv there")
    sources = {path.stem.upper(): rows.read(path, place.zone) for path in files}
    listings = {symbol: _listing(symbol) for symbol in sources}
    sessions = new_york_sessions(*_range(sources))
    if not len(sessions):
        raise BadTape(f"{place.folder}: no row lies within a session of the New York exchanges")
    told = _Gathered()
    for symbol, source in sources.items():
        _take_in(told, listings[symbol].conid, source, sessions)
    return Tape(
        name="csv",
        sessions=sessions,
        listings=Listings(listings.values()),
        bars=told.bars,
        splits=tuple(sorted(told.splits, key=lambda split: (split.at, split.conid))),
        dividends=tuple(sorted(told.dividends, key=lambda paid: (paid.at, paid.conid))),
        intraday=told.intraday,
    )


def _listing(symbol: str) -> Listing:
    known = next((listing for listing in HOME_LISTINGS if listing.symbol == symbol), None)
    return known or Listing(conid=conid_of("csv", symbol), symbol=symbol, company=symbol, exchange="NASDAQ")


def _range(sources: Mapping[str, Source]) -> tuple[date, date]:
    days = [_day(source, row) for source in sources.values() for row in (source.rows[0], source.rows[-1])]
    return min(days), max(days)


def _day(source: Source, row: Row) -> date:
    return row.moment.date() if source.daily else row.moment.astimezone(NEW_YORK).date()


def _take_in(told: _Gathered, conid: int, source: Source, sessions: Sessions) -> None:
    by_session = _daily(source, sessions) if source.daily else _gathered(told, conid, source, sessions)
    if not by_session:
        raise source.bad(source.rows[0].line, "and all other rows lie outside regular trading hours")
    told.bars[conid] = _filled({session: bar for session, (bar, _) in by_session.items()})
    extras = {session: row for session, (_, row) in by_session.items()}
    told.splits += _splits(conid, told.bars[conid], extras, sessions)
    told.dividends += _dividends(conid, extras, sessions)


def _daily(source: Source, sessions: Sessions) -> dict[int, tuple[DayBar, Row]]:
    found = {}
    for row in source.rows:
        try:
            found[sessions.index_of(row.moment.date())] = (row.bar, row)
        except KeyError as bad:
            day = row.moment.date()
            raise source.bad(row.line, f"the New York exchanges have no session on {day}") from bad
    return found


def _gathered(
    told: _Gathered, conid: int, source: Source, sessions: Sessions
) -> dict[int, tuple[DayBar, Row]]:
    """Days out of minutes: what lies within regular hours counts."""
    width = _width(source)
    days: dict[int, dict[int, Row]] = {}
    for row in source.rows:
        session = sessions.current(from_datetime(row.moment))
        if session is not None:
            days.setdefault(session, {})[_slot(source, row, sessions.opens[session], width)] = row
    found = {}
    for session, slots in days.items():
        count = -(-sessions.minutes(session) // width)
        bars = [slots[place].bar if place in slots else None for place in range(count)]
        told.intraday[conid, session] = Intraday(width=width, bars=[_if_traded(bar) for bar in bars])
        found[session] = (_merged([slots[place].bar for place in sorted(slots)]), slots[min(slots)])
    return found


def _if_traded(bar: DayBar | None) -> DayBar | None:
    return bar if bar is not None and bar.volume else None


def _width(source: Source) -> int:
    """The file's bar width in minutes: the shortest step between two rows."""
    steps = [(after.moment - before.moment, after.line) for before, after in pairwise(source.rows)]
    seconds, line = min(((step.total_seconds(), line) for step, line in steps), default=(60.0, 2))
    if seconds % 60 or seconds // 60 not in _WIDTHS:
        known = ", ".join(map(str, _WIDTHS))
        raise source.bad(line, f"bars of {seconds:g} seconds; there may be bars of {known} minutes, and days")
    return int(seconds // 60)


def _slot(source: Source, row: Row, opened: int, width: int) -> int:
    slot, rest = divmod(from_datetime(row.moment) - opened, width * MINUTE)
    if rest:
        clock = row.moment.astimezone(NEW_YORK).strftime("%H:%M:%S")
        raise source.bad(
            row.line, f"{clock} New York is not a whole number of {width}-minute bars after the open"
        )
    return slot


def _merged(bars: Sequence[DayBar]) -> DayBar:
    traded = [bar for bar in bars if bar.volume] or bars
    return DayBar(
        open=traded[0].open,
        high=max(bar.high for bar in traded),
        low=min(bar.low for bar in traded),
        close=traded[-1].close,
        volume=sum(bar.volume for bar in traded),
    )


def _filled(by_session: Mapping[int, DayBar]) -> Bars:
    """Sessions without a row are days without a trade."""
    first, last = min(by_session), max(by_session)
    table = np.array([_numbers(bar) for bar in _each(by_session, first, last)], dtype=np.int64)
    return Bars(
        first=first,
        open=table[:, 0],
        high=table[:, 1],
        low=table[:, 2],
        close=table[:, 3],
        volume=table[:, 4],
    )


def _each(by_session: Mapping[int, DayBar], first: int, last: int) -> Iterator[DayBar]:
    close = 0
    for session in range(first, last + 1):
        bar = by_session.get(session) or DayBar(open=close, high=close, low=close, close=close, volume=0)
        close = bar.close
        yield bar


def _numbers(bar: DayBar) -> tuple[int, int, int, int, int]:
    return bar.open, bar.high, bar.low, bar.close, bar.volume


def _splits(conid: int, bars: Bars, extras: Mapping[int, Row], sessions: Sessions) -> list[Split]:
    """Where a split is told and the price jumps with it; a file whose prices are adjusted has none."""
    found = []
    for before, session in pairwise(sorted(extras)):
        ratio = _told(extras[before], extras[session])
        jump = bars.close[session - bars.first - 1] / bars.open[session - bars.first]
        if ratio != 1 and abs(jump / float(ratio) - 1) < abs(jump - 1):
            at = new_york_midnight(sessions.days[session])
            found.append(Split(conid=conid, session=session, ratio=ratio, at=at))
    return found


def _told(before: Row, after: Row) -> Fraction:
    """The ratio of the splits column, else of a jump between close and adjusted close."""
    if after.split != 1 or not before.adjusted or not after.adjusted:
        return after.split
    jump = (after.adjusted / after.bar.close) / (before.adjusted / before.bar.close)
    far = max(jump, 1 / jump) >= _LEAST_SPLIT
    return Fraction(jump).limit_denominator(20) if far else Fraction(1)


def _dividends(conid: int, extras: Mapping[int, Row], sessions: Sessions) -> list[Dividend]:
    """Files tell the ex-date only: each is paid three weeks later."""
    return [
        Dividend(
            conid=conid,
            session=session,
            amount=row.dividend.quantize(Decimal("0.0001")).normalize(),
            at=new_york_midnight(sessions.days[session]),
            pays_at=new_york_midnight(sessions.days[session] + _UNTIL_PAID),
        )
        for session, row in extras.items()
        if row.dividend
    ]
