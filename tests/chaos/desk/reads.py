"""How a role that is no dealer reads the broker: through the gate of a dealer that lives."""

from __future__ import annotations

from glassdesk.adapters.ibkr.calls import Answer, Request
from glassdesk.adapters.ibkr.gate import READ_ATTEMPTS, Gate, TooSoon
from glassdesk.kernel.clock import Clock
from glassdesk.kernel.errors import ReadFailed, Unavailable
from tests.chaos.ports import Instance
from tests.chaos.scheduler import Killed

MOST_WAITS = 20


class LivingGate:
    """`Reads` over whichever gate answers; a dealer that dies while it serves takes the answer with it."""

    def __init__(self, me: Instance | None, clock: Clock, gates: list[tuple[Instance, Gate]]) -> None:
        self._me = me
        self._clock = clock
        self._gates = gates

    def read(self, request: Request, *, attempts: int = READ_ATTEMPTS) -> Answer:
        """The broker's answer. Raises `ReadFailed` or `Unavailable`."""
        for _ in range(MOST_WAITS):
            serving = next(((host, gate) for host, gate in self._gates if host.alive), None)
            if serving is None:
                raise Unavailable("no dealer's gate answers", where=request.path)
            try:
                return self._served(serving, request, attempts)
            except TooSoon as soon:
                self._clock.wait_until(soon.at)
        raise ReadFailed("the gate never had a turn for this read", where=request.path)

    def _served(self, serving: tuple[Instance, Gate], request: Request, attempts: int) -> Answer:
        host, gate = serving
        try:
            return gate.read(request, attempts=attempts, patient=False)
        except Killed as death:
            if self._me is not None and not self._me.alive:
                raise
            raise Unavailable(f"the gate of {host.name} is gone", where=request.path) from death
