"""Market time as the simulator keeps it.

It stands while anyone works and jumps when all wait (`design.md` §7).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from glassdesk.adapters.simulation.control import ControlPlane
from glassdesk.adapters.simulation.endpoint import Endpoint
from glassdesk.adapters.simulation.seat import Seat
from glassdesk.kernel.errors import Unavailable

_PING_SECONDS = 2.0
_WATCH_SECONDS = 0.05
"""How often a thread outside the round looks at the clock while it waits."""


class SimulatedClock:
    """`Clock` over the control plane. A thread inside `working` has a seat in the round; others only look."""

    wakes_on_events = True

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._control = ControlPlane(endpoint)
        self._own = threading.local()
        self._lock = threading.Lock()
        self._seats: set[Seat] = set()
        self._working = 0
        self._latest: datetime | None = None
        self._stopped = threading.Event()
        self._pinger: threading.Thread | None = None

    def now(self) -> datetime:
        with self._lock:
            # Time stands while a thread of this process works, so what it was told last is still true.
            if self._latest is not None and (self._working or self._stopped.is_set()):
                return self._latest
        return self._looked()

    def wait_until(self, instant: datetime | None, *, on_event: bool = False) -> None:
        if self._stopped.is_set() or (instant is not None and self.now() >= instant):
            return
        seat: Seat | None = getattr(self._own, "seat", None)
        if seat is None:
            self._watch(instant)
            return
        self._count(-1)
        woken: datetime | None = None
        try:
            woken = seat.wait(instant, on_event=on_event or instant is None)
        finally:
            self._count(+1, woken)

    @contextmanager
    def working(self, name: str, role: str) -> Iterator[None]:
        if self._stopped.is_set() or getattr(self._own, "seat", None) is not None:
            yield
            return
        seat = self._taken(name, role)
        self._own.seat = seat
        try:
            yield
        finally:
            self._own.seat = None
            self._given_up(seat)

    def stop(self) -> None:
        self._stopped.set()
        with self._lock:
            seats = list(self._seats)
        for seat in seats:
            seat.close()

    def close(self) -> None:
        """Stop, and close the connection used for looking at the clock."""
        self.stop()
        if self._pinger is not None:
            self._pinger.join()
        self._control.close()

    def _taken(self, name: str, role: str) -> Seat:
        seat = Seat(self._endpoint, name, role, self._stopped.is_set)
        now = seat.join()
        with self._lock:
            self._seats.add(seat)
            self._pinging()
        self._count(+1, now)
        return seat

    def _given_up(self, seat: Seat) -> None:
        self._count(-1)
        with self._lock:
            self._seats.discard(seat)
        seat.close()

    def _count(self, change: int, told: datetime | None = None) -> None:
        with self._lock:
            if told is not None and (self._latest is None or told > self._latest):
                self._latest = told
            self._working += change

    def _pinging(self) -> None:
        """Pings come from a thread of their own.

        A model may be asked for longer than the round forgives silence.
        """
        if self._pinger is None:
            self._pinger = threading.Thread(target=self._ping, name="clock-pings", daemon=True)
            self._pinger.start()

    def _ping(self) -> None:
        while not self._stopped.wait(_PING_SECONDS):
            with self._lock:
                seats = list(self._seats)
            for seat in seats:
                seat.ping()

    def _looked(self) -> datetime:
        try:
            now = self._control.now()
        except Unavailable:
            if self._stopped.is_set() and self._latest is not None:
                return self._latest
            raise
        self._count(0, now)
        return now

    def _watch(self, instant: datetime | None) -> None:
        while not self._stopped.wait(_WATCH_SECONDS):
            if instant is not None and self._looked() >= instant:
                return
