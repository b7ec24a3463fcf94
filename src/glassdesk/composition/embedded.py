"""All three roles in one process: worker threads, a ticker, a dealer, their gate (`glassdesk up`, `demo`)."""

from __future__ import annotations

import fcntl
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from glassdesk.adapters.ibkr import Broker, connect
from glassdesk.adapters.ibkr.callbook import CallBook
from glassdesk.adapters.ibkr.calls import serving
from glassdesk.adapters.ibkr.gate_server import GateServer
from glassdesk.adapters.jobs import InlineJobs
from glassdesk.adapters.llm import analyst_for
from glassdesk.composition.ground import Ground, open_ground, process_name
from glassdesk.composition.pipelines import build_parts, build_worker
from glassdesk.composition.reading import login_url
from glassdesk.composition.services import build_desk
from glassdesk.composition.trading import build_dealer
from glassdesk.dealer import DealerRole
from glassdesk.desk import Desk
from glassdesk.kernel.errors import Conflict, InvalidInput
from glassdesk.settings import Settings
from glassdesk.worker import Worker
from glassdesk.workflow.runs.pipeline import Pipeline
from glassdesk.workflow.signals.ports import Analyst

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """The running roles of one process."""

    ground: Ground
    desk: Desk
    worker: Worker
    dealer: DealerRole
    start: Callable[[], None]
    failures: list[BaseException]
    """What ended a role that should not have ended; the process is to stop then."""


@contextmanager
def open_embedded(settings: Settings) -> Iterator[Embedded]:
    """Open everything, hold the role lock, stop and close at the end; `start()` sets the roles going. Raises
    `Conflict` when another process holds the roles of this home."""
    with ExitStack() as opened:
        opened.enter_context(role_lock(settings.home))
        ground = opened.enter_context(open_ground(settings))
        book = CallBook()
        broker = connect_broker(ground, book)
        opened.callback(broker.close)
        opened.enter_context(gate(ground, broker))
        yield _assemble(ground, broker, book, opened)


def _assemble(ground: Ground, broker: Broker, book: CallBook, opened: ExitStack) -> Embedded:
    bells: list[InlineJobs] = []
    bell = _Later(bells)
    desk = build_desk(ground, broker, bell, login_url(ground))
    owner = process_name("up")
    parts = build_parts(ground, desk, _analyst(ground), bell, book, serving, owner)
    jobs = InlineJobs(Pipeline(parts).execute, threads=ground.settings.workers)
    bells.append(jobs)
    worker = build_worker(ground, desk, parts, owner)
    dealer = build_dealer(ground, desk, broker, book, owner)
    failures: list[BaseException] = []
    threads = [
        threading.Thread(target=_guarded(worker.loop, ground, failures), name="worker", daemon=True),
        threading.Thread(target=_guarded(dealer.loop, ground, failures), name="dealer", daemon=True),
    ]
    opened.callback(_stop, ground, worker, dealer, threads, jobs)

    def start() -> None:
        with ground.stores.transactions.begin() as t:
            ground.stores.leases.void_all(t, now=ground.clock.now())
        for thread in threads:
            thread.start()

    return Embedded(ground=ground, desk=desk, worker=worker, dealer=dealer, start=start, failures=failures)


def _guarded(loop: Callable[[], None], ground: Ground, failures: list[BaseException]) -> Callable[[], None]:
    def run() -> None:
        try:
            loop()
        except BaseException as failure:
            # A desk with half of its roles would look alive and trade on nothing: stop it all and say so.
            _log.exception("a role ended")
            failures.append(failure)
            ground.clock.stop()

    return run


class _Later:
    """A bell whose jobs are made after it: jobs call the pipeline, the pipeline rings the bell."""

    def __init__(self, jobs: list[InlineJobs]) -> None:
        self._jobs = jobs

    def ring(self, run: str) -> None:
        self._jobs[0].ring(run)


def _analyst(ground: Ground) -> Analyst:
    key = ground.settings.model_key
    return analyst_for(ground.settings.model_url, key=key.get_secret_value() if key else None)


def _stop(
    ground: Ground, worker: Worker, dealer: DealerRole, threads: list[threading.Thread], jobs: InlineJobs
) -> None:
    worker.stop()
    dealer.stop()
    ground.clock.stop()
    for thread in threads:
        if thread.ident is not None:
            thread.join(timeout=15)
    jobs.close(timeout=15)


@contextmanager
def gate(ground: Ground, broker: Broker) -> Iterator[GateServer]:
    """Serve the gate's reads to other processes, announced in `<home>/gate.json`."""
    settings = ground.settings
    secret = settings.gate_token.get_secret_value() if settings.gate_token else None
    server = GateServer(broker.gate, secret=secret, host=settings.gate_host, port=settings.gate_port)
    server.start()
    server.announce(settings.home / "gate.json")
    try:
        yield server
    finally:
        server.stop()
        (settings.home / "gate.json").unlink(missing_ok=True)


def connect_broker(ground: Ground, book: CallBook) -> Broker:
    """The broker behind the settings' URL. Raises `InvalidInput`."""
    settings, simulator = ground.settings, ground.simulator
    if simulator is not None:
        return connect(
            simulator.url,
            simulator.cert,
            ground.clock,
            ground.stopwatch,
            book,
            settings.account,
            child_coid=True,
        )
    if settings.broker_ca_file is None:
        raise InvalidInput(
            "the gateway's certificate is not named",
            where="GLASSDESK_BROKER_CA_FILE",
            remedy="the file that holds the gateway's certificate; TLS is always verified",
        )
    return connect(
        settings.broker_url,
        str(settings.broker_ca_file),
        ground.clock,
        ground.stopwatch,
        book,
        settings.account,
    )


@contextmanager
def role_lock(home: Path) -> Iterator[None]:
    """Hold `<home>/dealer.lock`. Raises `Conflict` when another process does."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "dealer.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as failure:
            raise Conflict(
                "the desk of this home is running already", where=str(home), remedy="stop it first"
            ) from failure
        yield
