"""Balances over `/portfolio/{id}/summary` and `…/ledger`; what else moved cash over `/pa` [§6]."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from glassdesk.adapters.ibkr.answers import get, post, reading
from glassdesk.adapters.ibkr.gate import Reads
from glassdesk.adapters.ibkr.parse import Fields, Unparsable, compact_date, listed, number
from glassdesk.kernel.money import exact
from glassdesk.workflow.portfolio.model import BrokerBalances, Flow, Movement

_KINDS = {"dividend payment": "dividend", "corporate action": "corporate_action"}
_FEE = re.compile(r"\bfees?\b")
"""A depositary's fee and others of the kind, listed with their contract [?]."""
_ROUNDED = Decimal("2E-8")
"""Twice the last digit of a return: of the day's own, and of the one before."""
_CENT = Decimal("0.01")


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

    def movements(self, account: str, conids: Sequence[int], *, days: int) -> Sequence[Movement]:
        path = "/pa/transactions"
        body = {"acctIds": [account], "conids": list(conids), "currency": "USD", "days": days}
        stated = post(self._reads, path, body)
        with reading(path):
            return movements_of(stated, account)

    def flows(self, account: str) -> Sequence[Flow]:
        path = "/pa/performance"
        stated = post(self._reads, path, {"acctIds": [account], "period": "1M"})
        with reading(path):
            return flows_of(stated, account)


def movements_of(stated: object, account: str) -> tuple[Movement, ...]:
    """Rows that are no trade, oldest first; dividends and transfers have neither price nor quantity."""
    rows = [
        Fields(row, "transaction")
        for row in listed(Fields(stated, "transactions").stated("transactions"), "rows")
    ]
    found = [
        Movement(
            kind=_kind(row.text("type").lower()),
            conid=row.integer("conid"),
            day=compact_date(row.text("rawDate")),
            amount=row.decimal("amt"),
            text=row.text("type"),
        )
        for row in rows
        if row.text("acctid") == account and row.text("type").lower() not in ("buy", "sell")
    ]
    return tuple(sorted(found, key=lambda one: (one.day, one.conid, one.kind, one.amount)))


def _kind(word: str) -> str:
    return "fee" if _FEE.search(word) else _KINDS.get(word, word)


def flows_of(stated: object, account: str) -> tuple[Flow, ...]:
    """What each day's change of net asset value has beyond its return. Returns are cumulated and rounded."""
    answer = Fields(stated, "performance")
    values, returns = _series(answer, "nav", account), _series(answer, "cps", account)
    dates = listed(answer.inner("nav").stated("dates"), "dates")
    worths = [number(raw) for raw in listed(values.stated("navs"), "navs")]
    totals = [number(raw) for raw in listed(returns.stated("returns"), "returns")]
    if not len(dates) == len(worths) == len(totals):
        raise Unparsable("performance: days, values and returns are not as many")
    before, growth = values.inner("startNAV").decimal("val"), Decimal(1)
    found: list[Flow] = []
    for raw, worth, total in zip(dates, worths, totals, strict=True):
        grown = (1 + total) / growth if growth > 0 else Decimal(1)
        margin = exact(abs(before) * _ROUNDED + _CENT)
        amount = exact(worth - before * grown)
        if abs(amount) > margin:
            found.append(Flow(day=compact_date(str(raw)), amount=amount, margin=margin))
        before, growth = worth, 1 + total
    return tuple(found)


def _series(answer: Fields, name: str, account: str) -> Fields:
    for raw in listed(answer.inner(name).stated("data"), name):
        series = Fields(raw, name)
        if series.text("id") == account:
            return series
    raise Unparsable(f"{name}: nothing about the account")


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
        accrued_interest=base.decimal_or_none("interest"),
        accrued_dividends=base.decimal_or_none("dividends"),
        realised=base.decimal_or_none("realizedpnl"),
    )


def _amount(figures: Fields, name: str) -> Decimal | None:
    """A figure that is not there, or null with `isNull`, is not stated."""
    return figures.inner(name).decimal_or_none("amount") if figures.stated(name) is not None else None
