"""What breaks, one deed each, and from when its recovery is counted.

Unless a deed says otherwise, the desk has recovered once another run has ended *and* the broker has taken
another write, an order or a change of one: it decides and it trades. Seconds are the machine's and hold the
wait for the next slot, a minute of market time at most; `nothing` measures that wait alone.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import redis

from glassdesk.adapters.jobs.celery_app import QUEUE
from tests.chaos.distributed.desk import Desk
from tests.chaos.distributed.processes import ROLES
from tests.chaos.kill.proxy import Break

EXTRA = ("three", "four")
"""Workers that come to tick as well."""
TIMES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How long what is away stays away, in machine seconds."""

    outage: float
    """Of a server."""
    stopped: float
    """Of a dealer that is stopped: longer than its lease."""
    replaced: bool = True
    """Another life of who was killed begins at once; else those that are left go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a fault did: how long it lasted, and how long the desk took to recover."""

    seconds: float
    recovery: float
    note: str = ""


Deed = Callable[[Desk, Scale], Told]


def nothing(desk: Desk, scale: Scale) -> Told:
    """No fault: the time to the next run and order by itself."""
    return Told(seconds=0, recovery=desk.works())


def flushall(desk: Desk, scale: Scale) -> Told:
    """The queue forgets all it holds, as soon as it holds a message of a run."""
    with redis.Redis(port=desk.grounds.queue.port, socket_timeout=None) as queue:
        held = _caught(desk, queue)
        queue.flushall()
    return Told(seconds=0, recovery=desk.works(), note=f"{len(held)} message(s) lost")


def queue_restart(desk: Desk, scale: Scale) -> Told:
    """The queue is killed and comes again empty. Counted from its return."""
    desk.grounds.queue.kill()
    time.sleep(scale.outage)
    desk.grounds.queue.start()
    return Told(seconds=scale.outage, recovery=desk.works())


def duplicates(desk: Desk, scale: Scale) -> Told:
    """A message is delivered five times. Counted from the delivery."""
    with redis.Redis(port=desk.grounds.queue.port, socket_timeout=None) as queue:
        held = _caught(desk, queue)
        for message in held:
            queue.lpush(QUEUE, *[message] * TIMES)
    return Told(seconds=0, recovery=desk.works(), note=f"{len(held)} message(s) {TIMES} times")


def worker_kill(desk: Desk, scale: Scale) -> Told:
    """kill -9 of a worker in the middle of a run, and of its children if it has any; where it is replaced,
    another begins at once. Counted until the runs that it held have ended in other hands."""
    name, held = _with_a_run(desk)
    before = desk.settled_progress()
    desk.processes.kill(name)
    if scale.replaced:
        desk.processes.start(name)
    began = time.monotonic()
    question = "SELECT 1 FROM runs WHERE run = ANY(%s) AND state IN ('due', 'running', 'decided')"
    desk.until(lambda: not desk.rows(question, held), "the runs of the dead worker")
    desk.until(lambda: desk.goes_on(before), "the next run and the next write")
    return Told(seconds=0, recovery=time.monotonic() - began, note=f"held {len(held)} run(s)")


def database_stop(desk: Desk, scale: Scale) -> Told:
    """PostgreSQL's immediate stop under all processes, then a start that recovers from its log. Counted from
    its return."""
    desk.grounds.rows.stop_at_once()
    time.sleep(scale.outage)
    desk.grounds.rows.start()
    return Told(seconds=scale.outage, recovery=desk.works())


def cut(role: str, kind: Break) -> Deed:
    """The connection of the next commit of a role ends, before or after the server obeyed."""

    def deed(desk: Desk, scale: Scale) -> Told:
        wire = desk.grounds.to_rows[role]
        wire.arm(kind)
        desk.until(lambda: wire.broke, f"a commit of a {role}")
        return Told(seconds=0, recovery=desk.works())

    deed.__doc__ = f"The connection of a {role}'s commit ends {kind} the server obeyed. Counted from the cut."
    return deed


def objects_down(desk: Desk, scale: Scale) -> Told:
    """The object store is killed and comes again with what it held. Counted from its return."""
    desk.grounds.objects.kill()
    time.sleep(scale.outage)
    desk.grounds.objects.start()
    return Told(seconds=scale.outage, recovery=desk.works())


def objects_slow(desk: Desk, scale: Scale) -> Told:
    """Each piece that goes up to the object store takes a second. Counted from the beginning, under it."""
    began = time.monotonic()
    desk.grounds.to_objects.slow(1.0)
    try:
        recovery = desk.works()
    finally:
        desk.grounds.to_objects.slow(0)
    return Told(seconds=time.monotonic() - began, recovery=recovery)


