"""One process, two programs: the product's clock and wire, with the simulator's world behind them."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx2

from ibkr_simulator import messages
from ibkr_simulator.exchange.history import daily_bars
from ibkr_simulator.exchange.market import Market
from ibkr_simulator.exchange.tapes.choice import load
from ibkr_simulator.instants import from_datetime, new_york_day, to_datetime
from ibkr_simulator.web_api.pipeline import serve_api
from ibkr_simulator.world import World

TIMEOUT_SECONDS = 10.0
"""The wire's own limit: an answer that stalls longer is lost."""


@cache
def history() -> Market:
    """The tape of real days, read once."""
    return Market(load("history"), 7)


class WorldClock:
    """`Clock` over the world's time: whoever waits moves it."""

    def __init__(self, world: World, *, wakes_on_events: bool) -> None:
        self._world = world
        self.wakes_on_events = wakes_on_events

    def now(self) -> datetime:
        return to_datetime(self._world.now)

    def wait_until(self, instant: datetime | None, *, on_event: bool = False) -> None:
        if instant is not None and instant > self.now():
            self._world.advance(from_datetime(instant), tickled=True)

    def working(self, name: str, role: str) -> AbstractContextManager[None]:
        return nullcontext()

    def stop(self) -> None:
        """Nobody waits."""


class StillStopwatch:
    """Machine time that does not pass: back-offs cost nothing, and are counted."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def seconds(self) -> float:
        return 0.0

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


class Cut(httpx2.SyncByteStream):
    """A body whose second half never comes."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content[: len(self._content) // 2]
        raise httpx2.RemoteProtocolError("peer closed connection without sending complete message body")


class Wire(httpx2.BaseTransport):
    """Carries the product's requests to the world, and breaks as a network breaks.

    TLS is real: a handshake in memory between the product's pinned trust and the certificate that the world
    shows. `down` refuses every connection.
    """

    def __init__(self, world: World, trust: ssl.SSLContext, certificate: ssl.SSLContext) -> None:
        self.world = world
        self.down = False
        self._watched: tuple[str, Callable[[bool], None]] | None = None
        self._trust = trust
        self._certificate = certificate
        self._shaken = False
        self._lock = threading.Lock()

    def shows(self, certificate: ssl.SSLContext) -> None:
        """From now on the gateway presents this certificate; old connections are gone."""
        self._certificate, self._shaken = certificate, False

    def watch(self, path: str, told: Callable[[bool], None]) -> None:
        """`told(True)` before and `told(False)` after every request to a path, from the asking thread."""
        self._watched = (path, told)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.down:
            raise httpx2.ConnectError("[Errno 111] Connection refused")
        request.read()
        with self._noticed(request), self._lock:
            self._connect()
            answer = serve_api(self.world, simulated(request))
        if answer.stall >= TIMEOUT_SECONDS:
            raise httpx2.ReadTimeout("the read operation timed out")
        if answer.cut == "at once":
            raise httpx2.RemoteProtocolError("Server disconnected without sending a response.")
        if answer.cut:
            return httpx2.Response(answer.status, stream=Cut(answer.content()))
        return httpx2.Response(answer.status, content=answer.content(), headers={"content-type": answer.kind})

    @contextmanager
    def _noticed(self, request: httpx2.Request) -> Iterator[None]:
        path, told = self._watched or ("nowhere", print)
        watched = path in request.url.path
        if watched:
            told(True)
        try:
            yield
        finally:
            if watched:
                told(False)

    def _connect(self) -> None:
        if not self._shaken:
            try:
                shake_hands(self._trust, self._certificate)
            except ssl.SSLError as failure:
                raise httpx2.ConnectError(str(failure)) from failure
            self._shaken = True


def shake_hands(trust: ssl.SSLContext, certificate: ssl.SSLContext) -> None:
    """A whole TLS handshake without a socket. Raises `ssl.SSLError`."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trust.wrap_bio(to_client, to_server, server_hostname="localhost")
    server = certificate.wrap_bio(to_server, to_client, server_side=True)
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue


def simulated(request: httpx2.Request) -> messages.Request:
    """The request as the simulator's server would have read it."""
    text = request.content.decode()
    return messages.Request(
        method=request.method,
        path=request.url.path.removeprefix("/v1/api"),
        query=dict(parse_qsl(request.url.query.decode(), keep_blank_values=True)),
        body=_parsed(text),
        text=text,
        has_agent=bool(request.headers.get("user-agent")),
        has_length="content-length" in request.headers,
    )


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def server_side(certificate: Path, key: Path) -> ssl.SSLContext:
    """How a server shows this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueBar:
    """A whole day of a contract, as the tape has it."""

    session: date
    volume: int


def truth_bars(world: World, conid: int) -> list[TrueBar]:
    """The days of a contract that are over by now, oldest first."""
    made = daily_bars(world.exchange.market, conid, 0, world.now)
    over = [(session, bar) for session, bar in made if session < new_york_day(world.now)]
    return [TrueBar(session=session, volume=bar.volume) for session, bar in over]
