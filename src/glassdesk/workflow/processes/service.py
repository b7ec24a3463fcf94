"""Verbs of the processes: say that one is here, refuse a program that is another, show them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from glassdesk.kernel.clock import Clock
from glassdesk.kernel.errors import VersionSkew
from glassdesk.kernel.leases import Lease, LeaseStore
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.processes.model import (
    Fleet,
    Presence,
    Process,
    Program,
    Role,
    Seen,
    Waiting,
    schema_skew,
)
from glassdesk.workflow.processes.ports import ProcessStore
from glassdesk.workflow.runs.model import Run, RunKind, RunState
from glassdesk.workflow.runs.ports import RunStore

KEPT = timedelta(days=2)
"""How long the row of a process that is gone is shown."""


class Processes:
    """Rows are written by machine time, which simulated time may outrun; leases and runs tell market time."""

    def __init__(
        self,
        store: ProcessStore,
        leases: LeaseStore,
        runs: RunStore,
        clock: Clock,
        account: str,
        queue_problem: Callable[[], str],
    ) -> None:
        """`clock` is the machine's. `queue_problem` says why the queue cannot be reached, empty where it
        can."""
        self._store = store
        self._leases = leases
        self._runs = runs
        self._clock = clock
        self._account = account
        self.queue_problem = queue_problem

    def begin(self, t: Transaction, process: Process) -> Process:
        """Write the first row. Raises `VersionSkew` where a worker or dealer must not begin."""
        now = self._now(t)
        self._store.drop(t, before=now - KEPT)
        self._refuse_skew(t, process, now)
        begun = replace(process, started_at=now, seen_at=now)
        self._store.put(t, begun)
        return begun

    def seen(
        self, t: Transaction, process: Process, *, turned: timedelta | None, queue_problem: str
    ) -> Process:
        """Write that it is still here; `turned` is how long ago its last turn ended. Raises `VersionSkew`
        where it has to end."""
        now = self._now(t)
        self._refuse_skew(t, process, now)
        turned_at = None if turned is None else now - turned
        seen = replace(process, seen_at=now, turned_at=turned_at, queue_problem=queue_problem)
        self._store.put(t, seen)
        return seen

    def end(self, t: Transaction, process: Process) -> None:
        """Write that it left in order."""
        now = self._now(t)
        self._store.put(t, replace(process, seen_at=now, ended_at=now))

    def fleet(self, t: Transaction) -> Fleet:
        """All processes with what they are at, and what waits for one."""
        now, reign = self._now(t), self._reign(t)
        unfinished = self._runs.unfinished(t)
        return Fleet(
            now=now,
            processes=[_seen(row, now, reign, unfinished) for row in self._store.all(t)],
            reign=reign,
            waiting=_waiting(unfinished),
        )

    def _now(self, t: Transaction) -> datetime:
        return self._store.now(t, self._clock.now())

    def _reign(self, t: Transaction) -> Lease | None:
        return self._leases.holder(t, f"dealer:{self._account}")

    def _refuse_skew(self, t: Transaction, process: Process, now: datetime) -> None:
        own = process.program
        schema_skew(own.schema, self._store.schema(t))
        if process.role not in (Role.WORKER, Role.DEALER):
            return
        reign = self._reign(t)
        dealer = None if reign is None else self._store.process(t, name_of(reign))
        if dealer is not None and dealer.presence(now) is Presence.HERE:
            dealer_skew(own, dealer)


def name_of(reign: Lease) -> str:
    """The process that holds the dealer's lease; behind its name stands where its gate is."""
    return reign.owner.partition("@")[0]


def dealer_skew(own: Program, dealer: Process) -> None:
    """Raise `VersionSkew` where the dealer that reigns runs another program: a decision of one is not to be
    sent by another."""
    theirs = dealer.program
    if (own.version, own.code) == (theirs.version, theirs.code):
        return
    raise VersionSkew(
        f"the dealer that reigns ({dealer.process} on {dealer.host}) runs glassdesk {theirs}, this is {own}",
        remedy="install the same on both machines, or stop that dealer first",
    )


def _seen(row: Process, now: datetime, reign: Lease | None, unfinished: Sequence[Run]) -> Seen:
    reigns = reign is not None and name_of(reign) == row.process
    claimed = [run for run in unfinished if run.state is RunState.RUNNING and run.lease_owner == row.process]
    return Seen(
        row=row,
        presence=row.presence(now),
        reigns_until=reign.until if reign is not None and reigns else None,
        busy=claimed,
    )


def _waiting(unfinished: Sequence[Run]) -> Sequence[Waiting]:
    found = []
    for kind in (RunKind.MANUAL, RunKind.SCHEDULED):
        due = [run for run in unfinished if run.state is RunState.DUE and run.kind is kind]
        if due:
            found.append(
                Waiting(
                    kind=kind,
                    number=len(due),
                    held=sum(bool(run.reason) for run in due),
                    oldest=min(run.slot for run in due),
                )
            )
    return found
