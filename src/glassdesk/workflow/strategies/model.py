"""Nouns of the strategies step: one immutable, versioned object that composes every step's settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from glassdesk.workflow.charts.model import ChartSpec
from glassdesk.workflow.contracts.watchlists import Watchlist
from glassdesk.workflow.indicators.model import IndicatorSet
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.positions.model import ExitPlan
from glassdesk.workflow.prompts.model import PromptRef
from glassdesk.workflow.prompts.packaged import IN_STEPS
from glassdesk.workflow.risk.model import Limits
from glassdesk.workflow.signals.budget import Budget
from glassdesk.workflow.signals.conditions.model import Conditions
from glassdesk.workflow.signals.flow import THREE_STEPS
from glassdesk.workflow.signals.model import SignalPolicy


class DecisionBar(StrEnum):
    """Which bar a strategy decides on (`T-04`)."""

    CLOSED = "closed"
    SO_FAR = "so_far"


class Approval(StrEnum):
    """Whether a person must approve opening orders."""

    OFF = "off"
    ALL = "all"


class Rank(StrEnum):
    """How a batch orders its entries (`T-02`); ties by conid."""

    R_MULTIPLE = "r_multiple"
    SCORE = "score"
    LISTED = "listed"


class Overlap(StrEnum):
    """What a slot does while a run of the one before is not done: a second one never begins."""

    SKIP = "skip"
    WAIT = "wait"
    """It begins once the one before is done, inside its start deadline."""


class StrategyState(StrEnum):
    """`closing`: no new entries, exits and stops go on until flat (`T-15`)."""

    ENABLED = "enabled"
    CLOSING = "closing"
    DISABLED = "disabled"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """When a strategy decides and when its orders may go out (`T-03`)."""

    cron: str
    """Five fields, read in `zone`, or words that follow the exchange's hours, e.g. `15 minutes before the
    close`."""
    zone: str
    exchange: str
    """Calendar that gates the slots, e.g. XNYS."""
    enter_after_open: int | None = 5
    """Minutes after the next open at which the entry window begins; `None` = at once."""
    enter_before: int = 60
    """Minutes after the next open at which it ends; for `at once`, minutes after the slot."""
    overlap: Overlap = Overlap.SKIP


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyContract:
    """A contract a strategy trades."""

    conid: int
    symbol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """What the desk does for one strategy name at one version. A name never changes; runs keep the version
    they began with."""

    name: str
    version: int
    account: str
    contracts: tuple[StrategyContract, ...]
    """Empty where it trades a watchlist."""
    bar_size: BarSize
    history: int
    """Bars read for a decision."""
    decision_bar: DecisionBar
    weekly: bool
    """Also draw the weekly chart, resampled."""
    monthly: bool = False
    """Also draw the monthly chart, resampled."""
    indicators: IndicatorSet
    chart: ChartSpec
    prompt: PromptRef
    policy: SignalPolicy
    timing: Timing
    exits: ExitPlan
    limits: Limits
    rank: Rank = Rank.LISTED
    approval: Approval = Approval.OFF
    no_entry: tuple[date, ...] = ()
    description: str = ""
    conditions: Conditions | None = None
    """What must be true before an analyst is asked; `None` asks at every slot."""
    watchlist: str = ""
    """Name of the list whose contracts it trades, looked up at each slot; empty: `contracts`."""
    analyst: str = ""
    """Who answers: `rules`, or an analyst of the settings by its name; empty: the desk's."""
    budget: Budget = field(default_factory=Budget)

    @property
    def step_prompts(self) -> tuple[PromptRef, ...]:
        """What it asks where a decision is made in three steps, in order."""
        return tuple(PromptRef(name=name, label=self.prompt.label) for name in IN_STEPS.values())

    @property
    def prompts(self) -> tuple[PromptRef, ...]:
        """Every prompt that it may ask: its own too, where three steps want a picture that is missing."""
        return (self.prompt, *(self.step_prompts if self.policy.flow == THREE_STEPS else ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Traded:
    """What a strategy trades at one instant."""

    contracts: tuple[StrategyContract, ...]
    watchlist: Watchlist | None = None
    """The version they were taken from."""
    problem: str = ""
    """Why a list gives nothing to enter: it is gone or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyRow:
    """A stored version with its state; `sha256` is the digest of the strategy without its version number."""

    strategy: Strategy
    sha256: str
    state: StrategyState
    author: str
    created_at: datetime
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """The least desk capital with which a strategy trades a contract; `None` with the reason."""

    symbol: str
    capital: Decimal | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a strategy could lose in a day and ask in a month, by its limits; money in the account's currency,
    `None` where no desk capital is set."""

    capital: Decimal | None
    loss_at_stops: Decimal | None
    """Every position it may hold is sold at its stop."""
    loss_in_gap: Decimal | None
    """Everything it may hold opens by `gap` lower."""
    gap: Decimal
    questions_per_month: int
    """Decisions due, one for each contract and slot, less what its conditions kept back in the last year."""
    questions_why: str
    """What that figure is made of."""
    cost_per_month: Decimal | None
    """What these questions may cost at most, within its budget; `None` where nothing says it."""
    cost_why: str
    """What that figure is made of, or why there is none."""
    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the form shows before saving."""

    slots: tuple[datetime, ...]
    decides_on: date | None
    """Date of the bar the next slot would see."""
    minimum_bars: int
    outlook: Outlook | None
    """`None` while the timing is wrong."""
    problems: tuple[str, ...] = field(default=())
