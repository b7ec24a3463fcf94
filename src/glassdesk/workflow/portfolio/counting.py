"""What follows from the desk's executions alone: lots, lanes, closed trades. It is counted again only when
something came, so that a look at the books costs the same after ten years as on the first day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.order_tracking.model import Fill
from glassdesk.workflow.order_tracking.ports import TrackingStore
from glassdesk.workflow.orders.ports import OrderStore
from glassdesk.workflow.portfolio import accounts, lots
from glassdesk.workflow.portfolio.model import Trade
from glassdesk.workflow.positions.adjustments import price_since
from glassdesk.workflow.positions.service import Positions


@dataclass(slots=True, kw_only=True)
class Count:
    """What some rows give; the very same rows again give the same."""

    fills: Sequence[Fill]
    held: Sequence[Fill]
    """The fills as lots see them."""
    books: accounts.Counted
    traded: tuple[Trade, ...]
    """Closed round trips without R."""
    closed: tuple[Trade, ...] | None = None
    """The same with R, once somebody asked."""


class Counting:
    """Keeps the last count of each account. Stores hand out the same sequence while nothing came."""

    def __init__(self, tracking: TrackingStore, orders: OrderStore, positions: Positions) -> None:
        self._tracking = tracking
        self._orders = orders
        self._positions = positions
        self._kept: dict[str, Count] = {}

    def count(self, t: Transaction, account: str) -> Count:
        """The count of all executions there are."""
        fills, held = self._tracking.fills(t, account), self._positions.fills(t, account)
        known = self._kept.get(account)
        if known is None or known.fills is not fills or known.held is not held:
            books = accounts.counted(fills, held)
            traded = tuple(lots.trades(books.ledger.matches, {}))
            known = self._kept[account] = Count(fills=fills, held=held, books=books, traded=traded)
        return known

    def closed(self, t: Transaction, account: str) -> Sequence[Trade]:
        """Closed round trips, first in first out, with R; oldest sale first."""
        known = self.count(t, account)
        if known.closed is None:
            matches = known.books.ledger.matches
            known.closed = tuple(lots.trades(matches, self._stops(t, account, matches)))
        return known.closed

    def _stops(self, t: Transaction, account: str, matches: Sequence[lots.Match]) -> dict[str, Decimal]:
        """The stop with which each entry was sent, in today's shares."""
        entries = {one.bought.fill.order: one.bought.fill for one in matches}
        prices = self._orders.stop_prices(t, {fill.run for fill in entries.values()})
        moved = self._positions.adjustments(t, account)
        return {
            entry: price_since(
                moved, fill.strategy, fill.execution.conid, prices[fill.run], fill.execution.executed_at
            )
            for entry, fill in entries.items()
            if fill.run in prices
        }
