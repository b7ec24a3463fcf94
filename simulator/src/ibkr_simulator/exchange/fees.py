"""What a trade costs: fixed pricing, and what the regulators take from sales.

Commission: 0.005 a share, at least 1.00, at most 1 % of the value, over the whole order.
SEC fee: Section 31, by value of the sale. TAF: FINRA's trading activity fee, by share, with a ceiling.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from ibkr_simulator.exchange.money import Cents

_SEC_PER_MILLION: tuple[tuple[date, str], ...] = (
    (date(1996, 1, 1), "33.30"),
    (date(2001, 12, 28), "15.00"),
    (date(2002, 4, 1), "30.10"),
    (date(2003, 3, 22), "25.20"),
    (date(2003, 4, 1), "46.80"),
    (date(2004, 2, 22), "39.00"),
    (date(2004, 4, 1), "23.40"),
    (date(2005, 1, 7), "32.90"),
    (date(2005, 4, 1), "41.80"),
    (date(2005, 12, 22), "30.70"),
    (date(2007, 3, 17), "15.30"),
    (date(2008, 1, 25), "11.00"),
    (date(2008, 4, 1), "5.60"),
    (date(2009, 4, 10), "25.70"),
    (date(2010, 1, 15), "12.70"),
    (date(2010, 4, 1), "16.90"),
    (date(2011, 1, 21), "19.20"),
    (date(2012, 2, 21), "18.00"),
    (date(2012, 4, 1), "22.40"),
    (date(2013, 5, 25), "17.40"),
    (date(2014, 3, 18), "22.10"),
    (date(2015, 2, 14), "18.40"),
    (date(2016, 2, 16), "21.80"),
    (date(2017, 7, 4), "23.10"),
    (date(2018, 5, 22), "13.00"),
    (date(2019, 4, 16), "20.70"),
    (date(2020, 2, 18), "22.10"),
    (date(2021, 2, 25), "5.10"),
    (date(2022, 5, 14), "22.90"),
    (date(2023, 2, 27), "8.00"),
    (date(2024, 5, 22), "27.80"),
    (date(2025, 5, 14), "0.00"),
)
# Dollars a share, and the most for one trade.
_TAF_PER_SHARE: tuple[tuple[date, str, str], ...] = (
    (date(2002, 10, 1), "0.0001", "10.00"),
    (date(2004, 11, 1), "0.000075", "3.75"),
    (date(2012, 3, 1), "0.000095", "4.75"),
    (date(2012, 7, 1), "0.000119", "5.95"),
    (date(2022, 1, 1), "0.00013", "6.49"),
    (date(2023, 1, 1), "0.000145", "7.27"),
    (date(2024, 1, 1), "0.000166", "8.30"),
)
_CENT = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fees:
    """What the regulators take from one execution."""

    sec: Cents = 0
    taf: Cents = 0

    @property
    def total(self) -> Cents:
        """Both together."""
        return self.sec + self.taf


NO_FEES = Fees()


def commission(quantity: int, value: Cents) -> Cents:
    """The broker's commission on an order filled so far, in cents."""
    by_share = Decimal(quantity) / 2
    capped = min(max(by_share, Decimal(100)), Decimal(value) / 100)
    return int(capped.quantize(_CENT, ROUND_HALF_UP))


def on_sale(day: date, quantity: int, value: Cents) -> Fees:
    """What a sale of that New York day pays to SEC and FINRA, each rounded to the cent."""
    return Fees(sec=_sec(day, value), taf=_taf(day, quantity))


def _sec(day: date, value: Cents) -> Cents:
    index = bisect_right(_SEC_PER_MILLION, day, key=lambda row: row[0]) - 1
    rate = Decimal(_SEC_PER_MILLION[index][1]) if index >= 0 else Decimal(0)
    return int((value * rate / 1_000_000).quantize(_CENT, ROUND_HALF_UP))


def _taf(day: date, quantity: int) -> Cents:
    index = bisect_right(_TAF_PER_SHARE, day, key=lambda row: row[0]) - 1
    if index < 0:
        return 0
    _, rate, most = _TAF_PER_SHARE[index]
    return int(min(quantity * Decimal(rate) * 100, Decimal(most) * 100).quantize(_CENT, ROUND_HALF_UP))
