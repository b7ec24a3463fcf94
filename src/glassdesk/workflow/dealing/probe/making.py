"""From a price to intents and order rows of the probe. They have legs of their own, so that they are no
decision of a strategy, and are never larger than three shares."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from glassdesk.kernel.ids import AccountKind, intent_id
from glassdesk.kernel.money import down_to_tick, up_to_tick
from glassdesk.workflow.market_data.model import Quote
from glassdesk.workflow.orders.bracket import order_of
from glassdesk.workflow.orders.model import (
    PROBE_LANE,
    Intent,
    IntentKind,
    Order,
    OrderType,
    Role,
    Side,
    TimeInForce,
)

ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Prices of one moment, on the tick grid."""

    bid: Decimal
    ask: Decimal
    tick: Decimal

    @property
    def far(self) -> Decimal:
        """A BUY here rests: a fifth below the bid."""
        return down_to_tick(self.bid * Decimal("0.8"), self.tick)

    @property
    def stop(self) -> Decimal:
        """Trigger of a child: below the entry."""
        return down_to_tick(self.bid * Decimal("0.6"), self.tick)

    @property
    def target(self) -> Decimal:
        """A SELL here rests: half as much again as the ask."""
        return down_to_tick(self.ask * Decimal("1.5"), self.tick)

    @property
    def over(self) -> Decimal:
        """A BUY here trades at once: a fifth of a percent over the ask."""
        return up_to_tick(self.ask * Decimal("1.002"), self.tick)

    @property
    def under(self) -> Decimal:
        """A SELL here trades at once: half a percent under the bid."""
        return max(self.tick, down_to_tick(self.bid * Decimal("0.995"), self.tick))


def prices_of(quote: Quote | None, tick: Decimal) -> Prices | None:
    """Prices where bid and ask are there."""
    if quote is None or quote.bid is None or quote.ask is None or quote.bid <= 0:
        return None
    return Prices(bid=quote.bid, ask=quote.ask, tick=tick)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Legs of one request, the parent first, as they are reserved."""

    intents: tuple[Intent, ...]
    orders: tuple[Order, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Makes the legs of one probe."""

    run: str
    account: str
    kind: AccountKind
    conid: int
    closes_at: datetime

    def single(
        self,
        leg: str,
        price: Decimal,
        now: datetime,
        *,
        side: Side = Side.BUY,
        tif: TimeInForce = TimeInForce.DAY,
        quantity: Decimal = ONE,
    ) -> Made:
        """One limit order."""
        role = Role.ENTRY if side is Side.BUY else Role.EXIT
        plain = self._intent(leg, now, OrderType.LIMIT, price, role=role, side=side, quantity=quantity)
        return self._made(replace(plain, tif=tif))

    def bracket(
        self, leg: str, prices: Prices, now: datetime, *, price: Decimal, quantity: Decimal = ONE
    ) -> Made:
        """An entry with stop and target, both GTC as the desk's own are (`T-30`)."""
        entry = self._intent(leg, now, OrderType.LIMIT, price, role=Role.ENTRY, quantity=quantity)
        sells = (
            self._intent(
                f"{leg}-{role.value}",
                now,
                order_type,
                at,
                role=role,
                side=Side.SELL,
                quantity=quantity,
                parent=entry.intent,
            )
            for role, order_type, at in (
                (Role.STOP, OrderType.STOP, prices.stop),
                (Role.TARGET, OrderType.LIMIT, prices.target),
            )
        )
        return self._made(entry, *(replace(child, tif=TimeInForce.GTC) for child in sells))

    def _made(self, *intents: Intent) -> Made:
        return Made(intents=intents, orders=tuple(order_of(intent, self.kind) for intent in intents))

    def _intent(
        self,
        leg: str,
        now: datetime,
        order_type: OrderType,
        price: Decimal,
        *,
        role: Role,
        quantity: Decimal,
        side: Side = Side.BUY,
        parent: str | None = None,
    ) -> Intent:
        return Intent(
            intent=intent_id(self.run, leg),
            run=self.run,
            leg=leg,
            parent=parent,
            kind=IntentKind.PROBE,
            account=self.account,
            strategy=PROBE_LANE,
            strategy_version=1,
            conid=self.conid,
            side=side,
            order_type=order_type,
            quantity=quantity,
            price=price,
            tif=TimeInForce.DAY,
            role=role,
            window_opens=now,
            window_closes=self.closes_at,
            reserved_at=now,
        )
