"""What a strategy may spend on questions to a model: set aside before a question is asked, settled by what it
cost.

A question whose cost nobody stated counts as what was set aside. Days and months are those of UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """In USD; `None` = no limit."""

    per_day: Decimal | None = None
    per_month: Decimal | None = None
    per_question: Decimal | None = None
    """What one question costs at most: so much is set aside before it is asked."""

    @property
    def limited(self) -> bool:
        """True where a question may be refused for its cost."""
        return self.per_day is not None or self.per_month is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expense:
    """One decision's question to a model, as an expense."""

    run: str
    strategy: str
    asked_at: datetime
    set_aside: Decimal
    cost: Decimal | None = None
    """What it cost, once that is known."""
    refused: str = ""
    """Why it was not asked."""


class ExpenseStore(Protocol):
    """Expenses of strategies, one row for each run."""

    def one_at_a_time(self, t: Transaction, strategy: str) -> None:
        """Until the transaction ends nobody else gets past this for the same strategy."""
        ...

    def add(self, t: Transaction, expense: Expense) -> bool:
        """Insert; False when the run has its row."""
        ...

    def settle(self, t: Transaction, run: str, cost: Decimal) -> None:
        """Note what it cost, once."""
        ...

    def of_run(self, t: Transaction, run: str) -> Expense | None:
        """The question of a run."""
        ...

    def spent(self, t: Transaction, strategy: str, since: datetime) -> Decimal:
        """Sum of costs, and of what is set aside where the cost is not known."""
        ...

    def asked(self, t: Transaction, strategy: str, limit: int) -> list[Expense]:
        """Those that were asked and settled, newest first."""
        ...


class Budgets:
    """Says before a question whether it may be asked."""

    def __init__(self, store: ExpenseStore) -> None:
        self._store = store

    def set_aside(self, t: Transaction, run: str, strategy: str, budget: Budget, now: datetime) -> str:
        """Set aside what the question may cost; answers why it may not be asked, empty where it may.

        Again for the same run is what was said the first time.
        """
        known = self._store.of_run(t, run)
        if known is not None:
            return known.refused
        self._store.one_at_a_time(t, strategy)
        refused = self.would_refuse(t, strategy, budget, now)
        row = Expense(
            run=run,
            strategy=strategy,
            asked_at=now,
            set_aside=Decimal(0) if refused else budget.per_question or Decimal(0),
            refused=refused,
        )
        self._store.add(t, row)
        return refused

    def refusal(self, t: Transaction, run: str) -> str:
        """Why the run's question may not be asked; empty where it may."""
        known = self._store.of_run(t, run)
        return known.refused if known is not None else ""

    def settle(self, t: Transaction, run: str, cost: Decimal | None) -> None:
        """Note what the answer cost; `None` leaves it at what was set aside."""
        if cost is not None:
            self._store.settle(t, run, cost)

    def spent(self, t: Transaction, strategy: str, now: datetime) -> tuple[Decimal, Decimal]:
        """Of the day and of the month around `now`."""
        day, month = _begins(now)
        return self._store.spent(t, strategy, day), self._store.spent(t, strategy, month)

    def usual_cost(self, t: Transaction, strategy: str) -> Decimal | None:
        """The mean of its last questions whose cost is known; `None` without one."""
        known = [one.cost for one in self._store.asked(t, strategy, SEEN) if one.cost is not None]
        return sum(known, Decimal(0)) / len(known) if known else None

    def would_refuse(self, t: Transaction, strategy: str, budget: Budget, now: datetime) -> str:
        """Why a question may not be asked at this instant; empty where it may."""
        if not budget.limited:
            return ""
        if budget.per_question is None:
            return "BUDGET: nothing says what a question costs (budget.per_question)"
        spent = self.spent(t, strategy, now)
        limits = (budget.per_day, budget.per_month)
        for name, used, limit in zip(("day", "month"), spent, limits, strict=True):
            if limit is not None and used + budget.per_question > limit:
                return (
                    f"BUDGET: {used.normalize():f} of {limit.normalize():f} USD a {name} are spent or set"
                    f" aside, a question may cost {budget.per_question.normalize():f}"
                )
        return ""


SEEN = 20
"""Questions that the usual cost is the mean of."""


def _begins(now: datetime) -> tuple[datetime, datetime]:
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return day, day.replace(day=1)
