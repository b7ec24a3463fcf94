"""What the portfolio step needs from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.portfolio.model import (
    BrokerBalances,
    CashBreak,
    CashRow,
    Flow,
    Movement,
    Snapshot,
)


class BrokerPortfolio(Protocol):
    """Portfolio reads of the broker. Raise `SessionNotReady` or `ReadFailed`."""

    def balances(self, account: str) -> BrokerBalances:
        """Summary and ledger of the account."""
        ...

    def movements(self, account: str, conids: Sequence[int], *, days: int) -> Sequence[Movement]:
        """What else than trades happened on these contracts in so many days (at most 90), oldest first. The
        broker allows one such reading in 15 minutes."""
        ...

    def flows(self, account: str) -> Sequence[Flow]:
        """Money that came or went, for each day of the last month whose return leaves some out. One reading
        in 15 minutes."""
        ...


class PortfolioStore(Protocol):
    """Balances as last stated, opening cash, marks and daily snapshots."""

    def put_balances(self, t: Transaction, balances: BrokerBalances, *, seen_at: datetime) -> None:
        """Replace the last reading; the first of an account is kept as its opening balance too."""
        ...

    def balances(self, t: Transaction, account: str) -> tuple[BrokerBalances, datetime] | None:
        """The last reading."""
        ...

    def opening(self, t: Transaction, account: str) -> tuple[BrokerBalances, datetime] | None:
        """The first reading ever, and when it was."""
        ...

    def put_marks(self, t: Transaction, marks: Mapping[int, Decimal], *, marked_at: datetime) -> None:
        """Replace the last price of each conid."""
        ...

    def marks(self, t: Transaction) -> Mapping[int, tuple[Decimal, datetime]]:
        """The last price of each conid and when it was read."""
        ...

    def put_snapshot(self, t: Transaction, snapshot: Snapshot) -> None:
        """Insert or replace by (account, session)."""
        ...

    def snapshots(self, t: Transaction, account: str) -> Sequence[Snapshot]:
        """All, oldest first."""
        ...

    def add_cash(self, t: Transaction, row: CashRow) -> None:
        """Append. Raises `Conflict` where its evidence is booked already."""
        ...

    def cash(self, t: Transaction, account: str) -> Sequence[CashRow]:
        """All, in the order in which they were booked."""
        ...

    def put_cash_break(self, t: Transaction, found: CashBreak) -> None:
        """Open a break, or bring the open one of the account up to date."""
        ...

    def close_cash_break(self, t: Transaction, account: str, *, closed_at: datetime) -> None:
        """Close the open one; none is fine."""
        ...

    def cash_break(self, t: Transaction, account: str) -> CashBreak | None:
        """The open one."""
        ...
