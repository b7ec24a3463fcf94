"""Daily bars of a synthetic stock: a price that trends or ranges, jumps, and is wild in clusters."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from ibkr_simulator.exchange.tapes.character import Character
from ibkr_simulator.exchange.tapes.corporate import Events
from ibkr_simulator.exchange.tapes.dice import Dice

_CHEAPEST, _DEAREST = 520.0, 79_000.0
_INDEX = 200_000
_MOST_A_DAY = 0.18
Row = tuple[int, int, int, int, int]


@dataclass(slots=True)
class _State:
    """Yesterday's close in cents of the shares of today, and how wild the market is (1 is usual)."""

    price: float
    heat: float = 1.0


def walk(character: Character, events: Events, seed: int) -> Iterator[Row]:
    """Open, high, low, close in cents and shares, for each session of the company's life."""
    dice, state = Dice("walk", seed), _State(float(character.start))
    ratios = {split.session: split.ratio for split in events.splits}
    payouts = {paid.session: float(paid.amount) * 100 for paid in events.dividends}
    anchor = state.price
    for session in range(events.first, events.first + events.length):
        ratio = float(ratios.get(session, Fraction(1)))
        state.price, anchor = state.price / ratio, anchor / ratio
        if dice.roll() < character.idle:
            still = round(state.price)
            yield still, still, still, still, 0
        else:
            yield _day(character, state, dice, anchor, payouts.get(session, 0.0))


def _day(character: Character, state: _State, dice: Dice, anchor: float, payout: float) -> Row:
    shock = dice.normal()
    width = character.volatility * state.heat
    opened = _held(state.price - payout, state.price * _gap(character, width, dice), anchor)
    pulled = character.pull * (anchor / opened - 1.0)
    moved = max(-_MOST_A_DAY, min(_MOST_A_DAY, character.drift + pulled + width * shock))
    closed = _held(opened, opened * moved, anchor)
    high = round(max(opened, closed) * (1.0 + 0.7 * width * dice.roll()))
    low = round(min(opened, closed) * (1.0 - 0.7 * width * dice.roll()))
    volume = round(character.shares * dice.between(0.6, 1.4) * (0.6 + 0.5 * abs(shock)) * state.heat)
    state.price = closed
    state.heat = _cooler(character, state.heat, dice)
    first, last = round(opened), round(closed)
    return first, max(high, first, last), min(low, first, last), last, max(1, volume)


def _gap(character: Character, width: float, dice: Dice) -> float:
    """Overnight: a little, and now and then a lot."""
    usual = 0.35 * width * dice.normal()
    if dice.roll() >= character.jump:
        return usual
    size = dice.between(0.04, 0.14)
    return usual + (size if dice.roll() < 0.5 else -size)


def _cooler(character: Character, heat: float, dice: Dice) -> float:
    """Wild times begin at once and fade."""
    struck = dice.roll() < 0.015
    return 1.0 + character.cluster * (heat - 1.0) + (dice.between(0.8, 2.2) if struck else 0.0)


def _held(price: float, change: float, anchor: float) -> float:
    """The price after a change, turned back at the edges of where stocks of this market trade."""
    if anchor > _INDEX:
        return price + change
    moved = price + change
    return price + abs(change) if moved < _CHEAPEST else price - abs(change) if moved > _DEAREST else moved
