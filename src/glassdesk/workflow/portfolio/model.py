"""Nouns of the portfolio step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerBalances:
    """The broker's own figures for an account, in its base currency."""

    account: str
    net_liquidation: Decimal
    cash: Decimal
    settled_cash: Decimal | None
    available_funds: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """A round trip, or the closed part of one: FIFO lots matched (`T-71`). `net` has commissions of both
    sides taken off."""

    account: str
    conid: int
    symbol: str
    strategy: str
    quantity: Decimal
    bought_at: datetime
    sold_at: datetime
    bought_price: Decimal
    sold_price: Decimal
    gross: Decimal
    commissions: Decimal
    net: Decimal
    r_multiple: Decimal | None
    """`T-72`; `None` where no stop was live at the fill."""
    entry_order: str
    exit_order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The desk's books at the end of a session."""

    account: str
    session: date
    equity: Decimal
    cash: Decimal
    market_value: Decimal
    realised: Decimal
    unrealised: Decimal
    broker_equity: Decimal | None
    taken_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """The desk's books at an instant, from its own executions and marks; `None` where a number is missing.

    cash = opening cash + sales − purchases − commissions; equity = cash + market value
    = opening cash + realised + unrealised. Broker figures stand beside, never mixed in (`T-12`, `T-71`).
    """

    account: str
    as_of: datetime
    equity: Decimal | None
    cash: Decimal | None
    market_value: Decimal | None
    realised: Decimal
    """Net of the commissions of both sides of what was closed."""
    unrealised: Decimal | None
    """At the marks, net of the commissions paid on what is open."""
    commissions: Decimal
    broker_equity: Decimal | None
    broker_cash: Decimal | None
    marked_at: datetime | None
    """Oldest mark used."""
