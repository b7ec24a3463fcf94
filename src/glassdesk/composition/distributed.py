"""What a worker is made of whose dealer is another process: reads through the gate, runs rung for through a
queue."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from glassdesk.adapters.ibkr.callbook import CallBook
from glassdesk.adapters.ibkr.calls import serving
from glassdesk.adapters.jobs import CeleryBell, CeleryListener, celery_app
from glassdesk.composition.ground import Ground
from glassdesk.composition.pipelines import build_parts, open_jobs
from glassdesk.composition.reading import broker_reads, login_url
from glassdesk.composition.services import MarketReads, build_desk
from glassdesk.desk import Desk
from glassdesk.kernel.errors import LeaseLost
from glassdesk.kernel.jobs import Bell
from glassdesk.workflow.runs.parts import Parts
from glassdesk.workflow.runs.pipeline import Pipeline

STEP_SECONDS = 120.0
"""Machine seconds a leaving worker waits for the step it is at: a model's 60 s, one retry of 45 s, and the
commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """A worker's desk, what its pipeline calls, and the threads that execute runs."""

    desk: Desk
    parts: Parts
    start: Callable[[], None]
    leave: Callable[[], None]
    """Take no more runs, finish the steps at hand, put their runs down. Harmless when called again."""


class Leave:
    """Ends runs between two steps once it is taken; what they committed is kept for whoever goes on."""

    def __init__(self, ground: Ground, owner: str) -> None:
        self._ground = ground
        self._owner = owner
        self._taken = threading.Event()

    def take(self) -> None:
        """From now on no step is begun."""
        self._taken.set()

    @property
    def taken(self) -> bool:
        """True from then on."""
        return self._taken.is_set()

    @contextmanager
    def purpose(self, text: str) -> Iterator[None]:
        """The purpose of a step's calls, `run:<id>:<step>`. Raises `LeaseLost` where no step is to begin."""
        if self.taken:
            self._put_down(text.split(":")[1])
            raise LeaseLost("this worker leaves", remedy="another one goes on with the run")
        with serving(text):
            yield

    def _put_down(self, run: str) -> None:
        """End the claim now instead of when it would have run out: the next sweep rings again."""
        stores = self._ground.stores
        with suppress(LeaseLost), stores.transactions.begin() as t:
            held = stores.runs.run(t, run)
            if held is not None and held.lease_owner == self._owner:
                stores.runs.renew(t, held, until=self._ground.clock.now())


@contextmanager
def open_hands(ground: Ground, owner: str) -> Iterator[Hands]:
    """Open them, and close them at the end; nothing is executed before `start`. Raises `InvalidInput`."""
    leave = Leave(ground, owner)
    with ExitStack() as opened:
        reads = opened.enter_context(broker_reads(ground))
        if urlsplit(ground.settings.jobs_url).scheme == "redis":
            yield _on_queue(ground, reads, leave, owner, opened)
        else:
            yield _on_threads(ground, reads, leave, owner)


def _on_queue(ground: Ground, reads: MarketReads, leave: Leave, owner: str, opened: ExitStack) -> Hands:
    url = ground.settings.jobs_url
    bell = CeleryBell(celery_app(url))
    opened.callback(bell.close)
    desk, parts = _made(ground, reads, leave, bell, owner)
    pipeline = Pipeline(parts)

    def execute(run: str) -> None:
        # a message that came too late is forgotten: the run stands in the database
        if not leave.taken:
            pipeline.execute(run)

    listener = CeleryListener(celery_app(url, execute), threads=ground.settings.workers)
    return _hands(desk, parts, leave, listener.start, listener.close)


def _on_threads(ground: Ground, reads: MarketReads, leave: Leave, owner: str) -> Hands:
    desks: list[Desk] = []

    def parts_with(bell: Bell) -> Parts:
        desk, parts = _made(ground, reads, leave, bell, owner)
        desks.append(desk)
        return parts

    parts, jobs = open_jobs(parts_with, ground.settings.workers)
    return _hands(desks[0], parts, leave, lambda: None, jobs.close)


def _made(ground: Ground, reads: MarketReads, leave: Leave, bell: Bell, owner: str) -> tuple[Desk, Parts]:
    desk = build_desk(ground, reads, bell, login_url(ground))
    # the dealer's process records what goes through its gate and files it; nothing is ever in this book
    parts = build_parts(ground, desk, bell, CallBook(), owner)
    return desk, replace(parts, purpose=leave.purpose)


def _hands(
    desk: Desk, parts: Parts, leave: Leave, start: Callable[[], None], close: Callable[[float], None]
) -> Hands:
    def go() -> None:
        leave.take()
        close(STEP_SECONDS)

    return Hands(desk=desk, parts=parts, start=start, leave=go)
