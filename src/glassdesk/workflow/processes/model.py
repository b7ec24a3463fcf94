"""Processes of a desk and what is seen of them. Instants are machine time unless they say otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from glassdesk.kernel.errors import VersionSkew
from glassdesk.kernel.leases import Lease
from glassdesk.workflow.runs.model import Run, RunKind

BEAT = timedelta(seconds=10)
"""How often a process writes its row: no more often, so its commits cost nothing beside those of runs."""

SILENT_AFTER = timedelta(seconds=35)
"""Three rows that did not come."""


class Role(StrEnum):
    """What a process is for."""

    UP = "up"
    """All roles in one process."""
    DEALER = "dealer"
    WORKER = "worker"
    WEB = "web"


class Presence(StrEnum):
    """Whether a process is there."""

    HERE = "here"
    SILENT = "silent"
    """It wrote nothing for 35 seconds: killed, cut off, or its machine sleeps."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What a process runs: version, a hash of its files, the schema it knows."""

    version: str
    code: str
    schema: str

    def __str__(self) -> str:
        return f"{self.version} ({self.code[:8]})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process, as it last said itself. Its name is the one it claims runs and holds leases with."""

    process: str
    role: Role
    host: str
    pid: int
    version: str
    code: str
    schema: str
    threads: int
    """Runs at once; 0 where it executes none."""
    queue: str
    """What rings for its runs: `threads` of its own or `redis`; empty where it executes none."""
    queue_problem: str
    """Why its queue cannot be reached, as of its last row."""
    started_at: datetime
    seen_at: datetime
    turned_at: datetime | None
    """When its last turn ended."""
    ended_at: datetime | None

    @property
    def program(self) -> Program:
        """What it runs."""
        return Program(version=self.version, code=self.code, schema=self.schema)

    def presence(self, now: datetime) -> Presence:
        """Whether it is there at an instant of machine time."""
        if self.ended_at is not None:
            return Presence.ENDED
        return Presence.HERE if now - self.seen_at <= SILENT_AFTER else Presence.SILENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A process with what is known of it beside its row."""

    row: Process
    presence: Presence
    reigns_until: datetime | None
    """Until when it holds the dealer's lease; market time."""
    busy: Sequence[Run]
    """Runs that it has claimed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Runs of one kind that nobody has claimed."""

    kind: RunKind
    number: int
    held: int
    """Of these, how many wait for something that their reason names: a sign-in, a read."""
    oldest: datetime
    """Market time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """All processes of a desk at one instant of machine time."""

    now: datetime
    processes: Sequence[Seen]
    reign: Lease | None
    """The dealer's lease as stored, expired or not; `until` is market time."""
    waiting: Sequence[Waiting]

    def of(self, *roles: Role) -> Sequence[Seen]:
        """Processes of these roles that have not ended."""
        return [one for one in self.processes if one.row.role in roles and one.presence is not Presence.ENDED]


def schema_skew(own: str, found: str) -> None:
    """Raise `VersionSkew` where a database at revision `found` is another program's than that of `own`."""
    problem = f"the database is at revision {found}, this program needs {own}"
    if found < own:
        raise VersionSkew(problem, remedy="glassdesk db upgrade")
    if found > own:
        raise VersionSkew(
            problem, remedy="stop, and upgrade this machine to the newer program that migrated it"
        )
