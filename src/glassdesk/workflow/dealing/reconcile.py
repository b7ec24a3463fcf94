"""Compare with the broker: positions, balances, marks. Differences are reported, never repaired (§2.9)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from glassdesk.kernel.errors import SessionNotReady, Unavailable
from glassdesk.workflow.dealing.cash import Cash
from glassdesk.workflow.dealing.facts_part import ALIVE, FactsPart
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.shares import Shares
from glassdesk.workflow.orders.model import OrderState, Side
from glassdesk.workflow.portfolio.model import BrokerBalances
from glassdesk.workflow.positions.model import BrokerPosition

WITH_CHILDREN = timedelta(seconds=15)
"""While sells rest in regular hours (`T-35`)."""
ALWAYS = timedelta(minutes=5)
AFTER_CLOSE = timedelta(minutes=10)
DAY = timedelta(days=1)


class Reconcile:
    """Positions and money, read and compared."""

    def __init__(self, parts: Parts, facts: FactsPart, shares: Shares) -> None:
        self._parts = parts
        self._facts = facts
        self._shares = shares
        self._cash = Cash(parts)

    def when_due(self, reign: Reign) -> None:
        """At the start of an epoch, after every change, and from time to time. Before the first: no send."""
        now, reign.held_up = self._parts.now(), None
        if reign.unread or reign.listed_at is None:
            self._keep(reign, now)
            return
        pause = self._pause(reign, now)
        old = pause is not None and (reign.positions_at is None or now - reign.positions_at >= pause)
        if reign.stale or not reign.may_send or old:
            self._compare(reign)
        if pause is not None:
            reign.due.at(now + pause)

    def _keep(self, reign: Reign, now: datetime) -> None:
        """Without a list or trades nothing can be compared. Sells shrink to what the broker says is held all
        the same (`T-35`), but where nobody knows what they sold meanwhile: neither list nor trades."""
        if not reign.ready or len(reign.unread) > 1 or not self._selling():
            return
        if reign.kept_at is None or now - reign.kept_at >= WITH_CHILDREN:
            reign.kept_at, reign.stale = now, True
            self._unless_unread(reign, lambda: self._shares.keep(reign, self._stated()))
        reign.due.at(reign.kept_at + WITH_CHILDREN)

    def _selling(self) -> bool:
        with self._parts.transactions.read() as t:
            alive = self._parts.order_rows.orders(t, states=ALIVE)
        return any(order.ticket.side is Side.SELL and order.state.at_broker for order in alive)

    def _compare(self, reign: Reign) -> None:
        """A reading that fails holds up entries: stops and exits go on. In an epoch that was never compared
        they wait too, and what takes promises back goes on [R-START]."""
        self._unless_unread(reign, lambda: self.now(reign))

    def _unless_unread(self, reign: Reign, deed: Callable[[], None]) -> None:
        """Raises `SessionNotReady`: then nothing is read at all."""
        try:
            deed()
        except SessionNotReady:
            raise
        except Unavailable as failure:
            reign.stale, reign.held_up = True, failure

    def now(self, reign: Reign) -> None:
        """Read and compare. A difference is looked at twice: a fill may lie between two reads. What is
        promised beyond what is held shrinks in the same pass (`T-35`)."""
        parts, account = self._parts, self._parts.settings.account
        stated = first = self._stated()
        with parts.transactions.read() as t:
            known = not parts.portfolio.first_sight(t, account)
            differs = known and bool(parts.positions.differences(t, account, stated, parts.now()))
        if differs and self._facts.read_now(reign):
            stated = self._stated()
        if reign.unread:
            raise reign.unread[0]
        try:
            balances = parts.broker.portfolio.balances(account)
        except SessionNotReady:
            raise
        except Unavailable:
            self._shares.keep(reign, first, stated)
            raise
        self._write_down(reign, stated, balances)
        self._shares.keep(reign, first, stated)

    def _stated(self) -> Sequence[BrokerPosition]:
        return self._parts.broker.positions.positions(self._parts.settings.account)

    def _write_down(self, reign: Reign, stated: Sequence[BrokerPosition], balances: BrokerBalances) -> None:
        parts, account, now = self._parts, self._parts.settings.account, self._parts.now()
        marks = {row.conid: row.market_price for row in stated if row.market_price is not None}
        with parts.transactions.begin() as t:
            if parts.portfolio.first_sight(t, account):
                parts.positions.first_sight(t, account, stated, seen_at=now)
            parts.positions.compare(t, account, stated, seen_at=now)
            parts.portfolio.put_balances(t, balances, seen_at=now)
            parts.portfolio.put_marks(t, marks, marked_at=now)
        reign.positions_at, reign.stale = now, False
        reign.reconciled_epoch = reign.epoch

    def _pause(self, reign: Reign, now: datetime) -> timedelta | None:
        """Between two comparisons without a cause; `None` where the clock jumps to what happens."""
        parts = self._parts
        if parts.clock.wakes_on_events or not parts.contracts.is_open(parts.settings.exchange, now):
            return None
        with parts.transactions.read() as t:
            alive = parts.order_rows.orders(t, states=ALIVE)
        return WITH_CHILDREN if any(o.state is not OrderState.RESERVED for o in alive) else ALWAYS

    def close_day(self, reign: Reign) -> None:
        """Ten minutes after each close: compare once more and keep the day's books."""
        parts, settings, now = self._parts, self._parts.settings, self._parts.now()
        reign.due.at(self._next_close(now) + AFTER_CLOSE)
        ended = parts.contracts.last_closed_session(settings.exchange, now - AFTER_CLOSE)
        if not reign.may_send or reign.snapshot_tried == ended.closes_at:
            return
        with parts.transactions.read() as t:
            taken = any(s.session == ended.session for s in parts.portfolio.snapshots(t, settings.account))
        if not taken:
            if reign.tried_at != now:
                # A venue corrects a price while nothing works: nothing else would have it read today [F-68].
                self._facts.read_now(reign)
            if reign.unread:
                raise reign.unread[0]
            self.now(reign)
            self._cash.explain()
            with parts.transactions.begin() as t:
                parts.portfolio.take_snapshot(t, settings.account, ended.session, now)
        reign.snapshot_tried = ended.closes_at

    def _next_close(self, now: datetime) -> datetime:
        """The close after which books are kept next; one less than ten minutes ago still counts."""
        contracts, exchange = self._parts.contracts, self._parts.settings.exchange
        here = contracts.session_at(exchange, now)
        if here is not None:
            return here.closes_at
        last = contracts.last_closed_session(exchange, now)
        if now < last.closes_at + AFTER_CLOSE:
            return last.closes_at
        return contracts.next_session(exchange, now).closes_at
