"""The desk's books: cash lanes and equity from own executions and marks (`T-12`, `T-70`). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from glassdesk.workflow.order_tracking.model import Fill
from glassdesk.workflow.portfolio import lots
from glassdesk.workflow.portfolio.model import Books, BrokerBalances
from glassdesk.workflow.positions.derive import signed

ZERO = Decimal(0)
Marks = Mapping[int, tuple[Decimal, datetime]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """Where cash went (`T-70`): trades and commissions; the other lanes have no source yet."""

    trades: Decimal
    """Sales less purchases, before commissions."""
    commissions: Decimal

    @property
    def change(self) -> Decimal:
        return self.trades - self.commissions


def lanes(fills: Sequence[Fill]) -> Lanes:
    """The lanes of our own executions."""
    flows = sum((-signed(f.execution) * f.execution.price for f in fills), ZERO)
    paid = sum((f.execution.commission or ZERO for f in fills), ZERO)
    return Lanes(trades=flows, commissions=paid)


def market_value(open_parts: Sequence[lots.Part], marks: Marks) -> Decimal | None:
    """Open shares at their marks; `None` when a mark is missing."""
    total = ZERO
    for part in open_parts:
        mark = marks.get(part.fill.execution.conid)
        if mark is None:
            return None
        total += part.quantity * mark[0]
    return total


def books(
    account: str,
    fills: Sequence[Fill],
    marks: Marks,
    *,
    opening: Decimal | None,
    broker: BrokerBalances | None,
    as_of: datetime,
) -> Books:
    """The books at an instant. `opening` is the cash before the desk's first trade."""
    ledger, flows = lots.match(fills), lanes(fills)
    value = market_value(ledger.open, marks)
    cash = None if opening is None else opening + flows.change
    realised = sum((lots.gross(one) - lots.commissions(one) for one in ledger.matches), ZERO)
    paid = sum((part.quantity * part.price + part.commission for part in ledger.open), ZERO)
    used = [marks[part.fill.execution.conid][1] for part in ledger.open if part.fill.execution.conid in marks]
    return Books(
        account=account,
        as_of=as_of,
        equity=None if cash is None or value is None else cash + value,
        cash=cash,
        market_value=value,
        realised=realised,
        unrealised=None if value is None else value - paid,
        commissions=flows.commissions,
        broker_equity=broker.net_liquidation if broker is not None else None,
        broker_cash=broker.cash if broker is not None else None,
        marked_at=min(used, default=None),
    )
