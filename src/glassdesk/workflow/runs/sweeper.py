"""What a worker does beside executing: ring again for runs nobody took, close batches, give up on poison
runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from glassdesk.workflow.runs.jitter import starts_at
from glassdesk.workflow.runs.model import BLOCKED, Run, RunState
from glassdesk.workflow.runs.parts import Parts
from glassdesk.workflow.runs.selection import Selection

RING_AGAIN = timedelta(seconds=15)
RARELY = timedelta(minutes=15)
"""At most so long between two tries of a read that fails."""
MOST_LOSSES = 5
BATCH_FLOOR = timedelta(seconds=120)


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """When a run whose read failed is rung for next, and how long after that again."""

    due: datetime
    pause: timedelta


class Sweeper:
    """The queue is a door-bell and may be lost; the database remembers (`design.md` §4)."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._selection = Selection(parts)
        self._tries: dict[str, Try] = {}

    def sweep(self) -> datetime | None:
        """Ring for every run that waits for a worker, select where a slot is decided; answers when to look
        again."""
        parts, now = self._parts, self._parts.clock.now()
        with parts.transactions.read() as t:
            unfinished = list(parts.runs.unfinished(t))
        for run in unfinished:
            self._care(run, now)
        for slot in sorted({run.slot for run in unfinished if run.state is RunState.DECIDED}):
            overdue = now >= slot + max(BATCH_FLOOR, timedelta(seconds=len(unfinished)))
            self._selection.complete(slot, overdue=overdue)
        waiting = [run for run in unfinished if run.state is not RunState.DECIDED]
        self._tries = {
            run.run: self._tries[run.run] for run in waiting if run.run in self._tries and _failed(run)
        }
        return min((self._again(run, now) for run in waiting), default=None)

    def _again(self, run: Run, now: datetime) -> datetime:
        tried, starts = self._tries.get(run.run), starts_at(run, self._parts.jitter)
        if starts > now:
            return starts
        return now + RING_AGAIN if tried is None else max(tried.due, now + RING_AGAIN)

    def _care(self, run: Run, now: datetime) -> None:
        if starts_at(run, self._parts.jitter) > now:
            return
        if run.losses >= MOST_LOSSES:
            self._quarantine(run)
        elif _failed(run):
            self._try(run, now)
        elif run.state is RunState.DUE or (run.lease_until is not None and run.lease_until <= now):
            self._parts.bell.ring(run.run)

    def _try(self, run: Run, now: datetime) -> None:
        """A read that failed is tried ever more rarely: a contract that is not listed yet would be asked for
        hundreds of times until its slot is over [F-34]."""
        known = self._tries.get(run.run, Try(due=now, pause=RING_AGAIN))
        if known.due <= now:
            self._parts.bell.ring(run.run)
            known = Try(due=now + known.pause, pause=min(RARELY, known.pause * 2))
        self._tries[run.run] = known

    def _quarantine(self, run: Run) -> None:
        parts = self._parts
        reason = f"QUARANTINED: {run.losses} claims ended without a result"
        with parts.transactions.begin() as t:
            parts.runs.set_state(t, run, RunState.QUARANTINED, reason, at=parts.clock.now())
            parts.audit.append(t, "desk", "run.quarantined", f"run:{run.run}", {"losses": run.losses})

    def waiting(self) -> int:
        """Runs that could begin and that nobody has claimed yet."""
        now = self._parts.clock.now()
        with self._parts.transactions.read() as t:
            unfinished = self._parts.runs.unfinished(t)
        unclaimed = [run for run in unfinished if run.state is RunState.DUE and not run.reason]
        return sum(starts_at(run, self._parts.jitter) <= now for run in unclaimed)


def _failed(run: Run) -> bool:
    """It waits because a read failed; a sign-in, for which others wait, may come at any moment."""
    return run.state is RunState.DUE and bool(run.reason) and not run.reason.startswith(BLOCKED)