def dealer_stopped(desk: Desk, scale: Scale) -> Told:
    """SIGSTOP of the dealer that reigns, for longer than its lease. Counted from the stop until the other
    reigns and the desk goes on. Then it wakes up in the middle of what it did."""
    name, before = desk.reigning, desk.settled_progress()
    began = time.monotonic()
    desk.processes.signal(name, signal.SIGSTOP)
    try:
        taken_over = desk.until(lambda: _other(desk, before.reign), "another dealer")
        reign = desk.settled_progress()
        desk.until(lambda: desk.goes_on(reign), "the next run and the next write")
        recovery = time.monotonic() - began
        time.sleep(max(0.0, scale.stopped - recovery))
    finally:
        desk.processes.signal(name, signal.SIGCONT)
    stopped = time.monotonic() - began
    desk.works()
    return Told(seconds=stopped, recovery=recovery, note=f"another reigned after {taken_over:.1f} s")


def dealer_kill(desk: Desk, scale: Scale) -> Told:
    """kill -9 of the dealer that reigns; where it is replaced, another life stands by at once. Counted until
    the other one reigns and the desk goes on."""
    name, before = desk.reigning, desk.settled_progress()
    began = time.monotonic()
    desk.processes.kill(name)
    if scale.replaced:
        desk.processes.start(name)
    taken_over = desk.until(lambda: _other(desk, before.reign), "another dealer")
    reign = desk.settled_progress()
    desk.until(lambda: desk.goes_on(reign), "the next run and the next write")
    recovery = time.monotonic() - began
    return Told(seconds=0, recovery=recovery, note=f"another reigned after {taken_over:.1f} s")


def tickers(desk: Desk, scale: Scale) -> Told:
    """Two more workers come and tick the same slots, and leave. Counted from their coming."""
    for name in EXTRA:
        desk.processes.start(name)
    desk.until(lambda: all("ready" in desk.processes.said(name) for name in EXTRA), "more workers")
    recovery = desk.works()
    ticking = len([name for name in desk.processes.alive if ROLES.get(name, "worker") == "worker"])
    for name in EXTRA:
        desk.processes.end(name)
    return Told(seconds=0, recovery=recovery, note=f"{ticking} ticked")


FAULTS: dict[str, Deed] = {
    "nothing": nothing,
    "the queue forgets": flushall,
    "the queue is killed": queue_restart,
    "delivered five times": duplicates,
    "several tickers": tickers,
    "a worker is killed": worker_kill,
    "PostgreSQL is stopped": database_stop,
    "a dealer's commit never arrives": cut("dealer", Break.BEFORE),
    "a dealer's commit is not answered": cut("dealer", Break.AFTER),
    "a worker's commit never arrives": cut("worker", Break.BEFORE),
    "a worker's commit is not answered": cut("worker", Break.AFTER),
    "the object store is killed": objects_down,
    "the object store is slow": objects_slow,
    "the dealer is stopped": dealer_stopped,
    "the dealer is killed": dealer_kill,
}
SHORT = (
    "delivered five times",
    "the queue is killed",
    "PostgreSQL is stopped",
    "a worker's commit is not answered",
    "the object store is killed",
    "a worker is killed",
    "the dealer is killed",
)
"""What `make test` plays; a second dealer and a second worker are there in any case. A stopped dealer is none
of them: its gate takes reads and answers none, and simulated time stands while they wait."""


def _other(desk: Desk, reign: str) -> bool:
    now = desk.progress()
    return now is not None and now.reign not in ("", reign)


def _caught(desk: Desk, queue: Any) -> list[bytes]:
    """The next message of a run, before any worker has it: whoever asks first is served first, and workers
    ask anew each second."""
    caught: list[bytes] = []

    def wait() -> None:
        caught.append(queue.brpop(QUEUE)[1])

    threading.Thread(target=wait, daemon=True).start()
    desk.until(lambda: caught, "a message")
    return caught


def _with_a_run(desk: Desk) -> tuple[str, list[str]]:
    """A worker that executes, and the runs that it holds."""
    found: list[tuple[str, str]] = []

    def look() -> bool:
        found[:] = desk.rows("SELECT lease_owner, run FROM runs WHERE state = 'running'")
        return bool(found)

    desk.until(look, "a run under way")
    owner = found[0][0]
    held = [run for one, run in found if one == owner]
    return desk.processes.named(int(owner.split("-")[1])), held
