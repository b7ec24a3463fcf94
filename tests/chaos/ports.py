"""Ports of one role instance, wrapped: each call is numbered, and before and after each the process may die
or pause. A dead instance's ports have no effect, so its `finally` blocks have none either."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Protocol, TypeVar, cast

from glassdesk.kernel.unit_of_work import Transaction, Transactions
from tests.chaos.history.journal import Journal
from tests.chaos.scheduler import NO_TIME, Killed, Scheduler, Task, Trace

Port = TypeVar("Port")
Value = TypeVar("Value")
FOREVER = timedelta(days=3650)


class Plan(Protocol):
    """Who dies and who pauses, and where. `number` counts the points of a role over all its instances."""

    def dies(self, role: str, number: int, step: str) -> bool:
        """The process ends at this point."""
        ...

    def pause(self, role: str, number: int, step: str) -> timedelta:
        """How long it is not scheduled here; asked outside of transactions only."""
        ...


class NoFaults:
    """Nobody dies."""

    def dies(self, role: str, number: int, step: str) -> bool:
        return False

    def pause(self, role: str, number: int, step: str) -> timedelta:
        return NO_TIME


@dataclass(slots=True)
class Crash:
    """A death of an instance."""

    role: str
    number: int
    step: str
    at: datetime


@dataclass(slots=True)
class Role:
    """A kind of process. `build` opens it over its instance's ports and answers its loop; both run inside the
    greenlet, so that opening has crash points as well."""

    name: str
    build: Callable[[Instance], Callable[[], None]]
    back_after: Callable[[], timedelta] = lambda: timedelta(seconds=5)
    points: int = 0
    lives: int = 0


class Instance:
    """One life of a role."""

    def __init__(self, role: Role, stage: Stage) -> None:
        role.lives += 1
        self.role = role
        self.name = f"{role.name}.{role.lives}"
        self.stage = stage
        self.alive = True
        self.inside = False
        """A transaction is open: it may die, and nobody else may run."""
        self.hears = False
        """It waits for an event as well as for an instant."""

    def point(self, step: str) -> None:
        """A place between two effects. Raises `Killed`."""
        if not self.alive:
            raise Killed(self.name)
        role, stage = self.role, self.stage
        role.points += 1
        stage.trace.add(stage.scheduler.now, self.name, step)
        if stage.plan.dies(role.name, role.points, step):
            self.die(step)
        if not self.inside:
            span = stage.plan.pause(role.name, role.points, step)
            if span and stage.journal is not None:
                stage.journal.pauses.append((stage.scheduler.now, self.name))
            self.give_way(span)

    def give_way(self, span: timedelta) -> None:
        """Others may run. Raises `Killed` where this life ended meanwhile."""
        if span or self.stage.scheduler.somebody_is_due():
            self.stage.scheduler.sleep(span)
        if not self.alive:
            raise Killed(self.name)

    def die(self, step: str) -> None:
        """Raises `Killed`."""
        self.alive = False
        stage = self.stage
        stage.crashes.append(Crash(self.role.name, self.role.points, step, stage.scheduler.now))
        if stage.journal is not None:
            stage.journal.crash(at=stage.scheduler.now, instance=self.name, where=step)
        stage.trace.add(stage.scheduler.now, self.name, "dies")
        raise Killed(self.name)

    def call(self, step: str, deed: Callable[..., Value], *args: Any, **words: Any) -> Value:
        """One port call between its two points."""
        self.point(f"{step}<")
        try:
            answer = deed(*args, **words)
        except Exception:
            self.point(f"{step}!")
            raise
        self.point(f"{step}>")
        return answer

    def port(self, inner: Port, name: str) -> Port:
        """The same port with points around every method. What is no method is passed through."""
        return cast("Port", _Wrapped(inner, self, name))

    def transactions(self, inner: Transactions) -> Transactions:
        """Units of work: points around begin and commit, a rollback where the process dies inside."""
        return _Transactions(inner, self)

    def clock(self) -> InstanceClock:
        """Market time of this instance."""
        return InstanceClock(self)

    def stopwatch(self) -> InstanceStopwatch:
        """Machine time of this instance: pauses pass in virtual time."""
        return InstanceStopwatch(self)


class _Wrapped:
    """Every public method is one port call."""

    def __init__(self, inner: Any, instance: Instance, name: str) -> None:
        self._inner, self._instance, self._name = inner, instance, name

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found
        step, instance = f"{self._name}.{name}", self._instance

        def call(*args: Any, **words: Any) -> Any:
            return instance.call(step, found, *args, **words)

        self.__dict__[name] = call
        return call


def noting(inner: Port, name: str, me: Instance) -> Port:
    """The same port, each call of this instance in the journal with how it ended: the checkers count who
    attends, and what a verdict rests on, by what was read."""
    return cast("Port", _Noting(inner, name, me))


class _Noting:
    def __init__(self, inner: Any, name: str, me: Instance) -> None:
        self._inner, self._name, self._me = inner, name, me

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found
        call = self._noting(f"{self._name}.{name}", found)
        self.__dict__[name] = call
        return call

    def _noting(self, name: str, deed: Callable[..., Any]) -> Callable[..., Any]:
        me, journal, scheduler = self._me, self._me.stage.journal, self._me.stage.scheduler
        assert journal is not None, "a world whose calls are noted has a journal"

        def call(*args: Any, **words: Any) -> Any:
            noted = journal.call(at=scheduler.now, instance=me.name, number=me.role.points, name=name)
            try:
                answer = deed(*args, **words)
            except Exception as failure:
                noted.failed, noted.ended = type(failure).__name__, scheduler.now
                raise
            noted.ended = scheduler.now
            return answer

        return call


class _Transactions:
    def __init__(self, inner: Transactions, instance: Instance) -> None:
        self._inner = inner
        self._instance = instance

    def begin(self) -> AbstractContextManager[Transaction]:
        return _Opened(self._inner.begin, self._instance, _WRITING)

    def read(self) -> AbstractContextManager[Transaction]:
        return _Opened(self._inner.read, self._instance, _READING)


_WRITING = ("begin<", "begin>", "commit<", "commit>")
_READING = ("read<", "read>", "end<", "end>")


class _Opened(AbstractContextManager[Transaction]):
    """A unit of work with its four points: before and after it opens, before and after it ends."""

    def __init__(
        self,
        opens: Callable[[], AbstractContextManager[Transaction]],
        instance: Instance,
        points: tuple[str, str, str, str],
    ) -> None:
        self._opens = opens
        self._instance = instance
        self._points = points

    def __enter__(self) -> Transaction:
        me, points = self._instance, self._points
        me.point(points[0])
        self._inner = self._opens()
        t = self._inner.__enter__()
        me.inside = True
        try:
            me.point(points[1])
        except BaseException:
            self._end(*sys.exc_info())
            raise
        return t

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        me, points = self._instance, self._points
        if raised is not None:
            return self._end(kind, raised, trace)
        try:
            me.point(points[2])
        except BaseException:
            self._end(*sys.exc_info())
            raise
        self._end(None, None, None)
        me.point(points[3])
        return None

    def _end(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        self._instance.inside = False
        return self._inner.__exit__(kind, raised, trace)


class InstanceClock:
    """`Clock` over the scheduler's time."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self.wakes_on_events = instance.stage.wakes_on_events

    def now(self) -> datetime:
        return self._instance.stage.scheduler.now

    def wait_until(self, instant: datetime | None, *, on_event: bool = False) -> None:
        me = self._instance
        me.point("wait<")
        scheduler = me.stage.scheduler
        due = scheduler.now + FOREVER if instant is None else instant
        me.hears = on_event and self.wakes_on_events
        me.give_way(max(due - scheduler.now, NO_TIME))
        me.hears = False
        me.point("wait>")

    def working(self, name: str, role: str) -> AbstractContextManager[None]:
        return nullcontext()

    def stop(self) -> None:
        """Lives end by dying."""


