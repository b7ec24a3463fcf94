"""What happens to a synthetic company besides trading: listing, delisting, splits, dividends, halts."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from ibkr_simulator.exchange.listings import Listing
from ibkr_simulator.exchange.sessions import Sessions
from ibkr_simulator.exchange.tape import Dividend, Halt, Split
from ibkr_simulator.exchange.tapes.character import splits_forward, splits_in_reverse, start_price
from ibkr_simulator.exchange.tapes.dice import Dice
from ibkr_simulator.instants import MINUTE, new_york_midnight

_FORWARD = (Fraction(2), Fraction(3), Fraction(3, 2), Fraction(4), Fraction(10))
_REVERSE = (Fraction(1, 10), Fraction(1, 5), Fraction(1, 8))
_QUARTER = 63
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """A company's life: traded from session `first` for `length` sessions."""

    first: int
    length: int
    splits: tuple[Split, ...]
    dividends: tuple[Dividend, ...]
    halts: tuple[Halt, ...]


def events_of(place: int, home: Listing, sessions: Sessions, seed: int) -> Events:
    """Everything that will happen to the company; an index has neither events nor an end."""
    dice = Dice("corporate", seed, home.conid)
    if home.kind != "STK":
        return Events(first=0, length=len(sessions), splits=(), dividends=(), halts=())
    first = dice.whole(len(sessions) // 4, len(sessions) // 2) if place % 40 == 21 else 0
    last = dice.whole(len(sessions) // 2, len(sessions) - 1) if place % 45 == 31 else len(sessions) - 1
    splits = _splits(place, home, sessions, dice, first, last)
    return Events(
        first=first,
        length=last - first + 1,
        splits=splits,
        dividends=_dividends(place, home, sessions, seed, dice, range(first, last + 1), splits),
        halts=_halts(place, home, sessions, dice, range(first, last + 1)),
    )


def _splits(
    place: int, home: Listing, sessions: Sessions, dice: Dice, first: int, last: int
) -> tuple[Split, ...]:
    ratios = _FORWARD if splits_forward(place) else _REVERSE if splits_in_reverse(place) else ()
    if not ratios or last - first < 3:
        return ()
    session = dice.whole(first + 1, last)
    ratio = ratios[dice.whole(0, len(ratios) - 1)]
    at = new_york_midnight(sessions.days[session])
    return (Split(conid=home.conid, session=session, ratio=ratio, at=at),)


def _dividends(
    place: int,
    home: Listing,
    sessions: Sessions,
    seed: int,
    dice: Dice,
    life: range,
    splits: tuple[Split, ...],
) -> tuple[Dividend, ...]:
    """Every quarter, raised once a year; a share after a split gets its part."""
    if place % 5 > 1:
        return ()
    yearly = Decimal(start_price(place, home, seed)) / 100 * Decimal(dice.whole(8, 45)) / 1000
    paid = []
    for count, session in enumerate(life[dice.whole(5, _QUARTER) :: _QUARTER]):
        parts = [split.ratio for split in splits if split.session <= session]
        share = Fraction(yearly) / 4 * (1 + Fraction(count // 4, 20)) / (parts[0] if parts else 1)
        amount = max(_CENT, (Decimal(share.numerator) / share.denominator).quantize(_CENT))
        day = sessions.days[session]
        paid.append(
            Dividend(
                conid=home.conid,
                session=session,
                amount=amount,
                at=new_york_midnight(day),
                pays_at=new_york_midnight(day + timedelta(days=21)),
            )
        )
    return tuple(paid)


def _halts(place: int, home: Listing, sessions: Sessions, dice: Dice, life: range) -> tuple[Halt, ...]:
    """For some, one or two halts of five minutes to two hours, never at the open or the close."""
    found: dict[int, Halt] = {}
    for _ in range((place % 4 == 3) + (place % 16 == 3)):
        session = life[dice.whole(0, len(life) - 1)]
        minutes = sessions.minutes(session)
        first = dice.whole(10, minutes - 60)
        length = (5, 5, 5, 15, 50, 120)[dice.whole(0, 5)]
        starts = sessions.opens[session] + first * MINUTE
        ends = sessions.opens[session] + min(first + length, minutes - 10) * MINUTE
        found[session] = Halt(conid=home.conid, starts=starts, ends=ends)
    return tuple(sorted(found.values(), key=lambda halt: halt.starts))
