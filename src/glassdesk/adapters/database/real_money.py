"""Unlocks and locks of live accounts: one row each, for ever."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Column, Integer, Table, select

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.order_rows import orders
from glassdesk.adapters.database.schema import append_only, metadata
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Instant, Json, Word, Words
from glassdesk.kernel.errors import Conflict
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.risk.ports import LiveStore
from glassdesk.workflow.risk.unlocks import LiveAct, LiveMove, Shown

live_moves = append_only(
    Table(
        "live_moves",
        metadata,
        Column("account", Words, primary_key=True),
        Column("move", Integer, primary_key=True, autoincrement=False),
        Column("act", Word(LiveAct), nullable=False),
        Column("at", Instant, nullable=False),
        Column("actor", Words, nullable=False),
        Column("reason", Words, nullable=False),
        Column("until", Instant),
        Column("shown", Json(Shown)),
    )
)

_MOVE = rows.select_value(live_moves, LiveMove)


class DatabaseLiveStore(LiveStore):
    """Moves, as rows."""

    def add_move(self, t: Transaction, move: LiveMove) -> None:
        if not rows.insert_new(unit(t), live_moves, rows.fields_of(move)):
            problem = f"{move.account} was unlocked or locked meanwhile"
            raise Conflict(problem, where="live", remedy="look at it again: glassdesk live check")

    def moves(self, t: Transaction, account: str) -> Sequence[LiveMove]:
        of_account = _MOVE.where(live_moves.c.account == account).order_by(live_moves.c.move)
        return rows.values(LiveMove, unit(t).execute(of_account))

    def other_accounts(self, t: Transaction, account: str) -> Sequence[str]:
        others = select(orders.c.account).where(orders.c.account != account).distinct()
        return [row.account for row in unit(t).execute(others.order_by(orders.c.account))]
