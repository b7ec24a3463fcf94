"""The stop that follows (`T-30`): at each closed bar the desk tightens it by a modification, never by an
order type of the broker's. The level is so many ATR of the decision behind the highest close since the
purchase; where it stands is the broker's order, so that nothing is lost with the desk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from glassdesk.kernel.errors import GlassdeskError
from glassdesk.kernel.money import tidy, up_to_tick
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.contracts.scope import CENT
from glassdesk.workflow.dealing.by_hand import ByHand
from glassdesk.workflow.dealing.exit_rules import ExitRules, InForce
from glassdesk.workflow.dealing.facts_part import OPEN_INTENTS
from glassdesk.workflow.dealing.model import CHANGED_BY
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.per_bar import PerBar
from glassdesk.workflow.dealing.quoting import usable
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.dealing.writes import Writes
from glassdesk.workflow.market_data.model import Bar
from glassdesk.workflow.orders.bracket import payload_digest, repriced
from glassdesk.workflow.orders.model import IntentKind, Order, OrderState, OutcomeKind, Role
from glassdesk.workflow.positions.adjustments import price_since
from glassdesk.workflow.positions.model import Position
from glassdesk.workflow.risk import halt

RETRY = timedelta(minutes=1)
"""A bar that the broker does not have yet is asked for again after so long."""
MOVABLE = (OrderState.WORKING, OrderState.PARTIAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """One position whose stop follows."""

    held: Position
    rules: InForce
    distance: Decimal
    """How far behind the highest close, in today's shares."""
    tick: Decimal
    stops: tuple[Order, ...]
    """Those that live and that no person has moved (`T-17`)."""


class Trailing:
    """Tightens stops, never loosens one."""

    def __init__(
        self, parts: Parts, rules: ExitRules, writes: Writes, by_hand: ByHand, telling: Telling
    ) -> None:
        self._parts = parts
        self._rules = rules
        self._writes = writes
        self._by_hand = by_hand
        self._telling = telling
        self._bars = PerBar()

    def look(self, reign: Reign) -> None:
        """Every position, once per bar."""
        now, parts = self._parts.now(), self._parts
        if not reign.may_send or self._bars.rests(reign, now):
            return
        with parts.transactions.read() as t:
            if not halt.may_protect(parts.risk.halt(t).level):
                return
            held = self._bars.due(parts.positions.held(t, parts.settings.account), now)
            due = [self._follower(t, position, now) for position in held]
        for one in due:
            if one is not None:
                self._one(reign, one, now)
        self._bars.done(reign)

    def again(self) -> None:
        """Rules have changed: look at every position anew."""
        self._bars.again()

    def _follower(self, t: Transaction, held: Position, now: datetime) -> Follower | None:
        """`None` where nothing follows: no such rule, or no ATR of a decision to measure by."""
        rules, entry = self._rules.of(t, held), self._rules.opening(t, held).get(Role.ENTRY)
        atr = entry.terms.atr if entry is not None and entry.terms is not None else None
        self._bars.next(held, None)
        if rules is None or rules.plan.trail_atr is None or atr is None:
            return None
        self._bars.next(held, now + RETRY)
        rows = self._parts.positions.adjustments(t, held.account)
        distance = rules.plan.trail_atr * atr
        return Follower(
            held=held,
            rules=rules,
            distance=price_since(rows, held.strategy, held.conid, distance, rules.since),
            tick=self._parts.contracts.tick(t, held.conid, held.average_price) or CENT,
            stops=() if self._leaving(t, held) else self._stops(t, held),
        )

    def _leaving(self, t: Transaction, held: Position) -> bool:
        found = self._parts.orders.intents(t, states=OPEN_INTENTS)
        return any(i.kind is IntentKind.REDUCE and i.conid == held.conid for i, _ in found)

    def _stops(self, t: Transaction, held: Position) -> tuple[Order, ...]:
        theirs = self._parts.positions.released(t, held.account)
        around = self._parts.order_rows.orders(t, strategy=held.strategy, conid=held.conid)
        living = [o for o in around if o.role is Role.STOP and o.state in MOVABLE and o.order not in theirs]
        return tuple(stop for stop in living if not self._moved_by_a_person(t, stop))

    def _moved_by_a_person(self, t: Transaction, stop: Order) -> bool:
        """Its price is neither the intent's nor of a change of the desk's own: it is never moved back."""
        intent = self._parts.order_rows.intent(t, stop.intent)
        if stop.note.startswith(CHANGED_BY):
            return True
        if intent is not None and intent[0].price == stop.ticket.price:
            return False
        sent = {send.payload_sha256 for send in self._parts.order_rows.sends(t, stop.order)}
        return payload_digest([stop.ticket]) not in sent

    def _one(self, reign: Reign, one: Follower, now: datetime) -> None:
        bars = self._closed(one, now)
        if not bars:
            return
        rules = one.rules
        market = self._parts.market_data
        self._bars.next(one.held, market.next_bar_end(rules.exchange, rules.bar_size, now))
        level = up_to_tick(max(bar.close for bar in bars) - one.distance, one.tick)
        lower = [s for s in one.stops if s.ticket.price is not None and s.ticket.price < level]
        if lower and self._passed(one, level, bars[-1], now):
            with self._parts.transactions.begin() as t:
                why = f"the price is below its following stop, {tidy(level)}"
                ended = market.last_bar_end(rules.exchange, rules.bar_size, now)
                self._by_hand.leave(t, one.held, rules, ended or now, why)
            return
        for stop in lower:
            self._tighten(reign, one, stop, level)

    def _closed(self, one: Follower, now: datetime) -> tuple[Bar, ...]:
        """Bars closed since the purchase; none where the newest is not there yet or cannot be read."""
        rules, market = one.rules, self._parts.market_data
        if not market.bars_closed(rules.exchange, rules.bar_size, rules.since, now):
            self._bars.next(one.held, market.next_bar_end(rules.exchange, rules.bar_size, now))
            return ()
        try:
            return market.closed_since(
                one.held.conid, rules.bar_size, rules.since, as_of=now, exchange=rules.exchange
            )
        except GlassdeskError:
            return ()

    def _passed(self, one: Follower, level: Decimal, last: Bar, now: datetime) -> bool:
        """The market is at the level or below: a stop there would sell at once."""
        late, conid = self._parts.settings.leaves_on_delayed, one.held.conid
        quote = usable(self._parts.market_data.quotes([conid]).get(conid), now, delayed=late)
        price = quote.bid if quote is not None and quote.bid is not None else last.close
        return price <= level

    def _tighten(self, reign: Reign, one: Follower, stop: Order, level: Decimal) -> None:
        outcome = self._writes.modify(reign, stop, repriced(stop, price=level))
        with self._parts.transactions.begin() as t:
            body = {"before": stop.ticket.price, "after": level, "outcome": outcome.kind}
            self._parts.audit.append(t, "dealer", "stop.followed", f"order:{stop.order}", body)
            if outcome.kind in (OutcomeKind.REJECTED, OutcomeKind.DECLINED):
                self._telling.not_followed(t, replace(stop, note=outcome.text), one.held.symbol, level)
