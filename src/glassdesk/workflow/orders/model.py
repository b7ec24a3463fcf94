"""Nouns of the orders step: what we want (intent), what we send (order), what the broker answered
(outcome)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from glassdesk.workflow.risk.model import Limits, WhatIf


class Side(StrEnum):
    BUY = "BUY"
    SELL = "SELL"


class OrderType(StrEnum):
    """Codes of the order API."""

    LIMIT = "LMT"
    MARKET = "MKT"
    STOP = "STP"


class TimeInForce(StrEnum):
    DAY = "DAY"
    GTC = "GTC"


class Role(StrEnum):
    """What an order is for."""

    ENTRY = "entry"
    EXIT = "exit"
    STOP = "stop"
    TARGET = "target"


PROBE_LANE = "(probe)"
"""Whose the probe's orders and shares are (`T-60`); no strategy can be called so."""


class IntentKind(StrEnum):
    """Class of order (`T-74`): opening (all rules), reducing (T-40), a protective one that no entry brought
    along, or a question of the probe (T-60), which the probe alone sends and ends."""

    OPEN = "open"
    REDUCE = "reduce"
    PROTECT = "protect"
    PROBE = "probe"


class IntentState(StrEnum):
    """Life of an intent; the last four are final."""

    AWAITING_APPROVAL = "awaiting_approval"
    QUEUED = "queued"
    """Waits for its entry window (`T-03`)."""
    SENT = "sent"
    """Its order has been handed to the dealer's protocol."""
    DONE = "done"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    DENIED = "denied"
    """The re-check at send found a reason against it."""


class OrderState(StrEnum):
    """State of one order row, a pure fold over facts (`reliability.md` §2.7)."""

    RESERVED = "reserved"
    SENDING = "sending"
    UNKNOWN = "unknown"
    WORKING = "working"
    PARTIAL = "partial"
    CANCEL_REQUESTED = "cancel_requested"
    NEEDS_OPERATOR = "needs_operator"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"
    """Never sent, or ended at the close."""
    ABANDONED = "abandoned"

    @property
    def final(self) -> bool:
        return self in _FINAL

    @property
    def at_broker(self) -> bool:
        """The broker holds it, as far as we know."""
        return self in (OrderState.WORKING, OrderState.PARTIAL, OrderState.CANCEL_REQUESTED)


_FINAL = frozenset(
    {OrderState.FILLED, OrderState.CANCELLED, OrderState.REJECTED, OrderState.EXPIRED, OrderState.ABANDONED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One order as the broker will read it; its digest is compared before each send. Prices are on the tick
    grid."""

    coid: str
    parent_coid: str | None
    account: str
    conid: int
    side: Side
    order_type: OrderType
    quantity: Decimal
    """Whole shares."""
    price: Decimal | None
    """Limit price of a LMT, trigger of a STP, `None` for MKT."""
    tif: TimeInForce
    role: Role
    outside_rth: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SendTerms:
    """What the re-check at send needs of the decision (`T-03`), frozen with the intent at reserve."""

    symbol: str
    exchange: str
    """Calendar whose regular hours bound the order, e.g. XNYS."""
    last_bar: date
    """Session of the bar decided on."""
    reference_close: Decimal
    """Its close: drift is measured from here."""
    atr: Decimal | None
    tick: Decimal
    entry_high: Decimal | None
    """The most a BUY may pay (`T-21`); `None` on an exit."""
    limits: Limits
    no_entry: tuple[date, ...] = ()
    ttl_seconds: int | None = None
    """Life of a working entry from its send; `None` = to the session's end (`T-21`)."""
    urgency: str = "market"
    """Last rung of the exit ladder: `market` or `page` (`T-41`)."""
    by_person: bool = False
    """True when a person asked for the exit (`T-50`)."""
    bar_seconds: int = 86_400
    """Length of the strategy's bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One leg of one run: what the desk wants, why, and until when. Immutable but for its state."""

    intent: str
    run: str
    leg: str
    parent: str | None
    """The intent of the main leg, for the children of a bracket."""
    kind: IntentKind
    account: str
    strategy: str
    strategy_version: int
    conid: int
    side: Side
    order_type: OrderType
    quantity: Decimal
    price: Decimal | None
    tif: TimeInForce
    role: Role
    window_opens: datetime
    window_closes: datetime
    reserved_at: datetime
    target_order: str | None = None
    """The resting order that an exit modifies (`T-41`), if any."""
    parking: bool = False
    """True for a parking target (`T-30`)."""
    terms: SendTerms | None = None
    """`None` on the children of a bracket: they go with their parent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A person's yes to one exact order: given once, never changed."""

    intent: str
    payload_sha256: str
    """Of the tickets of all legs as reserved."""
    actor: str
    approved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfRow:
    """What the broker said an intent's entry would do to the account, each time it was asked [§5.3]."""

    intent: str
    number: int
    moment: str
    """`approve` while a person is asked, `send` right before it went out or was denied."""
    asked_at: datetime
    quantity: Decimal
    price: Decimal | None
    """Of the entry it was asked about."""
    told: WhatIf

    @property
    def node(self) -> str:
        """Its node in the lineage, below the intent's."""
        return f"what_if:{self.intent}/{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order row, written before anything is sent."""

    order: str
    """Row identity: the intent's id (one order per intent)."""
    intent: str
    run: str
    coid: str
    role: Role
    parent: str | None
    """Order row of the bracket's parent."""
    account: str
    strategy: str
    conid: int
    state: OrderState
    ticket: Ticket
    reserved_at: datetime
    broker_order_id: str | None = None
    filled: Decimal = Decimal(0)
    average_price: Decimal | None = None
    sends: int = 0
    last_sent_at: datetime | None = None
    note: str = ""
    version: int = 0

    @property
    def of_probe(self) -> bool:
        """True for an order of the probe: only the probe decides about it."""
        return self.strategy == PROBE_LANE


class OutcomeKind(StrEnum):
    """Class of a broker's answer to a write (`design.md` §4)."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    """Only for texts known to be final."""
    NOT_SENT = "not_sent"
    """No byte left this machine."""
    EXISTS = "exists"
    """The client order id is already registered [F-53]: look it up."""
    UNKNOWN = "unknown"
    """Anything else: look it up, never resend blindly."""
    DECLINED = "declined"
    """A question was answered with no by policy (`T-59`); look all legs up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """One accepted ticket: the broker's id for our cOID (`None` where the answer does not say)."""

    coid: str | None
    broker_order_id: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one write led to, after the whole chain of questions."""

    kind: OutcomeKind
    acknowledged: tuple[Acknowledged, ...] = ()
    text: str = ""
    http_status: int | None = None
    questions: tuple[str, ...] = field(default=())
    """`message id:yes|no` of every question answered on the way."""
    failed: tuple[str, ...] = ()
    """cOIDs of the tickets that the answer names as failed while others may live [F-52]."""
    said_no: bool = False
    """The broker refused in words that are not known to be final: once it is proven that nothing lives, the
    same payload is not sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRow:
    """One attempt to write to the broker, stored before any byte leaves; `outcome` follows once."""

    order: str
    number: int
    verb: str
    """`place`, `modify`, `cancel`."""
    payload_sha256: str
    fence: int
    epoch: int
    started_at: datetime
    not_after: datetime
    outcome: Outcome | None = None
    answered_at: datetime | None = None
