"""The whole desk's own ports: a wire that may die, a clock that events wake, calls noted in the journal."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import httpx2

from glassdesk.kernel.errors import Unavailable
from glassdesk.workflow.notifications.model import Message
from ibkr_simulator.web_api.pipeline import serve_api
from tests.chaos.ports import Instance, noting
from tests.chaos.scheduler import Scheduler
from tests.faults.market import TIMEOUT_SECONDS, Cut, simulated

if TYPE_CHECKING:
    from tests.chaos.desk.world import DeskWorld

Port = TypeVar("Port")
FOREVER = timedelta(days=3650)


class DeskWire(httpx2.BaseTransport):
    """Carries the requests of one instance to the world. The process may die before and after each; nobody
    else runs meanwhile, because the gate holds its locks."""

    def __init__(self, me: Instance, world: DeskWorld) -> None:
        self._me = me
        self._world = world

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        request.read()
        asked = simulated(request)
        name = f"wire {asked.method} {_shape(asked.path)}"
        self._point(f"{name}<")
        self._world.witness.asked(asked, self._me.name)
        answer = serve_api(self._world.broker, asked)
        self._world.witness.answered(asked, answer)
        self._point(f"{name}>")
        if answer.stall >= TIMEOUT_SECONDS:
            raise httpx2.ReadTimeout("the read operation timed out")
        if answer.cut == "at once":
            raise httpx2.RemoteProtocolError("Server disconnected without sending a response.")
        if answer.cut:
            return httpx2.Response(answer.status, stream=Cut(answer.content()))
        return httpx2.Response(answer.status, content=answer.content(), headers={"content-type": answer.kind})

    def _point(self, step: str) -> None:
        me, before = self._me, self._me.inside
        me.inside = True
        try:
            me.point(step)
        finally:
            me.inside = before


def _shape(path: str) -> str:
    """The path without what differs between orders."""
    parts = ["*" if any(sign.isdigit() for sign in part) else part for part in path.strip("/").split("/")]
    return "/".join(parts)


class DeskClock:
    """`Clock` of one instance over the world's time: it stands while anyone works, and events wake."""

    wakes_on_events = True

    def __init__(self, me: Instance, world: DeskWorld) -> None:
        self._me = me
        self._world = world

    def now(self) -> datetime:
        return self._world.scheduler.now

    def wait_until(self, instant: datetime | None, *, on_event: bool = False) -> None:
        self._me.point("wait<")
        self._world.rest(instant, on_event=on_event or instant is None)
        self._me.point("wait>")

    def working(self, name: str, role: str) -> AbstractContextManager[None]:
        return nullcontext()

    def stop(self) -> None:
        """Lives end by dying."""


class PersonClock:
    """`Clock` of somebody who looks and never waits."""

    wakes_on_events = True

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    def now(self) -> datetime:
        return self._scheduler.now

    def wait_until(self, instant: datetime | None, *, on_event: bool = False) -> None:
        raise Unavailable("a person does not wait here", where="clock")

    def working(self, name: str, role: str) -> AbstractContextManager[None]:
        return nullcontext()

    def stop(self) -> None:
        """Nobody waits."""


def noted(port: Port, name: str, me: Instance) -> Port:
    """A port of one instance: its calls are crash points and stand in the journal."""
    return me.port(noting(port, name, me), name)


class DeskBell:
    """Rings for whoever executes runs: it wakes as by any event."""

    def __init__(self, world: DeskWorld) -> None:
        self._world = world

    def ring(self, run: str) -> None:
        """A run waits."""
        self._world.poke()


class DeskChannel:
    """A channel that takes everything, and notes it."""

    name = "chaos"

    def __init__(self, world: DeskWorld) -> None:
        self._world = world

    def check(self) -> None:
        """Nothing is wrong with its address."""

    def send(self, message: Message) -> None:
        """Deliver."""
        for key in message.keys:
            self._world.journal.deliver(at=self._world.scheduler.now, key=key)
