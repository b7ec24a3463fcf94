"""Orders and executions as the broker keeps them."""

from dataclasses import dataclass
from typing import Literal

from ibkr_simulator.exchange.money import Cents
from ibkr_simulator.instants import Instant

Side = Literal["BUY", "SELL"]
State = Literal["live", "filled", "cancelled", "inactive"]
KINDS = ("LMT", "MKT", "STP", "STOP_LIMIT", "TRAIL", "TRAILLMT", "MOC", "LOC")
TRAILING = ("TRAIL", "TRAILLMT")
AT_CLOSE = ("MOC", "LOC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """How far a trailing stop stays behind the best price: cents, or hundredths of a percent."""

    amount: Cents = 0
    percent: int = 0

    def distance(self, price: Cents) -> Cents:
        """Cents between this price and the stop, at least one."""
        return max(1, self.amount or (price * self.percent + 5_000) // 10_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A checked order as it was asked for; prices in cents. Without an account it is for the first."""

    conid: int
    account: str = ""
    side: Side
    kind: str
    tif: str
    quantity: int
    limit: Cents | None = None
    stop: Cents | None = None
    trail: Trail | None = None
    coid: str | None = None
    parent_coid: str | None = None
    single_group: bool = False
    outside_rth: bool = False


@dataclass(slots=True, kw_only=True)
class Order:
    """An order the broker has accepted. `held` waits for its parent; `fill_cap` is what may still fill;
    `granted` is how much of its parent's fill a scaled child was given. A trailing `stop` is the one at
    `trailed_at`; what the market showed since may have moved it (`trailing.caught_up`)."""

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
    trail: Trail | None = None
    trailed_at: Instant | None = None
    coid: str | None = None
    parent_id: int | None = None
    oca: str | None = None
    outside_rth: bool = False
    expires_at: Instant | None = None
    held: bool = False
    granted: int = 0
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
        return (self.stop is not None or self.trail is not None) and not self.triggered

    @property
    def at_auction(self) -> bool:
        """Whether it trades in an auction only: at the open, or at the close."""
        return self.tif == "OPG" or self.kind in AT_CLOSE

    @property
    def fillable(self) -> int:
        """Shares the market would give it now."""
        return self.remaining if self.fill_cap is None else min(self.remaining, self.fill_cap)


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One fill, told at `at`; `corrects` names the earlier revision it replaces, quantity 0 says it was
    busted. `commission` is all it cost, `fees` the regulators' part; `closed` shares closed a position."""

    execution_id: str
    order_id: int
    account: str
    coid: str | None
    conid: int
    symbol: str
    side: Side
    quantity: int
    price: Cents
    commission: Cents
    fees: Cents = 0
    closed: int = 0
    traded_at: Instant
    at: Instant
    source: str
    corrects: str | None = None

    @property
    def sign(self) -> int:
        """1 for a purchase, -1 for a sale."""
        return 1 if self.side == "BUY" else -1

    @property
    def value(self) -> Cents:
        """Quantity times price."""
        return self.quantity * self.price
