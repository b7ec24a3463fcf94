"""What strategies spend on questions to a model."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Column, ForeignKey, Index, Table, func, select, update

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.schema import keep_columns, metadata
from glassdesk.adapters.database.strategies import strategies
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Instant, Money, Words
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.signals.budget import Expense, ExpenseStore

expenses = Table(
    "expenses",
    metadata,
    Column("run", Words, ForeignKey("runs.run"), primary_key=True),
    Column("strategy", Words, ForeignKey("strategies.name"), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("set_aside", Money, nullable=False),
    Column("cost", Money),
    Column("refused", Words, nullable=False),
    Index("ix_expenses_strategy", "strategy", "asked_at"),
)
keep_columns(expenses, ("run", "strategy", "asked_at", "set_aside", "refused"))

_C = expenses.c
_EXPENSE = rows.select_value(expenses, Expense)


class DatabaseExpenseStore(ExpenseStore):
    """Expenses, as rows."""

    def one_at_a_time(self, t: Transaction, strategy: str) -> None:
        # SQLite writes one by one anyway
        unit(t).execute(select(strategies.c.name).where(strategies.c.name == strategy).with_for_update())

    def add(self, t: Transaction, expense: Expense) -> bool:
        return rows.insert_new(unit(t), expenses, rows.fields_of(expense))

    def settle(self, t: Transaction, run: str, cost: Decimal) -> None:
        mine = (_C.run == run, _C.cost.is_(None))
        unit(t).execute(update(expenses).where(*mine).values(cost=cost))

    def of_run(self, t: Transaction, run: str) -> Expense | None:
        return rows.optional(Expense, unit(t).execute(_EXPENSE.where(_C.run == run)).first())

    def spent(self, t: Transaction, strategy: str, since: datetime) -> Decimal:
        each = func.coalesce(_C.cost, _C.set_aside)
        total = select(func.sum(each, type_=Money)).where(_C.strategy == strategy, _C.asked_at >= since)
        found: Decimal | None = unit(t).execute(total).scalar()
        return found or Decimal(0)

    def asked(self, t: Transaction, strategy: str, limit: int) -> list[Expense]:
        known = _EXPENSE.where(_C.strategy == strategy, _C.cost.is_not(None))
        statement = known.order_by(_C.asked_at.desc(), _C.run).limit(limit)
        return list(rows.values(Expense, unit(t).execute(statement)))
