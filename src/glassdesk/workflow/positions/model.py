"""Nouns of the positions step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Shares of one contract held by one strategy, folded from executions. `average_price` excludes
    commissions."""

    account: str
    conid: int
    symbol: str
    strategy: str
    quantity: Decimal
    average_price: Decimal
    opened_at: datetime | None
    opened_by_run: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerPosition:
    """What the broker says is held in the account, whoever bought it."""

    account: str
    conid: int
    symbol: str
    quantity: Decimal
    average_cost: Decimal
    market_price: Decimal | None


class BreakKind(StrEnum):
    """What a difference looks like; a person says what it is (`T-35`)."""

    HAND_TRADE = "hand trade"
    """Executions that are not ours account for it."""
    TRANSFER = "transfer"
    """Shares came or went without any execution, and the fate of all our orders is known."""
    SPLIT = "split"
    """Shares changed by k:1 and the price by 1/k (`T-37`)."""
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A difference between the broker and our executions: reported, never corrected."""

    account: str
    conid: int
    symbol: str
    broker_quantity: Decimal
    derived_quantity: Decimal
    opened_at: datetime
    cause: str = ""
    """What explains it so far, e.g. the execution ids that are not ours."""
    kind: BreakKind = BreakKind.UNEXPLAINED
    split_new: int = 1
    split_old: int = 1
    """Of a split: so many new shares for so many old ones."""

    @property
    def difference(self) -> Decimal:
        return self.broker_quantity - self.derived_quantity


class AdjustmentKind(StrEnum):
    """Why shares changed lanes without a trade of the desk; always a person's word."""

    RELEASE = "release"
    """From a strategy to the owner, with the resting orders (`T-16`)."""
    ADOPT = "adopt"
    """A strategy takes a difference, or shares of the owner, for its own."""
    OWNER = "owner"
    """A difference is the owner's."""
    SPLIT = "split"
    """Shares of a lane multiplied, their prices divided (`T-37`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """One lane's share of such a change; append-only."""

    adjustment: str
    """uuid5 of account, contract, lane, order, kind and instant."""
    account: str
    conid: int
    symbol: str
    lane: str
    """A strategy's name, or `(owner)`."""
    kind: AdjustmentKind
    quantity: Decimal
    """Shares that came, negative where they went; of a split what it added."""
    price: Decimal | None
    """What each of them counts when it changes lanes; `None` where no price was known."""
    at: datetime
    actor: str
    reason: str
    cash: bool = False
    """True where the account's cash moved with them: a trade by hand."""
    order: str | None = None
    """A resting order that went along; such a row moves no shares."""
    split_new: int = 1
    split_old: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedExits:
    """A person had the exit rules of another version hold for what is held (`T-15`); append-only."""

    applied: str
    """uuid5 of account, contract, strategy and instant."""
    account: str
    conid: int
    strategy: str
    opened_at: datetime
    """Of the holding: once it is flat, the next one begins with the rules it was opened with."""
    before: int
    """Version whose rules held."""
    version: int
    at: datetime
    actor: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitPlan:
    """How a position is protected and left (`T-30`). Distances in multiples of the ATR at decision."""

    stop_atr: Decimal
    target_atr: Decimal | None = None
    """`None`: no target of its own; a parking target at 8 ATR is placed."""
    max_bars: int | None = None
    """Leave after so many bars, `None` for never."""
    urgency: str = "market"
    """Last rung of the exit ladder: `market` or `page` (`T-41`)."""
    trail_atr: Decimal | None = None
    """How far the stop follows the highest close since the purchase, `None` = it stays (`T-30`)."""
