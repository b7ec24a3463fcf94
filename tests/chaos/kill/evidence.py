"""What is left when a story is over: the desk's rows, and the broker's own account of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, select

from glassdesk.adapters.database.engine import open_engine
from glassdesk.adapters.database.schema import metadata
from glassdesk.adapters.simulation import ControlPlane, Endpoint

Row = Mapping[str, Any]
ACCOUNT = "DU1234567"
OURS = "gd1"
"""How every client order id of the desk begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Rows of both sides, and the database itself for what only it can say."""

    desk: Callable[[str], Sequence[Row]]
    """Rows of a table, by name."""
    engine: Engine
    orders: Sequence[Row]
    """Every order that the broker ever accepted, in order of arrival."""
    executions: Sequence[Row]
    positions: Mapping[int, int]
    requests: Sequence[Row]
    now: datetime

    @property
    def ours(self) -> list[Row]:
        """Accepted orders that carry an id of ours."""
        return [one for one in self.orders if str(one["coid"] or "").startswith(OURS)]

    @property
    def effective(self) -> list[Row]:
        """Executions that no later revision replaced and nobody busted."""
        replaced = {one["corrects"] for one in self.executions if one["corrects"]}
        return [one for one in self.executions if one["execution_id"] not in replaced and one["quantity"]]


def gathered(database_url: str, endpoint: Endpoint) -> Evidence:
    """Everything as it stands. The caller disposes of the engine."""
    engine = open_engine(database_url)
    control = ControlPlane(endpoint)
    try:
        return Evidence(
            desk=lambda table: _rows(engine, table),
            engine=engine,
            orders=control.truth("orders"),
            executions=control.truth("executions"),
            positions={int(row["conid"]): int(row["quantity"]) for row in control.truth("positions")},
            requests=control.truth("requests"),
            now=control.now(),
        )
    finally:
        control.close()


def _rows(engine: Engine, table: str) -> list[Row]:
    columns = metadata.tables[table]
    with engine.connect() as connection:
        found = connection.execute(select(columns)).mappings().all()
    return [dict(row) for row in found]


def instant(value: object) -> datetime:
    """An instant as either side writes it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime.fromisoformat(str(value)).astimezone(UTC)


def ticket(order: Row) -> Row:
    """The payload of an order row."""
    stated = order["ticket"]
    found: Row = json.loads(stated) if isinstance(stated, str) else stated
    return found
