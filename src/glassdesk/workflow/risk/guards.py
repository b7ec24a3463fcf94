"""What raises the level without a person (`T-50`): losses and refusals reach REDUCE_ONLY at most, a broken
invariant reaches HALT. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from glassdesk.workflow.risk import halt, rules_money, rules_pace, soundness
from glassdesk.workflow.risk.model import Exposure, HaltLevel, Limits
from glassdesk.workflow.risk.verdicts import MISSING, Finding, says

MOST_REJECTS = 5
REJECT_SPAN = timedelta(minutes=10)
MOST_UNKNOWN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What the guards look at."""

    exposure: Exposure
    rejects: int
    """Orders of ours that the broker refused within the last ten minutes, a bracket once."""
    short: tuple[str, ...] = ()
    """Symbols of which the desk's own ledger has less than none."""


Look = Callable[[Watched, Limits], Finding]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """One trigger: what it watches, its limit by default, and the level it reaches."""

    name: str
    meaning: str
    default: str
    level: HaltLevel
    source: str
    look: Look
    integrity: bool = False
    """An invariant of the desk itself is broken."""

    def __post_init__(self) -> None:
        ceiling = HaltLevel.HALT if self.integrity else halt.AUTOMATIC_CEILING
        if self.level > ceiling:
            raise ValueError(f"{self.name} must not reach {self.level.name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A guard as it stands. A number that is missing trips nothing: its rule denies entries meanwhile."""

    guard: Guard
    finding: Finding

    @property
    def tripped(self) -> bool:
        return not self.finding.passed and self.finding.observed != MISSING


def _daily_loss(watched: Watched, limits: Limits) -> Finding:
    return rules_money.loss_of_the_day(watched.exposure, limits)


def _drawdown(watched: Watched, limits: Limits) -> Finding:
    return rules_money.below_the_peak(watched.exposure, limits)


def _rejects(watched: Watched, limits: Limits) -> Finding:
    return says(watched.rejects < MOST_REJECTS, str(watched.rejects), f"below {MOST_REJECTS}")


def _unknown(watched: Watched, limits: Limits) -> Finding:
    old = rules_pace.long_unknown(watched.exposure)
    return says(old < MOST_UNKNOWN, str(old), f"below {MOST_UNKNOWN}")


def _short(watched: Watched, limits: Limits) -> Finding:
    return says(not watched.short, ", ".join(watched.short) or "none", "none")


_D = Limits()

GUARDS: tuple[Guard, ...] = (
    Guard(
        name="MAX_DAILY_LOSS",
        meaning="Loss since the last close, as a fraction of desk capital",
        default=str(_D.max_daily_loss),
        level=HaltLevel.PAUSE_ENTRIES,
        source="R16",
        look=_daily_loss,
    ),
    Guard(
        name="MAX_DRAWDOWN",
        meaning="Below the desk's highest worth, as a fraction of it",
        default=str(_D.max_drawdown),
        level=HaltLevel.REDUCE_ONLY,
        source="R17, T-50",
        look=_drawdown,
    ),
    Guard(
        name="REJECT_STREAK",
        meaning="Orders refused by the broker within ten minutes",
        default=str(MOST_REJECTS),
        level=HaltLevel.REDUCE_ONLY,
        source="R1, §4.4 28",
        look=_rejects,
    ),
    Guard(
        name="UNKNOWN_OUTSTANDING",
        meaning="Orders of unknown fate for five minutes",
        default=str(MOST_UNKNOWN),
        level=HaltLevel.REDUCE_ONLY,
        source="R1, R25",
        look=_unknown,
    ),
    Guard(
        name="SHORT_POSITION",
        meaning="The desk's own executions add up to less than no shares",
        default="none",
        level=HaltLevel.HALT,
        source="T-36",
        look=_short,
        integrity=True,
    ),
)


def states(watched: Watched, limits: Limits) -> tuple[State, ...]:
    """Every guard, in the order of the table."""
    sound = Watched(
        exposure=soundness.exposure(watched.exposure), rejects=watched.rejects, short=watched.short
    )
    told = soundness.limits(limits)
    return tuple(State(guard=guard, finding=guard.look(sound, told)) for guard in GUARDS)
