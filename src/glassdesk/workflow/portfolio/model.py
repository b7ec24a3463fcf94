"""Nouns of the portfolio step."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerBalances:
    """The broker's own figures for an account, in its base currency."""

    account: str
    net_liquidation: Decimal
    cash: Decimal
    settled_cash: Decimal | None
    available_funds: Decimal | None
    currency: str
    accrued_interest: Decimal | None = None
    """Earned or owed, not booked: part of net liquidation, not of cash."""
    accrued_dividends: Decimal | None = None
    realised: Decimal | None = None
    """Realised profit as the broker counts it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Something other than a trade that the broker lists for a contract."""

    kind: str
    """`dividend`, `corporate_action`, `fee`, `transfer`, …"""
    conid: int
    day: date
    amount: Decimal
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Money that came, or went when negative, as the broker's returns of a day imply it: rounded, and true
    within `margin`."""

    day: date
    amount: Decimal
    margin: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CashBreak:
    """Cash that nothing explains, beyond tolerance: reported, never corrected."""

    account: str
    opened_at: datetime
    amount: Decimal
    """The broker's cash less what the lanes give."""
    tolerance: Decimal


class Lane(StrEnum):
    """Where cash came from or went, beside trades and their commissions."""

    TRADES = "trades"
    """Only what is no execution: cash in lieu of a fraction of a share."""
    DIVIDENDS = "dividends"
    INTEREST = "interest"
    FEES = "fees"
    DEPOSITS = "deposits"
    """Withdrawals are negative."""
    FX = "fx"


class Whose(StrEnum):
    """Whose result it is (`T-11`, `T-12`)."""

    DESK = "desk"
    OWNER = "owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class CashRow:
    """One movement of cash that is no execution. Append-only; `row` is made of the evidence, so that the same
    evidence books once."""

    account: str
    row: str
    lane: Lane
    whose: Whose
    amount: Decimal
    day: date
    conid: int | None
    evidence: str
    """What shows it, in words a person can check."""
    booked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """Where cash went (`T-70`). What the desk cannot explain is in none of them."""

    trades: Decimal = ZERO
    """Sales less purchases, before commissions; and cash in lieu of fractions."""
    commissions: Decimal = ZERO
    """As a positive number."""
    dividends: Decimal = ZERO
    interest: Decimal = ZERO
    fees: Decimal = ZERO
    """Paid ones are negative."""
    deposits: Decimal = ZERO
    """Withdrawals are negative."""
    fx: Decimal = ZERO

    @property
    def change(self) -> Decimal:
        """What all lanes together did to cash."""
        return (
            self.trades
            - self.commissions
            + self.dividends
            + self.interest
            + self.fees
            + self.deposits
            + self.fx
        )

    def __add__(self, other: Lanes) -> Lanes:
        return Lanes(
            trades=self.trades + other.trades,
            commissions=self.commissions + other.commissions,
            dividends=self.dividends + other.dividends,
            interest=self.interest + other.interest,
            fees=self.fees + other.fees,
            deposits=self.deposits + other.deposits,
            fx=self.fx + other.fx,
        )


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
    risk: Decimal | None = None
    """What its stop put at risk when it was bought; `None` where none was live."""


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
    deposits: Decimal = Decimal(0)
    """Deposits less withdrawals since the beginning."""
    dividends: Decimal = Decimal(0)
    """Paid to the desk since the beginning."""
    unexplained: Decimal | None = None
    accrued_interest: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """The books of an account at an instant, from executions, cash rows and marks; `None` where a number is
    missing.

    cash = opening cash + all lanes; equity = cash + market value + the owner's shares + what has accrued.
    Realised, unrealised and dividends are the desk's alone. The broker's figures stand beside, never mixed in
    (`T-12`, `T-71`): what its cash has more is unexplained, and in no other number.
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
    opening: Decimal | None = None
    """Cash at first sight."""
    lanes: Lanes = field(default_factory=Lanes)
    """Of the whole account."""
    desk: Lanes = field(default_factory=Lanes)
    """Of the desk alone; the rest is the owner's."""
    unexplained: Decimal | None = None
    """The broker's cash less ours."""
    owner_value: Decimal | None = None
    """Shares in the account that are not the desk's, at their marks (`T-11`)."""
    accrued: Decimal | None = None
    """Dividends and interest on their way, as the broker states them."""

    @property
    def dividends(self) -> Decimal:
        """Paid on the desk's shares."""
        return self.desk.dividends

    @property
    def pnl(self) -> Decimal | None:
        """What the desk made since its beginning."""
        return None if self.unrealised is None else self.realised + self.unrealised + self.dividends
