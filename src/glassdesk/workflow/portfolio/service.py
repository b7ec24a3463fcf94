"""Verbs of the portfolio step; it implements `risk.ports.ExposureReader`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.contracts.service import Contracts
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.order_tracking.ports import TrackingStore
from glassdesk.workflow.orders.model import IntentState, Order, OrderState, Role
from glassdesk.workflow.orders.ports import OrderStore
from glassdesk.workflow.portfolio import accounts, exposure, lots, performance
from glassdesk.workflow.portfolio.model import Books, BrokerBalances, Snapshot, Trade
from glassdesk.workflow.portfolio.ports import PortfolioStore
from glassdesk.workflow.positions.service import Positions
from glassdesk.workflow.risk.model import Exposure, Working

_ALIVE = tuple(state for state in OrderState if not state.final)
_EXIT_STATES = (IntentState.AWAITING_APPROVAL, IntentState.QUEUED, IntentState.SENT)
NEWEST = 200
"""Orders of one strategy that a day can hold, and many more."""


class Portfolio:
    """What the desk owns and earned, from its own executions and marks; the broker's figures stand beside."""

    def __init__(
        self,
        store: PortfolioStore,
        tracking: TrackingStore,
        orders: OrderStore,
        positions: Positions,
        contracts: Contracts,
        notifications: Notifications,
        *,
        desk_capital: Decimal | None,
        exchange: str,
    ) -> None:
        self._store = store
        self._tracking = tracking
        self._orders = orders
        self._positions = positions
        self._contracts = contracts
        self._notifications = notifications
        self._desk_capital = desk_capital
        self._exchange = exchange

    def first_sight(self, t: Transaction, account: str) -> bool:
        """True until the first balances of the account were kept (`T-11`)."""
        return self._store.opening(t, account) is None

    def put_balances(self, t: Transaction, balances: BrokerBalances, *, seen_at: datetime) -> None:
        """Keep the broker's figures; the first are the opening balance."""
        self._store.put_balances(t, balances, seen_at=seen_at)

    def put_marks(self, t: Transaction, marks: Mapping[int, Decimal], *, marked_at: datetime) -> None:
        """Keep the last price of each contract."""
        self._store.put_marks(t, marks, marked_at=marked_at)

    def books(self, t: Transaction, account: str, now: datetime) -> Books:
        """Cash, market value, realised and unrealised of the whole account as the desk counts it."""
        opening, broker = self._store.opening(t, account), self._store.balances(t, account)
        return accounts.books(
            account,
            self._tracking.fills(t, account),
            self._store.marks(t),
            opening=opening.cash if opening is not None else None,
            broker=broker[0] if broker is not None else None,
            as_of=now,
        )

    def trades(self, t: Transaction, account: str) -> list[Trade]:
        """Closed round trips, first in first out, with R; oldest sale first."""
        matches = lots.match(self._tracking.fills(t, account)).matches
        entries = {one.bought.fill.order for one in matches}
        stops = {entry: stop for entry in entries if (stop := self._stop_at_entry(t, entry)) is not None}
        return lots.trades(matches, stops)

    def standing(
        self, t: Transaction, account: str, *, now: datetime, strategy: str = ""
    ) -> performance.Standing:
        """What guards look at: the desk's profit today, drawdown, row of losses. `strategy` narrows trades
        and purchases to one strategy's; equity and profit are always the whole desk's (`T-12`)."""
        began, found = self.session_began(now), self.books(t, account, now)
        fills = [f for f in self._tracking.fills(t, account) if strategy in ("", f.strategy)]
        closes = [
            performance.Earned(session=one.session, pnl=one.realised + one.unrealised)
            for one in self._store.snapshots(t, account)
            if one.taken_at < began
        ]
        return performance.standing(
            now=now,
            day_began=began,
            capital=self._desk_capital,
            pnl=None if found.unrealised is None else found.realised + found.unrealised,
            closes=closes,
            trades=[one for one in self.trades(t, account) if strategy in ("", one.strategy)],
            opened=exposure.purchases(fills).values(),
        )

    def snapshots(self, t: Transaction, account: str) -> Sequence[Snapshot]:
        """Daily closes of the books, oldest first."""
        return self._store.snapshots(t, account)

    def take_snapshot(self, t: Transaction, account: str, session: date, now: datetime) -> Snapshot | None:
        """Keep the books at a session's end; `None` while a number is missing."""
        found = self.books(t, account, now)
        if (
            found.equity is None
            or found.cash is None
            or found.unrealised is None
            or found.market_value is None
        ):
            return None
        snapshot = Snapshot(
            account=account,
            session=session,
            equity=found.equity,
            cash=found.cash,
            market_value=found.market_value,
            realised=found.realised,
            unrealised=found.unrealised,
            broker_equity=found.broker_equity,
            taken_at=now,
        )
        self._store.put_snapshot(t, snapshot)
        return snapshot

    def exposure(self, t: Transaction, account: str, strategy: str, *, now: datetime) -> Exposure:
        """Holdings, working orders and capital at `now`. Equity is desk capital and what the desk made of it;
        cash is the desk's own, never more than the broker states (`T-12`)."""
        found = self.books(t, account, now)
        marks = self._store.marks(t)
        orders = [order for order in self._orders.orders(t, states=_ALIVE) if order.account == account]
        since = self.session_began(now)
        return Exposure(
            account=account,
            as_of=now,
            desk_capital=self._desk_capital,
            cash=self._cash(found),
            equity=self._equity(found),
            holdings=tuple(
                exposure.holding(p, orders, marks[p.conid][0] if p.conid in marks else None)
                for p in self._positions.held(t, account)
            ),
            working=(*exposure.working(orders), *self._exits(t, account, orders)),
            orders_today=exposure.opened_since(
                self._orders.orders(t, strategy=strategy, limit=NEWEST), strategy, since
            ),
            broken=frozenset(one.conid for one in self._positions.breaks(t) if one.account == account),
            withheld=self._withheld(t, account, strategy),
        )

    def _withheld(self, t: Transaction, account: str, strategy: str) -> frozenset[int]:
        begins = exposure.broker_cancel_key(account, strategy)
        unseen = [one.key for one in self._notifications.unseen(t, begins)]
        return exposure.withheld(unseen, account, strategy)

    def _exits(self, t: Transaction, account: str, orders: Sequence[Order]) -> Sequence[Working]:
        intents = [i for i, _ in self._orders.intents(t, states=_EXIT_STATES) if i.account == account]
        return exposure.waiting_exits(intents, frozenset(order.order for order in orders))

    def _equity(self, found: Books) -> Decimal | None:
        if self._desk_capital is None or found.unrealised is None:
            return None
        return self._desk_capital + found.realised + found.unrealised

    def _cash(self, found: Books) -> Decimal | None:
        """The lesser of the desk's allotment less what it spent, and of the account's cash."""
        if self._desk_capital is None or found.cash is None or found.unrealised is None:
            return None
        if found.market_value is None:
            return None
        own = self._desk_capital + found.realised + found.unrealised - found.market_value
        return min(own, found.cash)

    def session_began(self, now: datetime) -> datetime:
        """Opening of the session that runs, else of the last one: orders of a day are counted from here."""
        here = self._contracts.session_at(self._exchange, now)
        return (here or self._contracts.last_closed_session(self._exchange, now)).opens_at

    def _stop_at_entry(self, t: Transaction, entry: str) -> Decimal | None:
        stops = [child for child in self._orders.children(t, entry) if child.role is Role.STOP]
        found = self._orders.intent(t, stops[0].intent) if stops else None
        return found[0].price if found is not None else None
