"""Nouns of the signals step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from glassdesk.workflow.indicators.model import IndicatorValues
from glassdesk.workflow.signals.conditions.model import Screening


class Action(StrEnum):
    BUY = "BUY"
    SELL = "SELL"
    HOLD = "HOLD"
    ABSTAIN = "ABSTAIN"
    """No signal, with a reason: never an order."""


class View(StrEnum):
    """What one confirmation says."""

    BULL = "bull"
    BEAR = "bear"
    NEUTRAL = "neutral"
    NA = "na"


class Agreement(StrEnum):
    """What the weekly chart says of a daily decision."""

    CONFIRMED = "confirmed"
    PARTIAL = "partial"
    CONFLICT = "conflict"
    NA = "na"


class Trend(StrEnum):
    """The trend as the analyst names it, in five steps (R-82)."""

    STRONG_BULLISH = "strong_bullish"
    BULLISH = "bullish"
    NEUTRAL = "neutral"
    BEARISH = "bearish"
    STRONG_BEARISH = "strong_bearish"


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """The analyst repeats what it was shown: proof that it read this very input (V01–V04)."""

    symbol: str
    timeframe: str
    last_bar: date
    last_close: Decimal
    n_bars: int
    chart_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One checkable claim; `value` is compared with the recomputed indicator (V15)."""

    panel: str
    indicator: str
    reading: str
    value: float | None
    direction: View


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmations:
    """The four checks of the 3-of-4 rule (R-79)."""

    supertrend: View
    price_vs_sma20: View
    macd: View
    rsi: View

    def count(self, view: View) -> int:
        """How many of the four say `view`."""
        return (self.supertrend, self.price_vs_sma20, self.macd, self.rsi).count(view)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An analyst's whole answer, typed; field order is reasoning order (§4.2 of the signals sheet)."""

    schema_version: int
    echo: Echo
    evidence: tuple[Evidence, ...]
    confirmations: Confirmations
    weekly_agreement: Agreement
    trend: Trend
    counter_case: str
    invalidation: str
    action: Action
    entry_low: Decimal | None
    entry_high: Decimal | None
    stop: Decimal | None
    target_1: Decimal | None
    target_2: Decimal | None
    target_1_basis: str
    target_2_basis: str
    horizon_bars: int | None
    confidence: float | None
    """P(target_1 before stop within the horizon); `None` from an analyst without calibration."""
    rationale: str
    data_issues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalPolicy:
    """How a strategy gets and checks its signals. `rule` names the rules analyst's rule (`rules:` engine)."""

    rule: str = "three_of_four"
    params: tuple[tuple[str, float], ...] = ()
    minimum_r: Decimal = Decimal(1)
    """V11: (target − worst entry) ÷ (worst entry − stop)."""
    need_confirmations: int = 0
    """V14: a BUY with fewer bullish checks becomes HOLD; 0 = off."""
    chart_code: str = "require"
    """V04: `require` or `warn` (weak local models)."""
    minimum_profit: Decimal = Decimal(0)
    """V12: (target − worst entry) ÷ worst entry; 0 = off (`T-55`)."""
    weekly_conflict: str = "flag"
    """V16, where the weekly chart contradicts a BUY: `flag`, `half` the size, or `hold`: it becomes HOLD."""
    flow: str = "one_call"
    """`one_call` with all pictures, or `three_steps`: daily, weekly, consolidation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the desk knows itself about the decision, recomputed in code: the ground truth of every check."""

    symbol: str
    timeframe: str
    last_bar: date
    last_close: Decimal
    n_bars: int
    chart_code: str
    atr: Decimal | None
    tick: Decimal
    confirmations: Confirmations
    values: IndicatorValues
    closes: tuple[Decimal, ...]
    """Closes of the decision bars, oldest first."""
    stop_atr: Decimal
    target_atr: Decimal | None
    holding: bool
    """True when the strategy holds the contract; told to the rules analyst only, never to a model."""
    screening: Screening | None = None
    """What the strategy's conditions say, where it has some; told to the rules analyst only."""
    weekly: Confirmations | None = None
    """The four checks on weekly bars; `None` without a weekly chart."""
    expected_last: date | None = None
    """The session that the newest closed bar must be of, at least (V19)."""
    data: tuple[str, ...] = ()
    """Notes of the verdict on the bars."""
    confidences: tuple[float, ...] = ()
    """What the strategy's model said last, newest first, at most twenty (V17)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A step before the deciding one: what is asked about one picture alone."""

    name: str
    """`daily` or `weekly`."""
    system: str
    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What an analyst is asked. Images are named by artifact; the pipeline hands over their bytes."""

    run: str
    facts: Facts
    policy: SignalPolicy
    system: str
    user: str
    images: tuple[bytes, ...]
    """PNG, in the order the prompt speaks of them."""
    strategy: str = ""
    deadline: datetime | None = None
    """Market time after which an answer is kept and never traded."""
    readings: tuple[Reading, ...] = ()
    """Asked first, of one picture each in order; `user` then joins them and no picture is shown with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawAnswer:
    """What came back, word for word."""

    text: str
    engine: str
    """`rules`, `openai-compatible`, …"""
    model: str
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: Decimal | None = None
    attempts: int = 1
    """Calls that were made for it: steps, a repair and second attempts included."""
    failure: str = ""
    """Why there is no usable text (timeout, refusal, HTTP 500 …); empty when there is."""
    rejected: str = ""
    """The first answer, where the rules voided it and it was asked for once more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One semantic rule V01…V20 applied to an answer."""

    rule: str
    passed: bool
    detail: str
    effect: str = ""
    """`abstain`, `reject`, `downgrade`, `flag`, or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """The decision of one run. Anything but BUY and SELL makes no order; `reason` says why in one line."""

    run: str
    symbol: str
    action: Action
    reason: str
    last_bar: date
    last_close: Decimal
    atr: Decimal | None
    entry_high: Decimal | None
    stop: Decimal | None
    target: Decimal | None
    confidence: float | None
    r_multiple: Decimal | None
    score: Decimal | None
    """Rank within a batch where the strategy ranks by score."""
    rationale: str
    engine: str
    model: str
    checks: tuple[Check, ...]
    data: tuple[str, ...] = ()
    """What the bars it was decided on leave to doubt: gaps, a jump like a split, no trade, a wide range, what
    was corrected since; empty where nothing."""
    half: bool = False
    """A rule lets it buy half of what the limits allow (V16)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRow:
    """A stored signal with where it belongs."""

    signal: Signal
    strategy: str
    conid: int
    slot: datetime
