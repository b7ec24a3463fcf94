"""What goes wrong, drawn from a seed before anything runs, and what the definition says must come of it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
BEGINS = date(2012, 10, 15)
CLOSED = {date(2012, 10, 29), date(2012, 10, 30), date(2012, 11, 22)}
"""Hurricane Sandy, and Thanksgiving."""
EARLY = {date(2012, 11, 23)}
SIGNS_IN = time(8, 30)
DEADLINE = timedelta(hours=2)
ENOUGH = timedelta(minutes=2)
"""A window so long in which desk and session are there is enough to decide; a shorter one may be."""
Span = tuple[datetime, datetime]


def at(day: date, clock: time) -> datetime:
    """An instant on New York's clock."""
    return datetime.combine(day, clock, tzinfo=NEW_YORK).astimezone(UTC)


@dataclass(frozen=True, kw_only=True)
class Expected:
    """A slot as the definition has it. `until`: the last instant at which it may begin."""

    strategy: str
    instant: datetime
    closed: bool
    until: datetime


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Days of people and machines."""

    days: Sequence[date]
    signed_in: Sequence[Span]
    """When the session is ready."""
    up: Sequence[Span]
    """When the desk runs."""
    commits: Sequence[int]
    """After how many commits more it dies, by death."""

    @property
    def ends(self) -> datetime:
        """The midnight after the last day."""
        return at(self.days[-1] + timedelta(days=1), time())

    def possible(self, one: Expected) -> timedelta:
        """The longest time at a stretch in which the slot could have been decided: 0 for one instant, less
        than that where there was none."""
        found = [
            min(here[1], there[1], one.until) - max(here[0], there[0], one.instant)
            for here in self.up
            for there in self.signed_in
        ]
        return max(found, default=-DEADLINE)

    def asleep(self, one: Expected) -> bool:
        """The desk was down all the while in which the slot could begin."""
        return all(min(end, one.until) <= max(begin, one.instant) for begin, end in self.up)

    def could_warn(self, one: Expected, lead: timedelta) -> bool:
        """The desk ran for a minute between midnight and the last call."""
        midnight = at(one.instant.astimezone(NEW_YORK).date(), time())
        last = one.instant - lead
        return any(min(end, last) - max(begin, midnight) >= ENOUGH for begin, end in self.up)


def drawn(seed: int, count: int) -> Plan:
    """So many trading days: one of ten with a person 30 to 240 minutes late, one of twenty with none; the
    desk dies about once a day, and one death of ten is a sleep of hours."""
    dice = random.Random(seed)
    days = _days(count)
    signed_in = list(_signed_in(dice, days))
    up, commits, begins = list[Span](), list[int](), at(days[0], time())
    for day in days:
        for dies, back in _deaths(dice, day):
            up.append((begins, dies))
            commits.append(dice.randrange(40))
            begins = back
    up.append((begins, at(days[-1] + timedelta(days=1), time())))
    return Plan(days=days, signed_in=signed_in, up=up, commits=commits)


def _days(count: int) -> list[date]:
    """Calendar days until so many of them were trading days."""
    days, trading, day = list[date](), 0, BEGINS
    while trading < count:
        days.append(day)
        trading += trades(day)
        day += timedelta(days=1)
    return days


def trades(day: date) -> bool:
    """New York's exchange has a session."""
    return day.weekday() < 5 and day not in CLOSED


def _signed_in(dice: random.Random, days: Sequence[date]) -> Iterator[Span]:
    for day in days:
        late = timedelta(minutes=dice.randint(30, 240)) if dice.random() < 0.1 else timedelta(0)
        if dice.random() >= 0.05:
            yield at(day, SIGNS_IN) + late, at(day + timedelta(days=1), time())


def _deaths(dice: random.Random, day: date) -> list[Span]:
    minutes = sorted(dice.sample(range(6 * 60, 17 * 60), dice.choice((0, 1, 1, 2))))
    found, free = list[Span](), at(day, time())
    for minute in minutes:
        dies = at(day, time(minute // 60, minute % 60)) + timedelta(seconds=dice.randrange(60))
        long = dice.random() < 0.1
        down = timedelta(minutes=dice.randint(90, 240)) if long else timedelta(seconds=dice.randint(5, 240))
        if dies > free:
            found.append((dies, dies + down))
            free = dies + down
    return found


def expected(plan: Plan) -> list[Expected]:
    """Every instant of the three strategies, from the definition and a calendar of our own."""
    found: list[Expected] = []
    for name, instants in (("daily", _nine), ("before-close", _before_close), ("hourly", _hourly)):
        due = [(instant, trades(day)) for day in plan.days for instant in instants(day)]
        following = [instant for instant, _ in due[1:]] + [plan.ends]
        for (instant, open_), then in zip(due, following, strict=True):
            until = min(instant + DEADLINE, then, plan.ends)
            found.append(Expected(strategy=name, instant=instant, closed=not open_, until=until))
    return found


def _nine(day: date) -> list[datetime]:
    """`0 9 * * 1-5`."""
    return [at(day, time(9))] if day.weekday() < 5 else []


def _before_close(day: date) -> list[datetime]:
    return [_close(day) - timedelta(minutes=15)] if trades(day) else []


def _hourly(day: date) -> list[datetime]:
    begins = at(day, time(9, 30))
    hours = [begins + timedelta(hours=number) for number in range(1, 7)]
    return [hour for hour in hours if hour < _close(day)] if trades(day) else []


def _close(day: date) -> datetime:
    return at(day, time(13) if day in EARLY else time(16))
