"""How a synthetic stock behaves: dear or cheap, calm or wild, trending or ranging, busy or thin."""

from dataclasses import dataclass

from ibkr_simulator.exchange.listings import Listing
from ibkr_simulator.exchange.tapes.dice import Dice

_LEVELS = ((5, 20), (20, 60), (60, 150), (150, 400), (400, 800), (20, 60), (60, 150))
_INDEX_LEVEL = 400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """`start` in cents; `drift`, `volatility` and `pull` a day; `jump` and `idle` are chances of a day.

    `pull` draws the price back to where it began: a range. `cluster` is how long a wild time lasts.
    """

    start: int
    drift: float
    volatility: float
    pull: float
    jump: float
    cluster: float
    shares: int
    idle: float


def splits_forward(place: int) -> bool:
    """Whether the company at this place of the list will split its shares."""
    return place % 15 == 4


def splits_in_reverse(place: int) -> bool:
    """Whether it will merge them."""
    return place % 30 == 12


def character_of(place: int, home: Listing, seed: int) -> Character:
    """The behaviour of the stock at a place of the list; an index is calm and dear."""
    dice = Dice("character", seed, home.conid)
    start = _start(place, home, dice)
    manner, thin = place % 4, place % 50 == 17
    calm = home.kind == "IND" or home.category == "Equity Fund"
    return Character(
        start=start,
        drift=(0.0008, -0.0004, 0.0, 0.0003)[manner],
        volatility=dice.between(0.006, 0.011) if calm else dice.between(0.011, 0.032),
        pull=0.06 if manner == 2 else 0.0,
        jump=0.0 if calm else (0.035 if place % 7 == 3 else 0.006),
        cluster=0.97 if manner == 3 else 0.9,
        shares=dice.whole(200, 3_000) if thin else dice.whole(200_000, 40_000_000),
        idle=0.2 if thin else 0.0,
    )


def start_price(place: int, home: Listing, seed: int) -> int:
    """The price it begins with, in cents."""
    return character_of(place, home, seed).start


def _start(place: int, home: Listing, dice: Dice) -> int:
    if home.kind == "IND":
        return _INDEX_LEVEL
    low, high = _LEVELS[place % len(_LEVELS)]
    if splits_forward(place):
        low, high = 200, 700
    elif splits_in_reverse(place):
        low, high = 6, 12
    return dice.whole(low * 100, high * 100)
