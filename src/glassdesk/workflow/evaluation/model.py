"""Nouns of the evaluation step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.runs.model import RunState
from glassdesk.workflow.signals.model import Action

DESK = "desk"
"""Who computed an outcome, where no person set it."""


class Ending(StrEnum):
    """How a signal ended: the barrier that was touched first, or what a person said."""

    TARGET = "target"
    STOP = "stop"
    TIME = "time"
    """Neither was touched within the horizon: left at the close of its last bar."""
    NOT_BOUGHT = "not_bought"
    """The bar after the decision never traded at the entry's price, or opened at the stop."""
    UNMEASURED = "unmeasured"
    """There is no ATR to put barriers at."""
    SET = "set"
    """A person said what it made."""
    CANCELLED = "cancelled"
    """A person took it out of every count."""
    TAKEN_BACK = "taken_back"
    """A person took their own word back: what the desk computed counts again."""


UNASKED = "conditions"
"""The engine of what conditions kept back: no analyst was asked, by no prompt."""

BY_PERSON = (Ending.SET, Ending.CANCELLED, Ending.TAKEN_BACK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Barriers:
    """Where a purchase at the next bar ends. A signal that buys has prices of its own; for any other they
    lie as far from the fill as the strategy's exits would put them."""

    horizon: int
    """Bars, the one of the purchase first."""
    entry_high: Decimal | None = None
    """The most that is paid; `None`: whatever the bar opens at."""
    stop: Decimal | None = None
    target: Decimal | None = None
    stop_distance: Decimal | None = None
    """Below the fill, where there is no `stop`."""
    target_distance: Decimal | None = None
    """Above the fill, where there is no `stop`; `None`: no target."""

    @property
    def measurable(self) -> bool:
        """True where there is a stop: without one there is no R."""
        return self.stop is not None or bool(self.stop_distance)


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """What the bars say: which barrier was first, at which price, and what that is in R before costs."""

    ending: Ending
    r: Decimal | None = None
    """(exit − fill) ÷ (fill − stop); `None` where nothing was bought."""
    fill: Decimal | None = None
    exit: Decimal | None = None
    bars: int = 0
    """Bars that it took, the one of the purchase first."""
    ambiguous: bool = False
    """Stop and target lie in the same bar: the stop is taken to have been first."""


def prompt_label(prompt: str, version: int) -> str:
    """`NAME@2`, as people read it; `not asked` where conditions kept the run back."""
    return f"{prompt}@{version}" if prompt else "not asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A signal as the scoreboard counts it: who said it, at which price, between which barriers, and what its
    twins say of the same slot. Written once, from what the run committed. What conditions kept back is one as
    well: it held, its engine is `UNASKED` and its prompt empty."""

    run: str
    strategy: str
    strategy_version: int
    conid: int
    symbol: str
    slot: datetime
    action: Action
    prompt: str
    prompt_version: int
    prompt_sha256: str
    language: str
    engine: str
    model: str
    confidence: float | None
    cost: Decimal | None
    """Of the answer, repairs and second attempts included; `None` where nobody knows it."""
    rules: Action
    """What the strategy's rule says of the same facts, holding nothing."""
    coin: bool
    """What chance says: heads, made of the run's id, buys."""
    size: BarSize
    decided_bar: datetime
    """Start of the newest bar that the decision saw; those after it are its future."""
    known_bar: datetime
    """Start of the newest closed bar it saw."""
    known_close: Decimal
    """That bar's close as it was then: bars restated since tell by it."""
    barriers: Barriers


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a signal. Append-only: another truth is another revision."""

    run: str
    revision: int
    ending: Ending
    r: Decimal | None
    fill: Decimal | None = None
    exit: Decimal | None = None
    bars: int = 0
    ambiguous: bool = False
    ended_on: date | None = None
    """Session of the bar in which it ended."""
    factor: Decimal = Decimal(1)
    """What the signal's prices were multiplied by: a split since, that the bars show."""
    pnl: Decimal | None = None
    """Money, where a person said it; it then stands for the ledger's."""
    said_by: str = DESK
    at: datetime
    reason: str = ""
    """A person's; empty where the desk computed it."""

    @property
    def entity(self) -> str:
        """Of its node in the lineage, where the desk computed it."""
        return self.run if self.revision == 1 else f"{self.run}/{self.revision}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A subject as a list needs it, with where its run stands."""

    run: str
    strategy: str
    conid: int
    symbol: str
    slot: datetime
    action: Action
    prompt: str
    prompt_version: int
    language: str
    engine: str
    model: str
    confidence: float | None
    cost: Decimal | None
    rules: Action
    coin: bool
    state: RunState
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What a row of the scoreboard is about."""

    prompt: str
    prompt_version: int
    engine: str
    model: str
    strategy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which signals are counted; what is empty asks for nothing."""

    since: date | None = None
    """First day of a slot, UTC."""
    until: date | None = None
    """Last day of a slot."""
    prompt: str = ""
    version: int | None = None
    analyst: str = ""
    """Engine and model, `rules:rules-1`."""
    strategy: str = ""
    language: str = ""
    kind: str = ""
    """Of the prompt."""
    run: str = ""
