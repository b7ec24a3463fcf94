"""What the portfolio step needs from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.portfolio.model import BrokerBalances, Snapshot


class BrokerPortfolio(Protocol):
    """Portfolio reads of the broker. Raise `SessionNotReady` or `ReadFailed`."""

    def balances(self, account: str) -> BrokerBalances:
        """Summary and ledger of the account."""
        ...


class PortfolioStore(Protocol):
    """Balances as last stated, opening cash, marks and daily snapshots."""

    def put_balances(self, t: Transaction, balances: BrokerBalances, *, seen_at: datetime) -> None:
        """Replace the last reading; the first of an account is kept as its opening balance too."""
        ...

    def balances(self, t: Transaction, account: str) -> tuple[BrokerBalances, datetime] | None:
        """The last reading."""
        ...

    def opening(self, t: Transaction, account: str) -> BrokerBalances | None:
        """The first reading ever."""
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
