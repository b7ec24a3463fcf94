"""Nouns of the contracts step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

_NEW_YORK = ZoneInfo("America/New_York")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What can be traded, named by the broker's number."""

    conid: int
    symbol: str
    name: str
    sec_type: str
    exchange: str
    """Primary exchange, e.g. NASDAQ."""
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TickBand:
    """From `lower_edge` upwards a price moves in steps of `increment`."""

    lower_edge: Decimal
    increment: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRules:
    """How a contract may be ordered [`/iserver/contract/rules`]."""

    conid: int
    ticks: tuple[TickBand, ...]
    order_types: frozenset[str]
    """Codes of the order API: LMT, MKT, STP, …"""
    tifs: frozenset[str]
    can_trade: bool
    fetched_at: datetime

    def hold(self, now: datetime) -> bool:
        """Until the day turns in New York: tick sizes change between sessions, never within one.

        By the day and not by age: a strategy's daily slot would find them a moment too old by chance.
        """
        return self.fetched_at.astimezone(_NEW_YORK).date() == now.astimezone(_NEW_YORK).date()

    def tick_at(self, price: Decimal) -> Decimal:
        """The increment of the highest band whose lower edge is not above `price`. Raises ValueError without
        bands."""
        bands = [band for band in self.ticks if band.lower_edge <= price]
        if not bands:
            raise ValueError(f"conid {self.conid} has no tick size at {price}")
        return max(bands, key=lambda band: band.lower_edge).increment


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """One trading session's regular hours; `session` is the date in the exchange's zone."""

    session: date
    opens_at: datetime
    closes_at: datetime

    def contains(self, instant: datetime) -> bool:
        """True while regular hours last; the close itself is outside."""
        return self.opens_at <= instant < self.closes_at


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """One line of a search; `tradable` says why not where T-18 excludes it."""

    contract: Contract
    tradable: bool
    reason: str = ""
