"""Orders and executions as the broker keeps them."""

from dataclasses import dataclass
from typing import Literal

from ibkr_simulator.exchange.money import Cents
from ibkr_simulator.instants import Instant

Side = Literal["BUY", "SELL"]
State = Literal["live", "filled", "cancelled", "inactive"]
KINDS = ("LMT", "MKT", "STP", "STOP_LIMIT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A checked order as it was asked for; prices in cents."""

    conid: int
    side: Side
    kind: str
    tif: str
    quantity: int
    limit: Cents | None = None
    stop: Cents | None = None
    coid: str | None = None
    parent_coid: str | None = None
    single_group: bool = False
    outside_rth: bool = False


@dataclass(slots=True, kw_only=True)
class Order:
    """An order the broker has accepted. `held` waits for its parent; `fill_cap` is what may still fill."""

    order_id: int
    sequence: int
    account: str
    conid: int
    symbol: str
    side: Side
    kind: str
    tif: str
    quantity: int
    placed_at: Instant
    updated_at: Instant
    source: str = "desk"
    limit: Cents | None = None
    stop: Cents | None = None
    coid: str | None = None
    parent_id: int | None = None
    oca: str | None = None
    outside_rth: bool = False
    expires_at: Instant | None = None
    held: bool = False
    triggered: bool = False
    state: State = "live"
    filled: int = 0
    value: Cents = 0
    commission: Cents = 0
    last_fill_at: Instant | None = None
    cancel_at: Instant | None = None
    ended_at: Instant | None = None
    reason: str | None = None
    fill_cap: int | None = None
    stuck: bool = False
    unlisted: bool = False

    @property
    def live(self) -> bool:
        """Whether it can still change by itself."""
        return self.state == "live"

    @property
    def remaining(self) -> int:
        """Shares not filled yet."""
        return self.quantity - self.filled

    @property
    def buying(self) -> bool:
        """Whether it buys."""
        return self.side == "BUY"

    @property
    def awaits_trigger(self) -> bool:
        """Whether a stop has not been reached yet."""
        return self.stop is not None and not self.triggered

    @property
    def fillable(self) -> int:
        """Shares the market would give it now."""
        return self.remaining if self.fill_cap is None else min(self.remaining, self.fill_cap)


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One fill; `corrects` names the earlier revision it replaces."""

    execution_id: str
    order_id: int
    coid: str | None
    conid: int
    symbol: str
    side: Side
    quantity: int
    price: Cents
    commission: Cents
    at: Instant
    source: str
    corrects: str | None = None
