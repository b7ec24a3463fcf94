"""Answers that are not one of the desk's own values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from pydantic import BaseModel

from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.indicators.kind import Family, Panel
from glassdesk.workflow.indicators.model import Line, Shortfall
from glassdesk.workflow.lineage.graph import Finding
from glassdesk.workflow.order_tracking.model import Execution, Fact, OrderRow
from glassdesk.workflow.orders.model import Approval, Intent, IntentState, Order, WhatIfRow
from glassdesk.workflow.positions.model import Adjustment, Break, BrokerPosition, Position
from glassdesk.workflow.positions.protection import Protection
from glassdesk.workflow.real_money.model import Condition
from glassdesk.workflow.risk.model import Halt, LiveStanding, Verdict
from glassdesk.workflow.risk.unlocks import LiveMove
from glassdesk.workflow.runs.model import Run, StepRow
from glassdesk.workflow.schedules.sign_in import SignInNeed
from glassdesk.workflow.session.clocks import Reset
from glassdesk.workflow.session.guide import Step
from glassdesk.workflow.session.model import Account, AccountProof, GatewayProcess, PaidBy, SessionStatus
from glassdesk.workflow.signals.model import SignalRow


class Status(BaseModel):
    """What the bar says."""

    account: str
    account_kind: AccountKind
    now: datetime
    """Market time."""
    session: SessionStatus | None
    halt: Halt
    next_slot: datetime | None
    next_strategy: str | None


class SessionAnswer(BaseModel):
    """The brokerage session: sign-in step by step, when the login ends, what rests at the broker.

    `proof` says whether settings, broker and id name the same kind of account.
    """

    status: SessionStatus | None
    epoch: int
    accounts: list[Account]
    proof: AccountProof | None
    paid_by: PaidBy
    """With settled cash only, or on margin; and who says so."""
    ready: bool
    steps: Sequence[Step]
    next_sign_in: datetime | None
    next_reset: Reset | None
    need: SignInNeed | None
    stops: Sequence[Protection]
    process: GatewayProcess | None


class ParameterAnswer(BaseModel):
    """A number of an indicator."""

    name: str
    title: str
    default: float
    low: float
    high: float
    unit: str
    whole: bool
    options: list[str]
    """Words among which is chosen; the number is the place of one, counted from 0."""


class KindAnswer(BaseModel):
    """An indicator of the catalogue; `lines` are their names with the usual parameters."""

    kind: str
    title: str
    family: Family
    meaning: str
    convention: str
    panel: Panel
    minimum_bars: int
    parameters: list[ParameterAnswer]
    lines: list[str]


class SetWish(BaseModel):
    """A set to keep: a new one, or with `base` the version after that one."""

    name: str
    indicators: list[str]
    """As words: `rsi:length=2`, `vwap:anchor=month`."""
    base: int | None = None
    message: str = ""


class LinesAnswer(BaseModel):
    """Values of indicators over a contract's newest daily bars, oldest first."""

    conid: int
    sessions: list[date]
    lines: list[Line]
    missing: list[Shortfall]
    """Indicators that have too few bars, with how many each needs."""


class DueAnswer(BaseModel):
    """A coming slot."""

    instant: datetime
    strategy: str


class VerdictAnswer(BaseModel):
    """A rule's word; `moment` is `reserve` or `send`."""

    moment: str
    verdict: Verdict


class IntentAnswer(BaseModel):
    """What the desk wants, and how far it is."""

    intent: Intent
    state: IntentState


class ApprovalAnswer(BaseModel):
    """A decision that waits for a person, or waited: all its legs, and what the broker said of it.

    `payload` is the digest of exactly this order: an answer names it. `drift_limit` is how far the price may
    move from the close decided on before it is over.
    """

    intent: str
    state: IntentState
    strategy: str
    run: str
    payload: str
    expires_at: datetime
    drift_limit: Decimal | None
    legs: list[Intent]
    what_if: WhatIfRow | None
    approval: Approval | None


class RunWish(BaseModel):
    """Which of a strategy's contracts decide now; none named: all."""

    symbols: list[str] = []


class Due(BaseModel):
    """Runs that are due now; as many at once as the desk has workers."""

    runs: list[str]


class ApprovalWish(BaseModel):
    """A yes or no to the one order that was shown: its `payload`."""

    payload: str


class Decided(BaseModel):
    """What became of a yes or no. `already`: it was given before, and nothing more happened."""

    intent: str
    state: IntentState
    already: bool


class RunAnswer(BaseModel):
    """A run with everything that belongs to it."""

    run: Run
    steps: list[StepRow]
    signal: SignalRow | None
    verdicts: list[VerdictAnswer]
    intents: list[IntentAnswer]
    orders: list[Order]


class OrderAnswer(BaseModel):
    """An order with its facts and fills."""

    order: Order
    facts: list[Fact]
    executions: list[Execution]


class OwnerOrder(BaseModel):
    """A working order that is not the desk's; `since` is when the broker first listed it so."""

    order: OrderRow
    since: datetime


class PositionWish(BaseModel):
    """What goes with a wish about a position."""

    strategy: str = ""
    """adopt: which strategy takes the shares."""
    price: str = ""
    """protect: the price of the stop."""
    reason: str = ""


class PositionsAnswer(BaseModel):
    """What the desk holds, what protects it, what the broker says, where they differ."""

    held: list[Position]
    protections: list[Protection]
    broker: list[BrokerPosition]
    breaks: list[Break]
    owners: dict[int, Decimal]
    """Shares of the owner's lane by contract."""
    adjustments: list[Adjustment]
    """What a person said of shares."""


class LiveAnswer(BaseModel):
    """Whether a live account may be opened on (`T-61`)."""

    account: str
    kind: AccountKind
    standing: LiveStanding | None
    """Of a live account only."""
    first_orders: int
    """So many after an unlock wait for a person."""
    conditions: list[Condition]
    """What this home says by itself; `glassdesk live check` also looks at quotes and the bundle."""
    moves: list[LiveMove]


class RuleAnswer(BaseModel):
    """A risk rule."""

    name: str
    meaning: str
    default: str
    source: str
    acts_on: str


class VerifyAnswer(BaseModel):
    """`findings` empty means that everything holds."""

    nodes: int
    findings: list[Finding]


class AuditAnswer(BaseModel):
    """The length of the chain; `broken` names the first row that does not follow."""

    rows: int | None
    broken: str | None


class Reason(BaseModel):
    """Why; it goes into the audit."""

    reason: str


class HaltWish(Reason):
    """A level of the kill switch. FLATTEN and FREEZE need `typed` to be the level's name."""

    level: str
    typed: str = ""


class Asked(BaseModel):
    """A wish written down for the dealer, who reads it at its next turn."""

    command: str
