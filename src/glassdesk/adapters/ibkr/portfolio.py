"""Balances over `/portfolio/{id}/summary` and `/portfolio/{id}/ledger` [§6]."""

from __future__ import annotations

from decimal import Decimal

from glassdesk.adapters.ibkr.answers import get, reading
from glassdesk.adapters.ibkr.gate import Reads
from glassdesk.adapters.ibkr.parse import Fields
from glassdesk.workflow.portfolio.model import BrokerBalances


class IbkrPortfolio:
    """Implements `portfolio.ports.BrokerPortfolio`."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def balances(self, account: str) -> BrokerBalances:
        path = f"/portfolio/{account}/summary"
        summary = get(self._reads, path)
        ledger = get(self._reads, f"/portfolio/{account}/ledger")
        with reading(path):
            return balances_of(account, summary, ledger)


def balances_of(account: str, summary: object, ledger: object) -> BrokerBalances:
    """Net liquidation and available funds from the summary, cash from the ledger's row in base currency."""
    figures = Fields(summary, "summary")
    books = Fields(ledger, "ledger")
    base = books.inner("BASE")
    worth = figures.inner("netliquidation")
    return BrokerBalances(
        account=account,
        net_liquidation=worth.decimal("amount"),
        cash=base.decimal("cashbalance"),
        settled_cash=base.decimal_or_none("settledcash"),
        available_funds=_amount(figures, "availablefunds"),
        currency=worth.text("currency"),
    )


def _amount(figures: Fields, name: str) -> Decimal | None:
    """A figure that is not there, or null with `isNull`, is not stated."""
    return figures.inner(name).decimal_or_none("amount") if figures.stated(name) is not None else None
