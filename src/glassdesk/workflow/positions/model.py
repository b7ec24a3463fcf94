"""Nouns of the positions step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


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

    @property
    def difference(self) -> Decimal:
        return self.broker_quantity - self.derived_quantity


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
