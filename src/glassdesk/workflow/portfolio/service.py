"""Verbs of the portfolio step; it implements `risk.ports.ExposureReader`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.contracts.service import Contracts
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.order_tracking.model import Execution
from glassdesk.workflow.order_tracking.ports import TrackingStore
from glassdesk.workflow.orders import late
from glassdesk.workflow.orders.model import IntentState, Order, OrderState, Role
from glassdesk.workflow.orders.ports import OrderStore
from glassdesk.workflow.portfolio import (
    accounts,
    cash,
    explaining,
    exposure,
    pace,
    performance,
    report,
    statistics,
)
from glassdesk.workflow.portfolio.counting import Counting
from glassdesk.workflow.portfolio.model import (
    Books,
    BrokerBalances,
    CashBreak,
    CashRow,
    Flow,
    Movement,
    Snapshot,
    Trade,
)
from glassdesk.workflow.portfolio.ports import PortfolioStore
from glassdesk.workflow.positions.model import Position
from glassdesk.workflow.positions.service import Positions
from glassdesk.workflow.risk.model import Closed, Exposure, Opened, Working

_ALIVE = tuple(state for state in OrderState if not state.final)
_EXIT_STATES = (IntentState.AWAITING_APPROVAL, IntentState.QUEUED, IntentState.SENT)
NEWEST = 200
"""Orders that a day can hold, and many more."""


def _on_margin(t: Transaction, account: str) -> bool:
    return False


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
        pays_cash: Callable[[Transaction, str], bool] = _on_margin,
    ) -> None:
        self._store = store
        self._tracking = tracking
        self._orders = orders
        self._positions = positions
        self._contracts = contracts
        self._notifications = notifications
        self._desk_capital = desk_capital
        self._exchange = exchange
        self._pays_cash = pays_cash
        self._counting = Counting(tracking, orders, positions)

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
            self._counting.count(t, account).books,
            self._store.marks(t),
            opening=opening[0].cash if opening is not None else None,
            broker=broker[0] if broker is not None else None,
            as_of=now,
            rest=accounts.Rest(
                rows=self._store.cash(t, account),
                external=self._strangers(t, account, since=opening[1] if opening is not None else now),
                stated=self._positions.broker(t, account),
            ),
        )

    def _strangers(self, t: Transaction, account: str, *, since: datetime) -> Sequence[Execution]:
        """Executions of somebody else; what happened before first sight is in the opening (`T-11`)."""
        found = self._tracking.external_executions(t)
        return [one for one in found if one.account == account and one.executed_at > since]

    def trades(self, t: Transaction, account: str) -> list[Trade]:
        """Closed round trips, first in first out, with R; oldest sale first."""
        return list(self._counting.closed(t, account))

    def standing(
        self, t: Transaction, account: str, *, now: datetime, strategy: str = ""
    ) -> performance.Standing:
        """What guards look at: the desk's profit today, drawdown, row of losses. `strategy` narrows trades
        and purchases to one strategy's; equity and profit are always the whole desk's (`T-12`)."""
        fills = [f for f in self._tracking.fills(t, account) if strategy in ("", f.strategy)]
        trades = [one for one in self.trades(t, account) if strategy in ("", one.strategy)]
        opened = exposure.purchases(fills).values()
        return self._standing(t, self.books(t, account, now), now, trades, opened)

    def _standing(
        self,
        t: Transaction,
        found: Books,
        now: datetime,
        trades: Sequence[Trade] = (),
        opened: Iterable[datetime] = (),
    ) -> performance.Standing:
        began = self.session_began(now)
        closes = [
            performance.Earned(session=one.session, pnl=one.realised + one.unrealised + one.dividends)
            for one in self._store.snapshots(t, found.account)
            if one.taken_at < began
        ]
        return performance.standing(
            now=now,
            day_began=began,
            capital=self._desk_capital,
            pnl=found.pnl,
            closes=closes,
            trades=trades,
            opened=opened,
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
            deposits=found.lanes.deposits,
            dividends=found.dividends,
            unexplained=found.unexplained,
            accrued_interest=self._accrued_interest(t, account),
        )
        self._store.put_snapshot(t, snapshot)
        return snapshot

    def report(self, t: Transaction, account: str, now: datetime) -> report.Report:
        """Everything a person reads about the portfolio."""
        found, fills, trades = (
            self.books(t, account, now),
            self._positions.fills(t, account),
            self.trades(t, account),
        )
        opening, broker = self._store.opening(t, account), self._store.balances(t, account)
        lots_now = report.open_lots(fills, self._store.marks(t))
        none = statistics.statistics(())
        return report.Report(
            books=found,
            standing=self.standing(t, account, now=now),
            statistics=statistics.statistics(trades),
            realised=report.realised(
                fills,
                self._strangers(t, account, since=opening[1] if opening is not None else now),
                self._positions.openings(t, account),
                ours=found.realised,
                broker=broker[0].realised if broker is not None else None,
            ),
            lots=lots_now,
            cash=tuple(self._store.cash(t, account)),
            cash_break=self._store.cash_break(t, account),
            days=report.days(
                self._store.snapshots(t, account),
                opening[0].net_liquidation if opening is not None else None,
                self._desk_capital,
            ),
            by_strategy=report.groups(
                statistics.grouped(trades, lambda one: one.strategy), report.by(lots_now, "strategy"), none
            ),
            by_symbol=report.groups(
                statistics.grouped(trades, lambda one: one.symbol), report.by(lots_now, "symbol"), none
            ),
        )

    def explain(self, t: Transaction, account: str, now: datetime) -> tuple[explaining.Explained, ...]:
        """Each number of the books with its parts, down to fills, commissions, marks and cash rows."""
        opening = self._store.opening(t, account)
        ground = explaining.Ground(
            fills=self._tracking.fills(t, account),
            held=self._positions.fills(t, account),
            external=self._strangers(t, account, since=opening[1] if opening is not None else now),
            rows=self._store.cash(t, account),
            marks=self._store.marks(t),
        )
        return explaining.explain(self.books(t, account, now), ground)

    def cash_rows(self, t: Transaction, account: str) -> Sequence[CashRow]:
        """Movements of cash that are no executions, each with its evidence, in the order of booking."""
        return self._store.cash(t, account)

    def cash_break(self, t: Transaction, account: str) -> CashBreak | None:
        """The open difference of cash."""
        return self._store.cash_break(t, account)

    def traded(self, t: Transaction, account: str) -> frozenset[int]:
        """Conids that the desk or the owner has or had: what may have paid a dividend."""
        ours, owned = self._conids(t, account)
        return ours | owned

    def explain_cash(
        self,
        t: Transaction,
        account: str,
        now: datetime,
        *,
        movements: Sequence[Movement],
        flows: Sequence[Flow],
    ) -> Sequence[CashRow]:
        """Book what of the difference in cash the broker's figures show; answers the new rows."""
        found, opening = self.books(t, account, now), self._store.opening(t, account)
        if found.unexplained is None or opening is None:
            return ()
        known = self._store.cash(t, account)
        ours, owned = self._conids(t, account)
        evidence = cash.Evidence(
            account=account,
            booked_at=now,
            movements=movements,
            flows=flows,
            accrued=cash.accrued(self._store.snapshots(t, account), self._accrued_interest(t, account), now),
            since=self._day(opening[1]),
            owned=owned,
            held=ours,
        )
        rows = cash.explain(found.unexplained, evidence, known)
        for row in rows:
            self._store.add_cash(t, row)
        return rows

    def judge_cash(self, t: Transaction, account: str, now: datetime) -> cash.Judged:
        """Open, keep or close the break of what is left unexplained. While a commission is on its way, none
        is opened."""
        found, before = self.books(t, account, now), self._store.cash_break(t, account)
        if found.unexplained is None:
            return cash.Judged()
        limit = cash.tolerance(found.equity)
        if abs(found.unexplained) <= limit:
            self._store.close_cash_break(t, account, closed_at=now)
            return cash.Judged(closed=before)
        if before is None and not cash.settled(self._tracking.fills(t, account), now):
            return cash.Judged()
        opened_at = now if before is None else before.opened_at
        after = CashBreak(account=account, opened_at=opened_at, amount=found.unexplained, tolerance=limit)
        self._store.put_cash_break(t, after)
        return cash.Judged(opened=after if before is None else None)

    def _conids(self, t: Transaction, account: str) -> tuple[frozenset[int], frozenset[int]]:
        """What the desk has or had, and what the owner."""
        ours = frozenset(fill.execution.conid for fill in self._tracking.fills(t, account))
        theirs = {row.conid for row in self._positions.openings(t, account)}
        strangers = self._tracking.external_executions(t)
        theirs |= {one.conid for one in strangers if one.account == account}
        return ours, frozenset(theirs)

    def _accrued_interest(self, t: Transaction, account: str) -> Decimal | None:
        stated = self._store.balances(t, account)
        return stated[0].accrued_interest if stated is not None else None

    def _day(self, instant: datetime) -> date:
        return instant.astimezone(self._contracts.zone(self._exchange)).date()

    def exposure(self, t: Transaction, account: str, strategy: str, *, now: datetime) -> Exposure:
        """Holdings, working orders and capital at `now`. Equity is desk capital and what the desk made of it;
        cash is the desk's own, never more than the broker states (`T-12`)."""
        found = self.books(t, account, now)
        marks = self._store.marks(t)
        orders = [order for order in self._orders.orders(t, states=_ALIVE) if order.account == account]
        held = self._positions.held(t, account)
        balances = self._store.balances(t, account)
        standing = self._standing(t, found, now)
        return Exposure(
            account=account,
            as_of=now,
            desk_capital=self._desk_capital,
            cash=self._cash(found),
            equity=self._equity(found),
            holdings=tuple(
                exposure.holding(p, orders, marks[p.conid][0] if p.conid in marks else None) for p in held
            ),
            working=(*exposure.working(orders, now), *self._exits(t, account, orders)),
            broken=frozenset(one.conid for one in self._positions.breaks(t) if one.account == account),
            withheld=self._withheld(t, account, strategy),
            arriving=self._arriving(t, account, now),
            opened=self._opened(t, account, now),
            closed=self._closed(t, account, now),
            day_pnl=standing.pnl_today,
            peak=standing.high_water,
            books_of=self._oldest(held, marks, balances),
            cash_account=self._pays_cash(t, account),
            settled_cash=balances[0].settled_cash if balances is not None else None,
        )

    def _opened(self, t: Transaction, account: str, now: datetime) -> tuple[Opened, ...]:
        since = self._contracts.last_closed_session(self._exchange, now).opens_at
        entries = pace.entries(self._orders.orders(t, limit=NEWEST), account, since)
        stored = self._orders.intents(t, names={order.intent for order in entries})
        bars = {intent.intent: intent.terms.last_bar if intent.terms else None for intent, _ in stored}
        return pace.opened(entries, bars, began=self.session_began(now), now=now)

    def _closed(self, t: Transaction, account: str, now: datetime) -> tuple[Closed, ...]:
        return pace.closed(self._counting.count(t, account).traded, self._session_of, now)

    def _session_of(self, instant: datetime) -> date:
        """The session that runs, else the last one."""
        here = self._contracts.session_at(self._exchange, instant)
        return (here or self._contracts.last_closed_session(self._exchange, instant)).session

    def _oldest(
        self,
        held: Sequence[Position],
        marks: Mapping[int, tuple[Decimal, datetime]],
        balances: tuple[BrokerBalances, datetime] | None,
    ) -> date | None:
        """Session of the oldest number in use; `None` where one is missing."""
        conids = {one.conid for one in held}
        if balances is None or not conids <= marks.keys():
            return None
        return self._session_of(min([balances[1], *(marks[conid][1] for conid in conids)]))

    def _arriving(self, t: Transaction, account: str, now: datetime) -> frozenset[int]:
        over = self._orders.orders(t, states=late.GIVEN_UP, limit=NEWEST)
        mine = (o for o in over if o.account == account and o.role is Role.ENTRY)
        silent = [order for order in mine if late.unnamed(order, now, within=late.IN_THE_WAY)]
        return frozenset(o.conid for o in silent if late.may_arrive(self._orders.sends(t, o.order)))

    def _withheld(self, t: Transaction, account: str, strategy: str) -> frozenset[int]:
        begins = exposure.broker_cancel_key(account, strategy)
        unseen = [one.key for one in self._notifications.unseen(t, begins)]
        return exposure.withheld(unseen, account, strategy)

    def _exits(self, t: Transaction, account: str, orders: Sequence[Order]) -> Sequence[Working]:
        intents = [i for i, _ in self._orders.intents(t, states=_EXIT_STATES) if i.account == account]
        return exposure.waiting_exits(intents, frozenset(order.order for order in orders))

    def _equity(self, found: Books) -> Decimal | None:
        if self._desk_capital is None or found.pnl is None:
            return None
        return self._desk_capital + found.pnl

    def _cash(self, found: Books) -> Decimal | None:
        """The lesser of the desk's allotment less what it spent, and of the account's cash."""
        if self._desk_capital is None or found.cash is None or found.pnl is None:
            return None
        if found.market_value is None:
            return None
        own = self._desk_capital + found.pnl - found.market_value
        return min(own, found.cash)

    def session_began(self, now: datetime) -> datetime:
        """Opening of the session that runs, else of the last one: orders of a day are counted from here."""
        here = self._contracts.session_at(self._exchange, now)
        return (here or self._contracts.last_closed_session(self._exchange, now)).opens_at
