"""What outcomes say together: every number from the raw ones, never an average of averages (X-9), and with
those of today (X-14). Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from glassdesk.kernel.money import exact
from glassdesk.workflow.evaluation.intervals import Interval, Mean, mean, wilson
from glassdesk.workflow.evaluation.model import Ending
from glassdesk.workflow.evaluation.scored import Scored
from glassdesk.workflow.signals.model import Action

ZERO = Decimal(0)
FEW = 30
"""Below so many outcomes chance outweighs everything else: such a row is shown in grey."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Outcomes with an R, and what they average to. What nothing supports is `None`; a zero is a zero."""

    n: int
    wins: int
    losses: int
    win_rate: Decimal | None
    win_interval: Interval | None
    average_r: Decimal | None
    r_interval: Interval | None
    best_r: Decimal | None
    worst_r: Decimal | None
    few: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """What was really traded, from the ledger of executions: net of the commissions of both sides."""

    executed: int
    """Signals whose entry was filled."""
    closed: int
    """Of them those with nothing left."""
    pnl: Decimal
    """Of what is closed, before the model's cost."""
    model_cost: Decimal
    """Of every answer, also of those that held; what nobody knows is not in it."""
    unknown_costs: int
    """Answers of which nobody knows the cost."""
    average_r: Decimal | None
    """Of the closed ones, commissions and the model's cost taken off (`T-72`)."""
    with_r: int

    @property
    def after_cost(self) -> Decimal:
        """Profit less what the model cost."""
        return self.pnl - self.model_cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One row of the scoreboard."""

    signals: int
    buys: int
    holds: int
    sells: int
    abstains: int
    refused: int
    """Purchases that no order was reserved for: a risk rule, the selection, or a person said no."""
    open: int
    """Purchases whose end is not to be seen yet."""
    cancelled: int
    """Taken out by a person: in no other number."""
    bought: Sample
    """What the signals that buy made by their barriers, before costs."""
    missed: Sample
    """What a purchase would have made where the signal said no."""
    turned_down: Sample
    """What the refused ones would have made: what refusing saved, or cost."""
    money: Money
    twins: tuple[tuple[str, Sample], ...]
    """The same slots decided otherwise, between the same barriers."""

    @property
    def abstain_rate(self) -> Decimal | None:
        """Of all signals."""
        return ratio(self.abstains, self.signals)

    @property
    def refused_rate(self) -> Decimal | None:
        """Of those that buy."""
        return ratio(self.refused, self.buys)

    @property
    def execution_rate(self) -> Decimal | None:
        """Of those that buy."""
        return ratio(self.money.executed, self.buys)


def ratio(part: int, whole: int) -> Decimal | None:
    """A share; `None` of nothing."""
    return exact(Decimal(part) / whole) if whole else None


TWINS: tuple[tuple[str, Callable[[Scored], bool]], ...] = (
    ("always long", lambda one: True),
    ("rules", lambda one: one.rules is Action.BUY),
    ("coin", lambda one: one.coin),
)


def figures(found: Iterable[Scored]) -> Figures:
    """Of signals in any order."""
    everything = list(found)
    counted = [one for one in everything if not one.cancelled]
    buys = [one for one in counted if one.action is Action.BUY]
    return Figures(
        signals=len(counted),
        buys=len(buys),
        holds=_said(counted, Action.HOLD),
        sells=_said(counted, Action.SELL),
        abstains=_said(counted, Action.ABSTAIN),
        refused=sum(one.refused for one in buys),
        open=sum(one.outcome is None for one in buys),
        cancelled=len(everything) - len(counted),
        bought=sample(buys),
        missed=sample(one for one in counted if one.action in (Action.HOLD, Action.ABSTAIN)),
        turned_down=sample(one for one in buys if one.refused),
        money=money(counted),
        twins=tuple((name, sample(one for one in counted if buys_too(one))) for name, buys_too in TWINS),
    )


def _said(found: Sequence[Scored], action: Action) -> int:
    return sum(one.action is action for one in found)


def sample(found: Iterable[Scored]) -> Sample:
    """Of those that have an R."""
    pairs = [(one.slot.date(), one.r) for one in found]
    values = [(day, r) for day, r in pairs if r is not None]
    rs = [r for _, r in values]
    wins, average = sum(r > 0 for r in rs), mean(values)
    return Sample(
        n=len(rs),
        wins=wins,
        losses=sum(r < 0 for r in rs),
        win_rate=ratio(wins, len(rs)),
        win_interval=wilson(wins, len(rs)),
        average_r=None if average is None else average.value,
        r_interval=None if average is None else average.interval,
        best_r=max(rs, default=None),
        worst_r=min(rs, default=None),
        few=len(rs) < FEW,
    )


def average(found: Iterable[Scored]) -> Mean | None:
    """R of the signals that buy, with its error."""
    buys = [one for one in found if one.action is Action.BUY and not one.cancelled]
    return mean([(one.slot.date(), one.r) for one in buys if one.r is not None])


def money(found: Sequence[Scored]) -> Money:
    """From the ledger; a person's figure where one was given."""
    rs = [one.real_r for one in found if one.real_r is not None]
    return Money(
        executed=sum(one.traded is not None for one in found),
        closed=sum(one.traded is not None and one.traded.closed for one in found),
        pnl=sum((one.pnl for one in found if one.pnl is not None), ZERO),
        model_cost=sum((one.cost for one in found if one.cost is not None), ZERO),
        unknown_costs=sum(one.cost is None for one in found),
        average_r=exact(sum(rs, ZERO) / len(rs)) if rs else None,
        with_r=len(rs),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The signals of one day, by the day of their slot (R-56)."""

    day: date
    figures: Figures
    confidence: float | None
    """On average, where one was stated."""
    gain: Decimal | None
    """Of the winners on average, as a part of their price (X-16: by the price paid, whatever the shares)."""
    loss: Decimal | None
    total_r: Decimal
    """R of all purchases up to this day."""


def daily(found: Iterable[Scored]) -> list[Day]:
    """By the day of the slot, oldest first."""
    groups: dict[date, list[Scored]] = {}
    for one in found:
        groups.setdefault(one.slot.date(), []).append(one)
    days, total = [], ZERO
    for day in sorted(groups):
        group = [one for one in groups[day] if not one.cancelled]
        buys = [one for one in group if one.action is Action.BUY]
        total += sum((one.r for one in buys if one.r is not None), ZERO)
        days.append(_day(day, groups[day], buys, total))
    return days


def _day(day: date, group: Sequence[Scored], buys: Sequence[Scored], total: Decimal) -> Day:
    said = [one.confidence for one in buys if one.confidence is not None]
    moves = [one.change for one in buys if one.change is not None]
    return Day(
        day=day,
        figures=figures(group),
        confidence=sum(said) / len(said) if said else None,
        gain=_average([move for move in moves if move > 0]),
        loss=_average([move for move in moves if move < 0]),
        total_r=total,
    )


def _average(values: Sequence[Decimal]) -> Decimal | None:
    return exact(sum(values, ZERO) / len(values)) if values else None


def ended(one: Scored) -> Ending | None:
    """How it ended; `None` while it has not."""
    return None if one.outcome is None else one.outcome.ending
