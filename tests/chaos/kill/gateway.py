"""The simulator as a process that outlives the dealer, forked with a world that is prepared already."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection
from pathlib import Path

from ibkr_simulator.control import round_socket
from ibkr_simulator.control.clock import Clock
from ibkr_simulator.instants import Instant
from ibkr_simulator.server import Options, serve_world
from ibkr_simulator.world import World

LIMIT_REACHED = b"L"


class HeldClock(Clock):
    """Time stands while some role is not in the round, and for ever at `limit`: a process that was killed
    begins again at the instant of its death, or later by as much as the harness says."""

    def __init__(
        self, world: World, limit: Instant, roles: Collection[str], reached: Callable[[], None]
    ) -> None:
        super().__init__(world)
        self._limit = limit
        self._roles = set(roles)
        self._reached = reached

    def _all_wait(self) -> bool:
        return self._roles <= {one.role for one in self.participants} and super()._all_wait()

    def _target(self) -> Instant | None:
        if self.world.now >= self._limit:
            self._reached()
            return None
        return min(super()._target() or self._limit, self._limit)


def fork_gateway(world: World, home: Path, limit: Instant, roles: Collection[str], told: int) -> int:
    """Serve a copy of the world from a process of its own; writes to the pipe `told` once time has reached
    the limit. Answers the process's id; the copy ends with it."""
    child = os.fork()
    if child:
        return child
    try:
        sys.stdout = sys.stderr = (home / "gateway.log").open("w", buffering=1)
        # A dealer that was killed leaves nothing that other threads of its would still have to say.
        round_socket._GRACE_SECONDS = 0.0
        # Two lives begin at one instant of market time, which is no pace of anybody's.
        world.switches.update({"pacing": "off"})
        clock = HeldClock(world, limit, roles, lambda: _write(told))
        serve_world(world, clock, Options(home=home / "simulator", port=0))
    finally:
        os._exit(1)


def _write(told: int) -> None:
    os.write(told, LIMIT_REACHED)
