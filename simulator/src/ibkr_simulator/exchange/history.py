"""Bars of any width, from the tape up to an instant."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from fractions import Fraction

from ibkr_simulator.exchange.bar import Bar, merge
from ibkr_simulator.exchange.market import Market
from ibkr_simulator.exchange.path import Path
from ibkr_simulator.instants import MINUTE, Instant


def session_bar(market: Market, conid: int, session: int, now: Instant) -> Bar | None:
    """The daily bar as far as it is known; None before the open or without one."""
    opened = market.sessions.opens[session]
    if now < opened or not market.has_bar(conid, session):
        return None
    if now >= market.sessions.closes[session]:
        return market.finished_days(conid)[session - market.tape.bars[conid].first]
    path = market.path(conid, session)
    index = path.index(now - opened)
    if path.last_print(index) < 0:
        return None
    return _from_path(path, opened, 0, index, index)


def minute_bars(market: Market, conid: int, session: int, width: int, now: Instant) -> list[Bar]:
    """Bars of `width` minutes of one session, the last one unfinished; minutes without prints are missing."""
    opened = market.sessions.opens[session]
    if now < opened or not market.has_bar(conid, session):
        return []
    path = market.path(conid, session)
    last, steps = path.index(now - opened), width * MINUTE // path.step
    ends = last if now >= market.sessions.closes[session] else last + 1
    reach = 0 if path.joined else 1
    made = []
    for start in range(0, ends, steps):
        until = min(start + steps, len(path.volumes))
        if path.printed is None or path.printed[start : min(until, last + 1)].any():
            made.append(_from_path(path, opened, start, min(until - reach, last), min(until, last)))
    return made


def _from_path(path: Path, opened: Instant, first: int, last: int, traded: int) -> Bar:
    """The prints from `first` to `last`, both included, and the volume up to `traded`."""
    span = slice(first, last + 1)
    prices = path.prices[span] if path.printed is None else path.prices[span][path.printed[span]]
    shown = prices.tolist()
    return Bar(
        at=opened + first * path.step,
        open=shown[0],
        high=max(shown),
        low=min(shown),
        close=shown[-1],
        volume=int(path.volumes[first:traded].sum()),
    )


def daily_bars(market: Market, conid: int, first: int, now: Instant) -> list[tuple[date, Bar]]:
    """Daily bars from a session on, adjusted by nothing; the last one unfinished while the market is open."""
    begun, latest = market.tape.bars[conid].first, market.sessions.latest(now)
    first = max(first, begun)
    closed = latest if latest >= 0 and now < market.sessions.closes[latest] else latest + 1
    finished = market.finished_days(conid)[first - begun : max(0, closed - begun)]
    found = [(day, bar) for day, bar in zip(market.sessions.days[first:], finished, strict=False) if bar]
    running = session_bar(market, conid, latest, now) if first <= latest == closed else None
    return [*found, (market.sessions.days[latest], running)] if running else found


def adjusted(market: Market, conid: int, bars: list[Bar], now: Instant) -> list[Bar]:
    """Bars in shares of now; prices rounded to the nearest cent."""
    since = market.last_split(conid, now)
    if since is None:
        return bars
    return [bar if bar.at >= since else _adjusted(market, conid, bar, now) for bar in bars]


def _adjusted(market: Market, conid: int, bar: Bar, now: Instant) -> Bar:
    factor = market.split_factor(conid, market.sessions.latest(bar.at), now)
    return Bar(
        at=bar.at,
        open=_divided(bar.open, factor),
        high=_divided(bar.high, factor),
        low=_divided(bar.low, factor),
        close=_divided(bar.close, factor),
        volume=int(bar.volume * factor),
    )


def _divided(price: int, factor: Fraction) -> int:
    return (2 * price * factor.denominator + factor.numerator) // (2 * factor.numerator)


def grouped(days: Iterable[tuple[date, Bar]], key: Callable[[date], object]) -> list[Bar]:
    """Daily bars gathered into weeks or months."""
    groups: dict[object, list[Bar]] = {}
    for day, bar in days:
        groups.setdefault(key(day), []).append(bar)
    return [merge(bars) for bars in groups.values()]


def week(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def month(day: date) -> tuple[int, int]:
    """The month of a day."""
    return day.year, day.month


def first_session_since(market: Market, day: date) -> int:
    """Index of the first session on or after a day."""
    return bisect_right(market.sessions.days, day - timedelta(days=1))
