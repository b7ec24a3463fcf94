"""Nouns of the risk step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum

from glassdesk.kernel.ids import AccountKind


class HaltLevel(IntEnum):
    """Levels of `T-50`, each containing the ones before it."""

    ACTIVE = 0
    PAUSE_ENTRIES = 1
    REDUCE_ONLY = 2
    HALT = 3
    HALT_CANCEL_ENTRIES = 4
    FLATTEN = 5
    FREEZE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """The level in force, who set it, when and why."""

    level: HaltLevel
    reason: str
    actor: str
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of one strategy; fractions are of desk capital (`T-12`, `T-55`)."""

    risk_per_trade: Decimal = Decimal("0.005")
    max_position: Decimal = Decimal("0.20")
    max_order: Decimal = Decimal("0.20")
    max_order_value: Decimal = Decimal(10_000)
    max_positions: int = 5
    max_open_risk: Decimal = Decimal("0.03")
    gap: Decimal = Decimal("0.15")
    max_gap_loss: Decimal = Decimal("0.10")
    max_commission: Decimal = Decimal("0.005")
    """Round trip, as a fraction of the order's value."""
    max_orders_per_day: int = 4
    price_collar: Decimal = Decimal("0.005")
    max_drift_atr: Decimal = Decimal("0.5")
    max_exposure: Decimal = Decimal(1)
    max_order_quantity: int = 1000
    max_volume_share: Decimal = Decimal("0.005")
    """Of the average volume of the last 20 bars."""
    max_spread: Decimal = Decimal("0.005")
    max_account_orders: int = 20
    max_symbol_orders: int = 6
    max_orders_per_minute: int = 3
    max_daily_loss: Decimal = Decimal("0.02")
    max_drawdown: Decimal = Decimal("0.10")
    """Of the desk's highest worth so far."""
    max_losses: int = 4
    """So many losing trades of the strategy within a week stop its entries."""
    cooldown_bars: int = 1
    """Closed bars between an exit and the next entry in the contract; 0 = off."""
    max_margin: Decimal = Decimal("0.90")
    """Initial margin after the order, as a fraction of the account's equity after it."""
    max_day_trades: int = 0
    """Round trips within one session, in a week; 0 = off (`T-56`)."""


class Purpose(StrEnum):
    """Class of order (`T-74`)."""

    OPENING = "opening"
    REDUCING = "reducing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Shares the desk holds, with what bounds their loss."""

    conid: int
    symbol: str
    strategy: str
    quantity: Decimal
    average_price: Decimal
    mark: Decimal | None
    stop: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """An order of ours that is not final, or an intent that waits; a bracket counts by its entry (`T-20`)."""

    conid: int
    strategy: str
    run: str
    side: str
    role: str
    remaining: Decimal
    price: Decimal | None
    stop: Decimal | None
    unknown: bool
    """True while nobody knows whether the broker has it."""
    unknown_minutes: int = 0
    """For how long already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An opening order of the account, reserved since the last closed session began, not withdrawn unsent."""

    conid: int
    strategy: str
    run: str
    last_bar: date | None
    """Session of the bar it was decided on."""
    minutes_ago: int
    """Since it was reserved."""
    today: bool
    """Reserved since the running session opened, or the last one while none runs."""
    traded: bool = True
    """It works, or something of it was filled: what ended empty may be tried again."""
    seconds_since_send: int | None = None
    """`None` where it did not go out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A round trip of the account that ended within the last week (`T-71`)."""

    conid: int
    strategy: str
    opened: date
    """Session of the purchase."""
    closed: date
    minutes_ago: int
    """Since the sale."""
    net: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """The books as risk sees them. A number that is missing is `None`: a breach for an entry (`T-40`)."""

    account: str
    as_of: datetime
    desk_capital: Decimal | None
    cash: Decimal | None
    equity: Decimal | None
    holdings: tuple[Holding, ...]
    working: tuple[Working, ...]
    broken: frozenset[int]
    """Conids with an open break."""
    withheld: frozenset[int] = frozenset()
    """Conids where the broker cancelled an entry of the strategy and no person has looked yet [F-61]."""
    arriving: frozenset[int] = frozenset()
    """Conids of entries that were given up and whose request may still arrive (`R-WATCH`)."""
    opened: tuple[Opened, ...] | None = None
    closed: tuple[Closed, ...] | None = None
    day_pnl: Decimal | None = None
    """Realised and unrealised since the books of the last session were closed."""
    peak: Decimal | None = None
    """Highest worth of the desk at the end of a session so far: capital and what it made of it."""
    books_of: date | None = None
    """Session of the oldest mark or balance in use."""
    cash_account: bool = False
    """Purchases are paid with settled cash only (`T-56`)."""
    settled_cash: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """What the broker says an order would do to the account, before it is sent; a figure that is missing, or
    "NA", is unknown [F-66]."""

    equity_after: Decimal | None = None
    initial_after: Decimal | None = None
    maintenance_after: Decimal | None = None
    commission: Decimal | None = None
    """The upper end where the broker states a range."""
    warning: str = ""
    error: str = ""
    """The broker would refuse it."""
    problem: str = ""
    """Why there is no answer."""


