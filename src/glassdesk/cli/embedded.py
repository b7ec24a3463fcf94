"""All three roles in one process: worker threads, a ticker, a dealer, their gate (`glassdesk up`, `demo`)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from glassdesk.composition.brokerage import open_brokerage, role_lock
from glassdesk.composition.ground import Ground, open_ground, process_name
from glassdesk.composition.pipelines import build_parts, open_jobs
from glassdesk.composition.reading import login_url
from glassdesk.composition.services import build_desk
from glassdesk.composition.trading import build_dealer
from glassdesk.dealer import DealerRole
from glassdesk.desk import Desk
from glassdesk.kernel.jobs import Bell
from glassdesk.settings import Settings
from glassdesk.worker import Worker, build_worker
from glassdesk.workflow.runs.parts import Parts

END_SECONDS = 15.0
"""Machine seconds that a role has to end its turn."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """The roles of one process. `start()` sets them going."""

    ground: Ground
    desk: Desk
    parts: Parts
    worker: Worker
    dealer: DealerRole
    start: Callable[[], None]
    failures: list[BaseException]
    """What ended a role that should not have ended; the process is to stop then."""


@contextmanager
def open_embedded(settings: Settings) -> Iterator[Embedded]:
    """Open everything, hold the role lock, stop and close at the end. Raises `Conflict` when another process
    holds the roles of this home."""
    with ExitStack() as opened:
        opened.enter_context(role_lock(settings.home))
        ground = opened.enter_context(open_ground(settings))
        brokerage = opened.enter_context(open_brokerage(ground))
        owner = process_name("up")
        desks: list[Desk] = []

        def parts_with(bell: Bell) -> Parts:
            desks.append(build_desk(ground, brokerage.broker, bell, login_url(ground)))
            return build_parts(ground, desks[0], bell, brokerage.book, owner)

        parts, jobs = open_jobs(parts_with, ground.settings.workers)
        opened.callback(jobs.close, END_SECONDS)
        worker = build_worker(ground, desks[0], parts, owner)
        dealer = DealerRole(
            name=f"{owner}-dealer",
            clock=ground.clock,
            stopwatch=ground.stopwatch,
            dealer=build_dealer(ground, desks[0], brokerage, owner),
        )
        with ground.stores.transactions.begin() as t:
            # Strategies name a prompt: a new home has the packaged ones.
            desks[0].prompts.seed(t)
        roles = _Roles(ground, {"worker": worker.loop, "dealer": dealer.loop})
        opened.callback(roles.stop, worker.stop, dealer.stop)
        yield Embedded(
            ground=ground,
            desk=desks[0],
            parts=parts,
            worker=worker,
            dealer=dealer,
            start=roles.start,
            failures=roles.failures,
        )


class _Roles:
    """The threads of the roles."""

    def __init__(self, ground: Ground, loops: dict[str, Callable[[], None]]) -> None:
        self._ground = ground
        self.failures: list[BaseException] = []
        self._threads = [
            threading.Thread(target=self._guarded, args=(loop,), name=name, daemon=True)
            for name, loop in loops.items()
        ]

    def start(self) -> None:
        """Begin. Whoever held leases of this home before is dead: the role lock says so."""
        with self._ground.stores.transactions.begin() as t:
            self._ground.stores.leases.void_all(t, now=self._ground.clock.now())
        for thread in self._threads:
            thread.start()

    def stop(self, *stops: Callable[[], None]) -> None:
        """Let every role end its turn."""
        for stop in stops:
            stop()
        self._ground.clock.stop()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(timeout=END_SECONDS)

    def _guarded(self, loop: Callable[[], None]) -> None:
        try:
            loop()
        except Exception as failure:  # noqa: BLE001 - see below
            # A desk with half of its roles would look alive and trade on nothing: stop it all and say so.
            _log.exception("a role ended")
            self.failures.append(failure)
            self._ground.clock.stop()
