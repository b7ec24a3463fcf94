"""What each step of a run commits: frozen values with one canonical JSON, read back before the next step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from glassdesk.workflow.charts.model import Chart
from glassdesk.workflow.contracts.model import Contract, TickBand
from glassdesk.workflow.indicators.model import IndicatorValues
from glassdesk.workflow.market_data.model import BarSet, BarSize
from glassdesk.workflow.prompts.model import Rendered
from glassdesk.workflow.risk.model import Judged
from glassdesk.workflow.signals.conditions.model import Screening
from glassdesk.workflow.signals.model import Facts, RawAnswer, Signal

STEPS = (
    "preflight",
    "bars",
    "indicators",
    "conditions",
    "charts",
    "question",
    "answer",
    "signal",
    "verdicts",
    "reserve",
)
"""The steps of a run in order; their place is their number. Without conditions a run has no such step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """The contract, its tick sizes, and when an order may go out."""

    contract: Contract
    ticks: tuple[TickBand, ...]
    exchange: str
    zone: str
    expected_last: date
    window_opens: datetime
    window_closes: datetime

    def tick_at(self, price: Decimal) -> Decimal:
        """Tick size at a price."""
        return max((b for b in self.ticks if b.lower_edge <= price), key=lambda b: b.lower_edge).increment


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Decision bars and, where the strategy wants them, weekly and monthly ones."""

    daily: BarSet
    weekly: BarSet | None
    monthly: BarSet | None = None
    days: BarSet | None = None
    """Days of an intraday strategy whose conditions read them."""

    @property
    def longer(self) -> dict[BarSize, BarSet]:
        """What was made of the decision bars, by size."""
        made = (self.days, self.weekly, self.monthly)
        return {one.size: one for one in made if one is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Charts:
    """The pictures, by artifact."""

    decision: Chart
    weekly: Chart | None
    monthly: Chart | None = None

    @property
    def pictures(self) -> tuple[Chart, ...]:
        """Those that were drawn, shortest bars first."""
        return tuple(one for one in (self.decision, self.weekly, self.monthly) if one is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the analyst is asked, word for word, and what the desk knows itself."""

    rendered: Rendered
    facts: Facts
    images: tuple[str, ...]
    """PNG artifacts."""
    readings: tuple[Rendered, ...] = ()
    """In three steps: what is asked of the first picture and of the second; `rendered` joins them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """Legs reserved, main leg first; their intents follow from run and leg."""

    legs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Everything a run committed so far, decoded; what is not there yet is `None`."""

    preflight: Preflight | None = None
    bars: Bars | None = None
    indicators: IndicatorValues | None = None
    conditions: Screening | None = None
    charts: Charts | None = None
    question: Asked | None = None
    answer: RawAnswer | None = None
    signal: Signal | None = None
    verdicts: Judged | None = None
    reserve: Reserved | None = None


OUTPUTS: dict[str, type] = {
    "preflight": Preflight,
    "bars": Bars,
    "indicators": IndicatorValues,
    "conditions": Screening,
    "charts": Charts,
    "question": Asked,
    "answer": RawAnswer,
    "signal": Signal,
    "verdicts": Judged,
    "reserve": Reserved,
}