class InstanceStopwatch:
    """`Stopwatch` over the scheduler's time."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._began = instance.stage.scheduler.now

    def seconds(self) -> float:
        return (self._instance.stage.scheduler.now - self._began).total_seconds()

    def pause(self, seconds: float) -> None:
        self._instance.give_way(timedelta(seconds=seconds))


@dataclass(slots=True)
class Stage:
    """Where roles live, die and come back."""

    scheduler: Scheduler
    plan: Plan = field(default_factory=NoFaults)
    trace: Trace = field(default_factory=Trace)
    crashes: list[Crash] = field(default_factory=list)
    accidents: list[tuple[str, BaseException]] = field(default_factory=list)
    """(instance, what it raised): ends that nobody planned. Each is a finding."""
    journal: Journal | None = None
    """Where deaths are noted for the checker of the history."""
    wakes_on_events: bool = False
    """Of clocks of lives that begin from now on: they wake where something happens, as in simulated time."""
    _lives: list[tuple[Instance, Task]] = field(default_factory=list)

    def enter(self, role: Role, *, after: timedelta = NO_TIME) -> None:
        """A life of the role begins; when it ends by death or accident, another follows."""
        instance = Instance(role, self)

        def life() -> None:
            role.build(instance)()

        def over(end: BaseException | None) -> None:
            instance.alive = False
            if end is not None:
                if not isinstance(end, Killed):
                    self.accidents.append((instance.name, end))
                self.enter(role, after=role.back_after())

        self._lives = [(one, task) for one, task in self._lives if one.alive]
        self._lives.append((instance, self.scheduler.spawn(life, over, after=after)))

    def happened(self) -> None:
        """Something happened that whoever waits for events wakes for."""
        for instance, task in self._lives:
            if instance.alive and instance.hears:
                task.resume_at(self.scheduler.now)

    def kill_all(self, *, for_good: Collection[str] = ()) -> None:
        """Every process dies where it stands, and comes back, but for the roles that are gone for good."""
        for instance, task in list(self._lives):
            if instance.alive:
                instance.alive = False
                task.end()
                if instance.role.name not in for_good:
                    self.enter(instance.role)

    def close(self) -> None:
        """Unwind every life that goes on."""
        for instance, task in self._lives:
            instance.alive = False
            task.end()
        self._lives.clear()