class LiveState(StrEnum):
    """Whether a live account may be opened on (`T-61`)."""

    NEVER = "never unlocked"
    UNLOCKED = "unlocked"
    EXPIRED = "expired"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveStanding:
    """Where a live account stands now (`T-61`)."""

    state: LiveState
    until: datetime | None = None
    """End of the last unlock, whatever became of it."""
    accepted: int = 0
    """Opening orders that the broker took since that unlock."""
    approved: bool = False
    """A person said yes to the order that is judged; asked at the send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """Facts around the decision that are not about money."""

    halt: HaltLevel
    account_kind: AccountKind
    account_proved: bool
    session_ready: bool
    market_open: bool
    bars_fit: bool
    bars_problem: str
    expected_last: date | None
    last_bar: date
    no_entry: bool
    """Today is on the strategy's or symbol's `no_entry` list (`T-18`)."""
    other_owner: str
    """Name of another strategy that owns the contract (`T-13`), else empty."""
    same_side: int = 0
    """Working orders of anybody on the side and contract where most of them are, as the broker lists them
    [F-64]; zero before the send."""
    bar_seconds: int = 86_400
    """Length of the strategy's bar."""
    quote_problem: str = ""
    """Why the quote at the send is no number (`T-06`); empty where it is one, and before the send."""
    asks_clock: bool = False
    """The broker keeps a clock of its own: not where the desk lives by the simulator's."""
    clock_skew: Decimal | None = None
    """Seconds that the broker's clock is ahead of ours, before the send `None`."""
    asks_what_if: bool = False
    """A what-if stands before the send in this desk."""
    what_if: WhatIf | None = None
    live: LiveStanding | None = None
    """On a live account; `None` there counts as locked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What is about to be reserved or sent; prices already on the tick grid."""

    run: str
    strategy: str
    conid: int
    symbol: str
    purpose: Purpose
    side: str
    quantity: Decimal
    limit: Decimal | None
    stop: Decimal | None
    target: Decimal | None
    reference: Decimal | None
    """Price the collar is measured from: ask (entry) or last close before the window."""
    atr: Decimal | None
    tick: Decimal
    moment: str = "reserve"
    """`reserve`, `approve` or `send`: PAUSE_ENTRIES stops all but the last, closed hours only the last;
    volume is looked at with the bars, at the first."""
    decision_close: Decimal | None = None
    """Close of the bar decided on, for the drift at send; `None` at the decision itself."""
    by_person: bool = False
    """True when a person asked for it (`T-50`: exits at HALT)."""
    average_volume: Decimal | None = None
    """Shares a day, over the last 20 closed bars; asked for at the decision only."""
    bid: Decimal | None = None
    """At the send; `reference` is then the ask."""
    share: Decimal = Decimal(1)
    """Of the size that the limits allow: half where the signal says so (V16)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One rule's word. `denies` is false for rules that only warn on this class of order (`T-40`)."""

    rule: str
    passed: bool
    denies: bool
    observed: str
    limit: str
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """A verdict that stopped an order, and when it was spoken."""

    run: str
    moment: str
    at: datetime
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelChange:
    """One change of the level of the halt."""

    at: datetime
    actor: str
    before: str
    after: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """All verdicts on one proposal; every rule is evaluated, none is skipped."""

    verdicts: tuple[Verdict, ...]

    @property
    def allowed(self) -> bool:
        return not self.denials

    @property
    def denials(self) -> tuple[Verdict, ...]:
        """What stops it, in the order of the rules."""
        return tuple(v for v in self.verdicts if not v.passed and v.denies)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """Whole shares and the cap that bound them (`T-55`); zero says what capital would trade."""

    quantity: Decimal
    binding: str
    caps: tuple[tuple[str, Decimal], ...]
    smallest_capital: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Sizing and every verdict, with all the numbers they were made of, so that each can be recomputed."""

    proposal: Proposal
    sizing: Sizing | None
    exposure: Exposure
    gates: Gates
    verdicts: tuple[Verdict, ...]
    limits: Limits | None = None
    """Those in force; `None` in what an earlier version kept: the strategy's."""
