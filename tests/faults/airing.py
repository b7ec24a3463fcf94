"""The broker's stream on the stage: the product's own thread over the world's own websocket, in lockstep.

The thread works only while the test waits for it, and waits in market time, so that two runs are the same.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from glassdesk.adapters.ibkr.line import LineDown
from glassdesk.adapters.ibkr.stream import Stream
from ibkr_simulator.web_api.stream import Stream as Socket
from ibkr_simulator.world import World

_BEAT = timedelta(seconds=10)
_PATIENCE = 30.0
"""Seconds of the machine that the thread may work at a time."""
Travel = Callable[[datetime], None]


class Air:
    """Implements `dealing.ports.BrokerHints` over a stream, and carries its lines."""

    def __init__(self, world: World, now: Callable[[], datetime], stream: Stream) -> None:
        self.world = world
        self.now = now
        self.stream = stream
        self.over = False
        self._go, self._done = threading.Semaphore(0), threading.Semaphore(0)
        self._wakes_at: datetime | None = None
        self._wanted: bool | None = None
        self._began = False

    # ------------------------------------------------------------ what the dealer asks

    @property
    def flowing(self) -> bool:
        return self.stream.flowing

    def attend(self, ready: bool) -> None:
        """Passed on between two turns of the dealer: the thread never works beside it."""
        self._wanted = ready

    def orders_changed(self) -> bool:
        return self.stream.orders_changed()

    def session_changed(self) -> bool:
        return self.stream.session_changed()

    # ------------------------------------------------------------ what the stream asks, in its thread

    def seconds(self) -> float:
        """Its stopwatch goes with market time."""
        return self.now().timestamp()

    def pause(self, seconds: float) -> None:
        self.wait(seconds)

    def open(self, cookie: str) -> AirLine:
        """The handshake. Raises `LineDown`."""
        if self.world.gateway.user is None or self.world.gateway.token() not in cookie:
            raise LineDown("refused: 401")
        return AirLine(self)

    def rest(self, stopped: threading.Event, seconds: float) -> None:
        """Between two lines, and for as long as no line is wanted."""
        self.wait(seconds)
        while not self.over and not self.stream._wanted.is_set():
            self.wait(_PATIENCE)

    def wait(self, seconds: float) -> None:
        """Let the test go on until so much market time has passed."""
        if self.over:
            return
        self._wakes_at = self.now() + timedelta(seconds=seconds)
        self._done.release()
        self._go.acquire()

    # ------------------------------------------------------------ what the test does

    def travel(self, to: datetime, advance: Travel) -> None:
        """Market time goes on, and the thread has each of its moments in it."""
        self._pass_on()
        while self._wakes_at is not None and self._wakes_at <= to:
            advance(self._wakes_at)
            self._let_it_work()
        advance(to)

    def end(self) -> None:
        """The thread ends."""
        self.over = True
        self._go.release()
        self.stream.stop()

    def _pass_on(self) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is None:
            return
        begins = wanted and not self._began
        self._began = self._began or begins
        self.stream.attend(wanted)
        if begins:
            self._wait_for_it()

    def _let_it_work(self) -> None:
        self._wakes_at = None
        self._go.release()
        self._wait_for_it()

    def _wait_for_it(self) -> None:
        assert self._done.acquire(timeout=_PATIENCE), "the stream's thread does not come back"


class AirLine:
    """One websocket of the world, as the product's `Wire`."""

    def __init__(self, air: Air) -> None:
        self._air = air
        self._socket = Socket(air.world)
        self._beats_at = air.now() + _BEAT
        air.world.streams.append(self._socket)
        air.world.watchers.append(self._socket.changed)
        air.world.time_watchers.append(self._socket.moved)
        self._socket.greet()

    def send(self, text: str) -> None:
        self._socket.obey(text)

    def receive(self, seconds: float) -> list[str]:
        if self._socket.outbox.empty():
            self._air.wait(seconds)
        if self._air.over:
            raise LineDown("the test is over")
        while self._air.now() >= self._beats_at:
            self._socket.beat()
            self._beats_at += _BEAT
        return self._said()

    def close(self) -> None:
        self._air.world.streams.remove(self._socket)
        self._air.world.watchers.remove(self._socket.changed)
        self._air.world.time_watchers.remove(self._socket.moved)

    def _said(self) -> list[str]:
        texts: list[str] = []
        while True:
            try:
                frame = self._socket.outbox.get_nowait()
            except asyncio.QueueEmpty:
                return texts
            if frame is None:
                raise LineDown("closed by the gateway: 1000")
            texts.append(frame.decode(errors="replace") if isinstance(frame, bytes) else json.dumps(frame))


def aired(world: World, now: Callable[[], datetime], stream: Stream) -> Air:
    """The same stream with the world's websocket in the place of the network, and market time."""
    air = Air(world, now, stream)
    stream._open, stream._stopwatch, stream._rest = air.open, air, air.rest
    return air
