"""Who moves simulated time: it stands while anyone works, and jumps when all wait.

At an instant persons wake first, then workers, then dealers; the next class only when the one before it
waits again.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ibkr_simulator.exchange.exchange import Changed
from ibkr_simulator.exchange.orders import Execution
from ibkr_simulator.instants import SECOND, Instant, iso
from ibkr_simulator.world import World

ROLES = ("person", "worker", "dealer")
SILENCE_SECONDS = 10.0
_SLICE_SECONDS = 0.05
Send = Callable[[dict[str, Any]], None]


@dataclass(slots=True, kw_only=True, eq=False)
class Participant:
    """Somebody in the round; `waiting` until `until`, or for an event when `on_event`."""

    name: str
    role: str
    send: Send
    heard: float
    waiting: bool = False
    until: Instant | None = None
    on_event: bool = False
    event: bool = False
    gone: Callable[[], None] = field(default=lambda: None)

    def due(self, now: Instant) -> bool:
        """Whether it should be woken at this instant."""
        return self.waiting and (self.event or (self.until is not None and self.until <= now))

    def row(self) -> dict[str, Any]:
        """As the control plane shows it."""
        return {
            "name": self.name,
            "role": self.role,
            "state": "WAITING" if self.waiting else "WORKING",
            "until": iso(self.until) if self.waiting and self.until is not None else None,
        }


class Clock:
    """The round of participants and the time they share."""

    def __init__(self, world: World, *, speed: float | None = None) -> None:
        self.world = world
        self.paused = False
        self.speed = speed
        self.participants: list[Participant] = []
        self._stirred = asyncio.Event()
        self._errand = 0
        world.in_round = lambda: bool(self.participants)
        world.watchers.append(self._seen)

    # --- participants

    def join(self, name: str, role: str, send: Send) -> Participant:
        """Enter the round, working."""
        participant = Participant(name=name, role=role, send=send, heard=time.monotonic())
        self.participants.append(participant)
        send({"now": iso(self.world.now)})
        return participant

    def leave(self, participant: Participant) -> None:
        """Leave the round; time need not wait for it any more."""
        if participant in self.participants:
            self.participants.remove(participant)
        self._worked(participant)

    def wait(self, participant: Participant, until: Instant | None, *, on_event: bool) -> None:
        """Nothing to do before `until`; None waits for events only."""
        participant.waiting, participant.until = True, until
        participant.on_event, participant.event = on_event, False
        self._worked(participant)

    def _worked(self, participant: Participant) -> None:
        """What a worker did may be a dealer's business at this same instant: that is an event for dealers."""
        if participant.role == "worker":
            self._flag("dealer")
        self._stirred.set()

    def poke(self) -> None:
        """Wake everybody who waits for events, without one: a person asked for something."""
        self._flag()

    def settle(self, *, paused: bool | None = None, speed: float | None = None) -> None:
        """Pause or resume; a speed of 0 takes the brake off."""
        if paused is not None:
            self.paused = paused
        if speed is not None:
            self.speed = speed or None
        self._stirred.set()

    async def advance_to(self, until: Instant) -> None:
        """Let time pass up to an instant, also while paused; others still wake on the way."""
        if not self.participants:
            self._move(until)
            return
        reached = asyncio.Event()
        traveller = self.join("advance_to", "person", lambda _: None)
        traveller.send = lambda _: reached.set()
        self._errand += 1
        self.wait(traveller, until, on_event=False)
        try:
            await reached.wait()
        finally:
            self._errand -= 1
            self.leave(traveller)

    # --- moving

    async def run(self) -> None:
        """Move time for ever; one task of the server."""
        while True:
            await self._stirred.wait()
            self._stirred.clear()
            while await self._step():
                pass

    async def _step(self) -> bool:
        """One wake or one move; False when there is nothing to do until somebody stirs."""
        if not self._all_wait() or self._wake():
            return False
        target = self._target()
        if target is None or (self.paused and not self._errand):
            return False
        await self._travel(target)
        return True

    def _all_wait(self) -> bool:
        return bool(self.participants) and all(p.waiting for p in self.participants)

    def _wake(self) -> bool:
        due = [participant for participant in self.participants if participant.due(self.world.now)]
        if not due:
            return False
        first = min(ROLES.index(participant.role) for participant in due)
        for participant in due:
            if ROLES.index(participant.role) == first:
                self._wake_one(participant)
        return True

    def _wake_one(self, participant: Participant) -> None:
        event, participant.event, participant.waiting = participant.event, False, False
        participant.heard = time.monotonic()
        participant.send({"now": iso(self.world.now), "event": event})

    def _target(self) -> Instant | None:
        times = [p.until for p in self.participants if p.until is not None]
        earliest = min(times, default=None)
        if any(p.on_event for p in self.participants):
            event = self.world.exchange.next_event(earliest)
            return event.at if event else earliest
        return earliest

    async def _travel(self, target: Instant) -> None:
        if self.speed is None:
            self._move(target)
            return
        step = min(target - self.world.now, max(1, round(self.speed * _SLICE_SECONDS * SECOND)))
        await asyncio.sleep(step / SECOND / self.speed)
        # Somebody may have come or woken meanwhile: then time stands.
        if self._all_wait() and (self._errand or not self.paused):
            self._move(self.world.now + step)

    def _move(self, target: Instant) -> None:
        tickled = any(participant.role == "dealer" for participant in self.participants)
        if self.world.advance(target, tickled=tickled):
            self._flag()

    def _seen(self, changed: Changed) -> None:
        if isinstance(changed, Execution):
            self._flag()

    def _flag(self, *roles: str) -> None:
        for participant in self.participants:
            if participant.waiting and participant.on_event and (not roles or participant.role in roles):
                participant.event = True
        self._stirred.set()

    # --- silence

    async def listen(self) -> None:
        """Put out whoever is silent for ten seconds of machine time; one task of the server."""
        while True:
            await asyncio.sleep(0.5)
            limit = time.monotonic() - SILENCE_SECONDS
            for participant in [p for p in self.participants if p.heard < limit and p.name != "advance_to"]:
                self.leave(participant)
                participant.gone()

    def row(self) -> dict[str, Any]:
        """As the control plane shows it."""
        return {
            "now": iso(self.world.now),
            "paused": self.paused,
            "speed": self.speed,
            "participants": [participant.row() for participant in self.participants],
        }
