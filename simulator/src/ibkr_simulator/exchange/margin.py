"""Regulation T and the exchanges' maintenance rule: what a position binds.

Long: half of its value at first, a quarter to keep. Short: half at first, beside the proceeds that stay in
the account (150 %); to keep, 30 % and at least 5.00 a share, below 5.00 its whole value and at least 2.50.
A cash account binds the whole value.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ibkr_simulator.exchange.money import Cents

_INITIAL_DIVISOR = 2
_LONG_DIVISOR = 4
_SHORT_PERCENT = 30
_SHORT_LEAST, _CHEAP_LEAST = 500, 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """Margin in cents: to open, and to keep."""

    initial: Cents = 0
    maintenance: Cents = 0

    def __add__(self, other: "Requirement") -> "Requirement":
        return Requirement(
            initial=self.initial + other.initial, maintenance=self.maintenance + other.maintenance
        )


NOTHING = Requirement()


def required(holdings: Iterable[tuple[int, Cents]], *, cash_account: bool) -> Requirement:
    """The requirement of shares held, given as quantity and price."""
    total = NOTHING
    for quantity, price in holdings:
        total += _of(quantity, price, cash_account=cash_account)
    return total


def _of(quantity: int, price: Cents, *, cash_account: bool) -> Requirement:
    value = abs(quantity) * price
    if cash_account:
        return Requirement(initial=value, maintenance=value)
    half = -(-value // _INITIAL_DIVISOR)
    if quantity >= 0:
        return Requirement(initial=half, maintenance=-(-value // _LONG_DIVISOR))
    keep = max(_short_share(price) * -quantity, -(-value * _short_percent(price) // 100))
    return Requirement(initial=max(half, keep), maintenance=keep)


def _short_share(price: Cents) -> Cents:
    return _SHORT_LEAST if price >= _SHORT_LEAST else _CHEAP_LEAST


def _short_percent(price: Cents) -> int:
    return _SHORT_PERCENT if price >= _SHORT_LEAST else 100
