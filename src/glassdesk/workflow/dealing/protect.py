"""After every fold: children fit their entry (`T-23`), nothing promises shares that are not there (`T-36`),
and a position without a live stop is told within a minute (`T-33`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing import reigns
from glassdesk.workflow.dealing.facts_part import ALIVE, FactsPart
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.shrinking import Shrinking
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.dealing.writes import Writes
from glassdesk.workflow.orders.model import IntentKind, IntentState, Order, OrderState, Role, TimeInForce
from glassdesk.workflow.positions.expiry import changed_on, is_due
from glassdesk.workflow.positions.protection import Protection, ProtectionState
from glassdesk.workflow.risk import halt

ZERO = Decimal(0)
ALARM_AFTER = timedelta(seconds=60)
COVERED_AFTER = timedelta(seconds=30)
AGAIN = timedelta(seconds=20)
"""The same change is not asked for twice within this time."""
LISTED_ALIVE = ("presubmitted", "submitted")
_MOVABLE = (OrderState.WORKING, OrderState.PARTIAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bracket:
    """An entry with the children that are not over, and what the strategy holds of the contract."""

    entry: Order
    children: tuple[Order, ...]
    all_children: tuple[Order, ...]
    held: Decimal
    leaving: bool
    """An exit works with the target: its quantity is the ladder's."""

    @property
    def bare(self) -> bool:
        """Every stop of it is over: what it still buys would have none [F-52]."""
        stops = [child for child in self.all_children if child.role is Role.STOP]
        return bool(stops) and all(stop.state.final for stop in stops)


