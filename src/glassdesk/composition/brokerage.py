"""The broker of the dealer's process: the one gate, what went through it, and its reads served to other
processes."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from glassdesk.adapters.ibkr import Broker, connect
from glassdesk.adapters.ibkr.callbook import CallBook
from glassdesk.adapters.ibkr.gate_server import GateServer
from glassdesk.composition.ground import Ground
from glassdesk.kernel.errors import Conflict


@dataclass(frozen=True, slots=True, kw_only=True)
class Brokerage:
    """The connected broker, the book of its exchanges, and where other processes reach its gate."""

    broker: Broker
    book: CallBook
    gate_address: str


@contextmanager
def open_brokerage(ground: Ground) -> Iterator[Brokerage]:
    """Connect, serve the gate, and close both at the end. Raises `InvalidInput`."""
    with ExitStack() as opened:
        book = CallBook()
        broker = _connected(ground, book)
        opened.callback(broker.close)
        gate = opened.enter_context(_gate(ground, broker))
        yield Brokerage(broker=broker, book=book, gate_address=gate.address)


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


@contextmanager
def _gate(ground: Ground, broker: Broker) -> Iterator[GateServer]:
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


def _connected(ground: Ground, book: CallBook) -> Broker:
    settings, simulator = ground.settings, ground.simulator
    if simulator is not None:
        return _open(ground, book, simulator.url, simulator.cert)
    return _open(ground, book, settings.broker_url, str(settings.certificate))


def _open(ground: Ground, book: CallBook, url: str, ca_file: str) -> Broker:
    settings = ground.settings
    return connect(
        url,
        ca_file,
        ground.clock,
        ground.stopwatch,
        book,
        settings.account,
        suppressed=settings.suppressed_questions.split(","),
        memory=settings.home,
        # Without an accepted certificate the desk starts and trusts nothing: the session page leads to it.
        certificate_may_come=True,
    )
