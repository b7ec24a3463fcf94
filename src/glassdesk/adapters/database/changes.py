"""How often each topic was changed, counted by the unit of work that changes it: one statement before its
commit. Pages of any process learn from the counters what they show that is old."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from functools import cache

from sqlalchemy import BigInteger, Column, Executable, Table, update

from glassdesk.adapters.database.schema import first_row, metadata
from glassdesk.adapters.database.types import Words

TOPICS: Mapping[str, str] = {
    "orders": "order",
    "sends": "order",
    "send_outcomes": "order",
    "facts": "order",
    "owner_orders": "order",
    "intents": "approval",
    "what_ifs": "approval",
    "executions": "execution",
    "commissions": "execution",
    "execution_orders": "execution",
    "openings": "position",
    "adjustments": "position",
    "exit_rules": "position",
    "breaks": "position",
    "broker_positions": "position",
    "sightings": "position",
    "marks": "portfolio",
    "snapshots": "portfolio",
    "cash_rows": "portfolio",
    "cash_breaks": "portfolio",
    "accruals": "portfolio",
    "snapshot_cash": "portfolio",
    "verdicts": "risk",
    "halt": "halt",
    "live_moves": "halt",
    "session_status": "session",
    "runs": "run",
    "run_steps": "run",
    "signals": "signal",
    "subjects": "outcome",
    "outcomes": "outcome",
    "expenses": "strategy",
    "strategy_claims": "strategy",
    "archived_sets": "indicator",
    "model_calls": "model",
    "model_outcomes": "model",
    "model_capabilities": "model",
    "watchlists": "watchlist",
    "slots": "slot",
    "agenda": "slot",
    "paused_schedules": "slot",
    "strategies": "strategy",
    "strategy_versions": "strategy",
    "indicator_set_versions": "indicator",
    "prompt_versions": "prompt",
    "prompt_moves": "prompt",
    "prompt_tests": "prompt",
    "prompts": "prompt",
    "notifications": "notification",
    "deliveries": "notification",
    "audit": "audit",
    "inspections": "audit",
    "commands": "command",
    "probes": "probe",
    "processes": "process",
    "owner": "access",
}
"""The topic of a table; what stands in none of them (leases, calls, links) no page shows by itself."""

changes = Table(
    "changes",
    metadata,
    Column("topic", Words, primary_key=True),
    Column("version", BigInteger, nullable=False),
)
for topic in sorted(set(TOPICS.values())):
    first_row(changes, topic=topic, version=0)


def counted(tables: Set[str]) -> Executable | None:
    """The statement that counts a change of these tables; `None` where no page shows them."""
    topics = sorted({TOPICS[table] for table in tables & TOPICS.keys()})
    return _counting(tuple(topics)) if topics else None


@cache
def _counting(topics: tuple[str, ...]) -> Executable:
    return update(changes).where(changes.c.topic.in_(topics)).values(version=changes.c.version + 1)


class Listeners:
    """Who wants to hear of commits of this process."""

    def __init__(self) -> None:
        self._rings: tuple[Callable[[], None], ...] = ()

    def add(self, ring: Callable[[], None]) -> Callable[[], None]:
        """Answers what takes it out again."""
        self._rings = (*self._rings, ring)
        return lambda: self._remove(ring)

    def ring(self) -> None:
        """Something that a page shows was committed."""
        for ring in self._rings:
            ring()

    def _remove(self, ring: Callable[[], None]) -> None:
        self._rings = tuple(one for one in self._rings if one is not ring)
