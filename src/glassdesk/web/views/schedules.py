"""The page Schedules: a month of past and coming slots, what is next and in its way, what was lost and
why."""

from __future__ import annotations

from calendar import Calendar
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from glassdesk.desk import Desk
from glassdesk.kernel.errors import InvalidInput
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.contracts.model import Hours
from glassdesk.workflow.schedules.model import Cause, Outcome, Pause, SlotState
from glassdesk.workflow.schedules.preflight import Obstacle
from glassdesk.workflow.schedules.service import Due
from glassdesk.workflow.schedules.service_level import ServiceLevel
from glassdesk.workflow.strategies.model import StrategyRow

EXCHANGE = "XNYS"
SHOWN = 200
NEXT = 10
MOST_OF_A_MONTH = 5_000
_NOT_LOST = (SlotState.HOLIDAY, SlotState.PAUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One date of the grid, on the exchange's clock."""

    date: date
    of_month: bool
    hours: Hours | None
    counts: Mapping[str, int] = field(default_factory=dict)
    """How many slots decided, are lost, paused, closed, coming or under way; none of them is left out."""

    @property
    def marks(self) -> list[tuple[str, str]]:
        """Tone and words of each count."""
        return [(_TONES[what], f"{number} {what}") for what, number in self.counts.items()]


_TONES = {
    "decided": "ok",
    "lost": "bad",
    "under way": "busy",
    "paused": "warn",
    "closed": "quiet",
    "coming": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """A slot that is due, and what stands in its way."""

    due: Due
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A slot that was due, and whose it is that it was lost; `None` where it was not."""

    outcome: Outcome
    cause: Cause | None
    became: str

    @property
    def why(self) -> str:
        """Its reason, or that of the first run that failed."""
        slot = self.outcome.slot
        lost = [run.reason for run in self.outcome.runs if run.reason] if self.cause is not None else []
        return slot.reason or next(iter(lost), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All of it."""

    month: date
    weeks: Sequence[Sequence[Day]]
    coming: Sequence[Coming]
    past: Sequence[Past]
    level: ServiceLevel
    rows: Sequence[StrategyRow]
    pauses: Mapping[str, Pause]

    @property
    def before(self) -> str:
        """The month before, as the address has it."""
        return f"{self.month - timedelta(days=1):%Y-%m}"

    @property
    def after(self) -> str:
        """The month after."""
        return f"{self.month + timedelta(days=32):%Y-%m}"


def page_of(desk: Desk, t: Transaction, now: datetime, zone: ZoneInfo, *, strategy: str, month: str) -> Page:
    """Gather the page as of `now`; `month` is `2012-10`, empty for the present one. Raises `InvalidInput`."""
    first = _first_of(month, now.astimezone(zone).date())
    schedules = desk.schedules
    coming = schedules.next(t, now, NEXT)
    outcomes = schedules.outcomes(t, strategy=strategy or None, limit=SHOWN)
    return Page(
        month=first,
        weeks=_weeks(desk, t, now, zone, first, strategy),
        coming=[Coming(due=one, obstacles=desk.preflight.obstacles(t, one)) for one in coming],
        past=[_past(desk, t, one) for one in outcomes],
        level=schedules.service_level(t, now),
        rows=desk.strategies.list(t),
        pauses=schedules.paused(t),
    )


def _past(desk: Desk, t: Transaction, outcome: Outcome) -> Past:
    cause, became = desk.schedules.cause(t, outcome), _kind(desk, t, outcome)
    return Past(outcome=outcome, cause=cause, became=became)


def _first_of(month: str, today: date) -> date:
    try:
        return date.fromisoformat(f"{month}-01") if month else today.replace(day=1)
    except ValueError as failure:
        raise InvalidInput(f"{month!r} is no month", where="month", remedy="e.g. 2012-10") from failure


def _weeks(
    desk: Desk, t: Transaction, now: datetime, zone: ZoneInfo, first: date, strategy: str
) -> list[list[Day]]:
    dates = Calendar().monthdatescalendar(first.year, first.month)
    begins, ends = (_midnight(one, zone) for one in (dates[0][0], dates[-1][-1] + timedelta(days=1)))
    counts: dict[date, Counter[str]] = {}
    past = desk.schedules.outcomes(
        t, strategy=strategy or None, since=begins, until=ends, limit=MOST_OF_A_MONTH
    )
    for one in past:
        day = one.slot.instant.astimezone(zone).date()
        counts.setdefault(day, Counter())[_kind(desk, t, one)] += 1
    for due in desk.schedules.next(t, now, MOST_OF_A_MONTH) if ends > now else ():
        if due.instant < ends and strategy in ("", due.strategy):
            counts.setdefault(due.instant.astimezone(zone).date(), Counter())["coming"] += 1
    sessions = {one.session: one for one in desk.contracts.sessions(EXCHANGE, dates[0][0], dates[-1][-1])}
    return [
        [
            Day(
                date=day,
                of_month=day.month == first.month,
                hours=sessions.get(day),
                counts={what: number for what in _TONES if (number := counts.get(day, Counter())[what])},
            )
            for day in week
        ]
        for week in dates
    ]


def _kind(desk: Desk, t: Transaction, outcome: Outcome) -> str:
    """The word under which a slot is counted."""
    slot = outcome.slot
    if slot.state in _NOT_LOST and not slot.reason.startswith("BREAKER"):
        return "closed" if slot.state is SlotState.HOLIDAY else "paused"
    if slot.state is SlotState.RUN and any(not run.state.final for run in outcome.runs):
        return "under way"
    return "decided" if desk.schedules.cause(t, outcome) is None else "lost"


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
