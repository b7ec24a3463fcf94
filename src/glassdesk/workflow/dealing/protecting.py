"""`positions protect`: a person has a stop placed now (`T-16`), for what is held and has none: after his own
cancel, after a split, for shares that were adopted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from glassdesk.kernel.errors import Conflict, Denied, InvalidInput, NotFound
from glassdesk.kernel.ids import Leg, intent_id
from glassdesk.kernel.money import up_to_tick
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.contracts.scope import CENT
from glassdesk.workflow.dealing.by_hand import ByHand
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.quoting import usable
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.remedy import Remedy
from glassdesk.workflow.dealing.shares import Shares
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.dealing.wishes import price_of
from glassdesk.workflow.dealing.writes import Writes
from glassdesk.workflow.orders.bracket import order_of
from glassdesk.workflow.orders.model import (
    Intent,
    IntentKind,
    IntentState,
    Order,
    OrderType,
    Outcome,
    Role,
    Side,
    TimeInForce,
)
from glassdesk.workflow.positions.model import Position
from glassdesk.workflow.positions.protection import Protection, ProtectionState
from glassdesk.workflow.risk import halt

ZERO = Decimal(0)
PATIENCE, SPACING = timedelta(minutes=2), timedelta(seconds=2)
"""How long a resting target may take to end, and how often that is looked at."""


class Protecting:
    """Places one stop on a person's word."""

    def __init__(
        self,
        parts: Parts,
        remedy: Remedy,
        by_hand: ByHand,
        shares: Shares,
        writes: Writes,
        telling: Telling,
    ) -> None:
        self._parts = parts
        self._remedy = remedy
        self._by_hand = by_hand
        self._shares = shares
        self._writes = writes
        self._telling = telling

    def place(self, reign: Reign, argument: str, actor: str, at: datetime) -> str | None:
        """Place a stop for a symbol or conid, at the price after `@` or the one it had; `None` while a target
        for the same shares has to end first. Raises `NotFound`, `Conflict`, `Denied` or `InvalidInput`."""
        wanted, _, text = argument.partition("@")
        stated = self._parts.broker.positions.positions(self._parts.settings.account)
        with self._parts.transactions.read() as t:
            if not halt.may_protect(self._parts.risk.halt(t).level):
                raise Denied(
                    "the kill switch says FREEZE: nothing is sent", where="symbol", remedy="resume first"
                )
            view = self._bare(t, reign, wanted)
            case = self._remedy.case(t, view)
            last = self._remedy.last_price(t, view)
            quantity = min(view.needed, self._shares.free(t, reign, view.conid, stated))
        price = price_of(text) if text else last
        if price is None:
            raise InvalidInput(f"at what price for {view.symbol}?", where="price", remedy="give --at PRICE")
        price = up_to_tick(price, self._tick(view, price))
        self._below_market(view, price)
        if case is not None and not self._remedy.alone(reign, case):
            self._wait(reign, view, at)
            return None
        if quantity <= 0:
            raise Conflict(
                f"other sells promise all {view.needed} {view.symbol}",
                where="symbol",
                remedy="end one of them",
            )
        if case is not None:
            return _words(self._remedy.put(reign, case, quantity, price), quantity, price)
        return _words(self._alone(reign, view, quantity, price, actor, at), quantity, price)

    def _tick(self, view: Protection, price: Decimal) -> Decimal:
        """Never a reason to leave shares without a stop (`T-40`)."""
        tick = self._parts.contracts.fetch_tick(view.conid, price)
        if tick is None:
            with self._parts.transactions.begin() as t:
                self._telling.tick_unknown(t, view.account, view.conid, view.symbol, self._parts.now())
        return tick or CENT

    def _wait(self, reign: Reign, view: Protection, at: datetime) -> None:
        now = self._parts.now()
        if now - at > PATIENCE:
            raise Conflict(f"the target of {view.symbol} does not end", where="symbol", remedy="cancel it")
        reign.forced = True
        reign.due.at(now + SPACING)

    def _bare(self, t: Transaction, reign: Reign, wanted: str) -> Protection:
        views = self._parts.positions.protections(t, self._parts.settings.account, reign.epoch)
        found = [v for v in views if wanted.upper() in (v.symbol.upper(), str(v.conid))]
        if not found:
            raise NotFound(f"the desk holds no {wanted}", where="symbol", remedy="positions shows them")
        view = found[0]
        if view.state is ProtectionState.LIVE:
            raise Conflict(f"{view.symbol} has its stop at {view.stop_price}", where="symbol")
        blocked = self._remedy.blocked(t, view)
        if blocked:
            raise Conflict(f"no stop is placed for {view.symbol}: {blocked}", where="symbol", remedy="wait")
        return view

    def _below_market(self, view: Protection, price: Decimal) -> None:
        """A stop above the market would sell at once."""
        now, late = self._parts.now(), self._parts.settings.leaves_on_delayed
        quote = usable(self._parts.market_data.quotes([view.conid]).get(view.conid), now, delayed=late)
        if quote is not None and quote.bid is not None and quote.bid <= price:
            raise Conflict(
                f"the bid {quote.bid} is not above {price}: it would sell at once",
                where="price",
                remedy="give a lower price, or exit",
            )

    def _alone(
        self, reign: Reign, view: Protection, quantity: Decimal, price: Decimal, actor: str, at: datetime
    ) -> Outcome:
        """A stop of its own, for shares that no bracket of ours bought."""
        with self._parts.transactions.begin() as t:
            held = next(
                p
                for p in self._parts.positions.held(t, view.account)
                if (p.conid, p.strategy) == (view.conid, view.strategy)
            )
            run, version = self._by_hand.act(t, held, actor, at, "protect")
            order = self._reserved(t, held, run, version, quantity, price)
            sending = self._writes.prepare(t, reign, (order,))
        return self._writes.place(reign, sending)

    def _reserved(
        self, t: Transaction, held: Position, run: str, version: int, quantity: Decimal, price: Decimal
    ) -> Order:
        now = self._parts.now()
        intent = Intent(
            intent=intent_id(run, Leg.STOP),
            run=run,
            leg=Leg.STOP.value,
            parent=None,
            kind=IntentKind.PROTECT,
            account=held.account,
            strategy=held.strategy,
            strategy_version=version,
            conid=held.conid,
            side=Side.SELL,
            order_type=OrderType.STOP,
            quantity=quantity,
            price=price,
            tif=TimeInForce.GTC,
            role=Role.STOP,
            window_opens=now,
            window_closes=now,
            reserved_at=now,
        )
        order = order_of(intent, self._parts.settings.kind)
        lineage = self._parts.lineage
        wanted = {"leg": intent.leg, "quantity": quantity, "price": price}
        lineage.record(
            t, kind="intent", entity=intent.intent, content=wanted, parents=(f"act:{run}",), run=run
        )
        ticket = replace(order.ticket, coid="")
        content = {"role": order.role, "ticket": ticket}
        parents = (f"intent:{intent.intent}",)
        lineage.record(t, kind="order", entity=order.order, content=content, parents=parents, run=run)
        self._parts.order_rows.reserve(t, (intent,), (order,), state=IntentState.SENT)
        return order


def _words(outcome: Outcome, quantity: Decimal, price: Decimal) -> str:
    return f"stop for {quantity} at {price}: {outcome.kind.value}" + (
        f" ({outcome.text})" if outcome.text else ""
    )