class Protect:
    """Keeps what rests at the broker in step with what is held."""

    def __init__(self, parts: Parts, facts: FactsPart, writes: Writes, telling: Telling) -> None:
        self._parts = parts
        self._facts = facts
        self._writes = writes
        self._telling = telling
        self._shrinking = Shrinking(parts, writes, telling)

    def look(self, reign: Reign) -> Sequence[Protection]:
        """Correct every bracket with living legs, then look for positions without a live stop. Answers what
        is known of every position's stop. All of it only takes promises back, so what orders say in a
        list or by their ids is enough; what renews one waits until the epoch was compared [R-START]."""
        if not reign.ready or (reign.listed_at is None and reign.blind_since is None):
            return ()
        with self._parts.transactions.read() as t:
            may_change = halt.may_protect(self._parts.risk.halt(t).level)
            alive = [o for o in self._parts.order_rows.orders(t, states=ALIVE) if not o.of_probe]
            brackets, aging = self._brackets(t, alive), self._aging(t, alive)
        for one in brackets if may_change else ():
            self._correct(reign, one)
        for order in aging if may_change and reign.may_send else ():
            self._renew(reign, order)
        return self._alarm(reign)

    def _brackets(self, t: Transaction, alive: Sequence[Order]) -> list[Bracket]:
        account = self._parts.settings.account
        theirs = self._parts.positions.released(t, account)
        mine = [order for order in alive if order.order not in theirs]
        parents = {order.parent for order in mine if order.parent is not None}
        parents |= {order.order for order in mine if order.role is Role.ENTRY and order.state in _MOVABLE}
        entries = [self._parts.order_rows.order(t, parent) for parent in sorted(parents)]
        targets = self._moved(t)
        held = {(p.conid, p.strategy): p.quantity for p in self._parts.positions.held(t, account)}
        return [self._bracket(t, entry, held, targets) for entry in entries if entry is not None]

    def _bracket(
        self,
        t: Transaction,
        entry: Order,
        held: dict[tuple[int, str], Decimal],
        targets: set[str | None],
    ) -> Bracket:
        children = tuple(self._parts.order_rows.children(t, entry.order))
        return Bracket(
            entry=entry,
            children=tuple(child for child in children if child.state in _MOVABLE),
            all_children=children,
            held=held.get((entry.conid, entry.strategy), ZERO),
            leaving=any(child.order in targets for child in children),
        )

    def _correct(self, reign: Reign, one: Bracket) -> None:
        if not one.entry.state.final:
            self._stop_the_rest(reign, one)
        elif one.entry.filled == 0 or one.held <= 0:
            # Target first: the stop protects to the last (`T-35`).
            for child in sorted(one.children, key=lambda c: c.role is Role.STOP):
                if not self._asked_lately(child):
                    self._writes.cancel(reign, child, "no shares are left for it")
        elif not one.leaving:
            self._fit(reign, one)
            self._leave_one_stop(reign, one)

    def _stop_the_rest(self, reign: Reign, one: Bracket) -> None:
        """A child's fill ends the rest of the entry at once (`T-23`), and so does the loss of its stop."""
        if one.entry.state not in _MOVABLE or self._asked_lately(one.entry):
            return
        if any(child.filled > 0 or _shown_filled(reign, child) for child in one.all_children):
            self._writes.cancel(reign, one.entry, "its stop or target was filled")
        elif one.bare:
            self._writes.cancel(reign, one.entry, "its stop is not at the broker")
        elif one.entry.filled > 0 and self._misfits(reign, one):
            self._writes.cancel(reign, one.entry, "its children do not fit what was bought")

    def _misfits(self, reign: Reign, one: Bracket) -> bool:
        """True half a minute after the first fill unless children grow with the fills: they may wait for the
        whole entry, as far as anybody knows, or sell all of it while a part was bought. The rest is given up,
        so that within a minute stop and target are as large as what is there (`T-23`, `T-36`)."""
        stops = [child for child in one.children if child.role is Role.STOP]
        covered = sum((stop.ticket.quantity - stop.filled for stop in stops), ZERO)
        if self._parts.board.switches.children == "scaled" and covered >= one.entry.filled:
            return False
        with self._parts.transactions.read() as t:
            fills = self._parts.tracking.executions(t, order=one.entry.order)
        first = min((fill.executed_at for fill in fills), default=self._parts.now())
        if self._parts.now() >= first + COVERED_AFTER:
            return True
        reign.due.at(first + COVERED_AFTER)
        return False

    def _fit(self, reign: Reign, one: Bracket) -> None:
        """The entry ended with fewer shares than ordered, or some of them left since: children shrink to what
        is held (`T-23`), the target first. They never grow."""
        for child in sorted(one.children, key=lambda c: c.role is Role.STOP):
            most = child.filled + one.held
            if child.ticket.quantity > most and not self._asked_lately(child):
                self._shrinking.to(reign, child, most)

    def _aging(self, t: Transaction, alive: Sequence[Order]) -> list[Order]:
        """Orders that rest for shares held and near their end (`T-34`), a person's stop and a remedy too."""
        settings, now = self._parts.settings, self._parts.now()
        if not self._parts.contracts.is_open(settings.exchange, now):
            return []
        zone = self._parts.contracts.zone(settings.exchange)
        today = now.astimezone(zone).date()
        rests = [o for o in alive if o.state in _MOVABLE and o.ticket.tif is TimeInForce.GTC]
        aging = [o for o in rests if is_due(changed_on(o, zone), today)]
        return self._kept(t, aging) if aging else []

    def _kept(self, t: Transaction, orders: Sequence[Order]) -> list[Order]:
        """Those that protect or leave what the desk holds, and that no exit moves."""
        account = self._parts.settings.account
        theirs = self._parts.positions.released(t, account)
        held = {(p.conid, p.strategy) for p in self._parts.positions.held(t, account)}
        moved = self._moved(t)
        kept = [o for o in orders if o.order not in theirs and o.order not in moved]
        return [o for o in kept if (o.conid, o.strategy) in held]

    def _renew(self, reign: Reign, order: Order) -> None:
        """The same order once more, as a modification: its time begins anew (`T-34`), and there is never more
        stop than before, nor a moment without."""
        if not self._asked_lately(order):
            self._writes.modify(reign, order, order)

    def _moved(self, t: Transaction) -> set[str | None]:
        """Targets that exits move: their price and quantity are the ladder's."""
        exits = self._parts.orders.intents(t, states=[IntentState.SENT])
        return {intent.target_order for intent, _ in exits if intent.kind is IntentKind.REDUCE}

    def _leave_one_stop(self, reign: Reign, one: Bracket) -> None:
        """A stop that came back beside its remedy would sell the shares twice (I-53): the later one goes."""
        stops = sorted((c for c in one.children if c.role is Role.STOP), key=lambda c: c.reserved_at)
        promised = sum((stop.ticket.quantity - stop.filled for stop in stops), ZERO)
        for stop in stops[1:] if promised > one.held else ():
            if not self._asked_lately(stop):
                self._writes.cancel(reign, stop, "another stop protects the same shares")

    def _asked_lately(self, order: Order) -> bool:
        now = self._parts.now()
        if order.last_sent_at is None or now - order.last_sent_at >= AGAIN:
            return False
        with self._parts.transactions.read() as t:
            sends = self._parts.order_rows.sends(t, order.order)
        return bool(sends) and sends[-1].verb != "place"

    def _protected(self, reign: Reign, view: Protection) -> bool:
        """Live; a stop that this epoch has not shown is asked for by its id: not listed is not gone."""
        if view.state is not ProtectionState.UNVERIFIED or view.stop_order is None:
            return view.state is ProtectionState.LIVE
        asked = (view.stop_order, reign.epoch)
        if asked in reign.verified:
            return False
        reign.verified.add(asked)
        with self._parts.transactions.read() as t:
            stop = self._parts.order_rows.order(t, view.stop_order)
        if stop is None or stop.broker_order_id is None:
            return False
        row = self._facts.look_up(reign, stop)
        return row is not None and row.status.lower() in LISTED_ALIVE

    def _views(self, reign: Reign) -> Sequence[Protection]:
        with self._parts.transactions.read() as t:
            return self._parts.positions.protections(t, self._parts.settings.account, reign.epoch)

    def _bare_since(self, view: Protection, now: datetime) -> datetime:
        """From facts and within regular hours, so that dealers that die within a minute keep the alarm from
        nobody: since the broker said so, else since the first dealer began that has not seen the stop."""
        with self._parts.transactions.read() as t:
            found = self._parts.positions.lapse(t, view)
            since = found.bare_at
            if since is None and found.well_at is not None:
                since = reigns.first_after(self._parts.audit, t, found.well_at)
        session = self._parts.contracts.session_at(self._parts.settings.exchange, now)
        opened = session.opens_at if session is not None else now
        return min(max(since or now, opened), now)

    def _alarm(self, reign: Reign) -> Sequence[Protection]:
        now, settings = self._parts.now(), self._parts.settings
        views, asked = self._views(reign), len(reign.verified)
        if not self._parts.contracts.is_open(settings.exchange, now):
            reign.unprotected.clear()
            return views
        bare = {view.conid: view for view in views if view.needed > 0 and not self._protected(reign, view)}
        for conid in set(reign.unprotected) - set(bare):
            del reign.unprotected[conid]
        for conid, view in bare.items():
            since = reign.unprotected.setdefault(conid, self._bare_since(view, now))
            if now - since < ALARM_AFTER:
                reign.due.at(since + ALARM_AFTER)
                continue
            with self._parts.transactions.begin() as t:
                self._telling.unprotected(t, view, since)
        return views if len(reign.verified) == asked else self._views(reign)


def _shown_filled(reign: Reign, order: Order) -> bool:
    """The last list shows shares of it filled; the trades that say so may come later [F-67]."""
    row = reign.row_of(order.broker_order_id) if order.broker_order_id is not None else None
    return row is not None and row.filled > 0
