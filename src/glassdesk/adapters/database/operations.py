"""Signs of life: one row for each name, beside the tick of the schedules."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.schedules import ticks
from glassdesk.adapters.database.schema import HEAD
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.upgrade import STAMP
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.operations.ports import SignsOfLife


class DatabaseSignsOfLife(SignsOfLife):
    """Signs of life, as rows."""

    schema = HEAD

    def schema_now(self, t: Transaction) -> str:
        found = unit(t).execute(select(STAMP.c.version_num)).scalar()
        return str(found or "")

    def seen(self, t: Transaction, name: str) -> datetime | None:
        found: datetime | None = unit(t).execute(select(ticks.c.at).where(ticks.c.name == name)).scalar()
        return found

    def see(self, t: Transaction, name: str, at: datetime) -> None:
        rows.put(unit(t), ticks, {"name": name, "at": at})
