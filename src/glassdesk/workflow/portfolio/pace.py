"""How often the desk opened and with what luck, as risk sees it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta

from glassdesk.workflow.orders.model import Order, OrderState, Role
from glassdesk.workflow.portfolio.exposure import minutes
from glassdesk.workflow.portfolio.model import Trade
from glassdesk.workflow.risk.model import Closed, Opened

WEEK = timedelta(days=8)
"""A week, seen from any hour of its last day."""


def entries(orders: Iterable[Order], account: str, since: datetime) -> list[Order]:
    """Opening orders of an account reserved since an instant and not withdrawn unsent."""
    return [
        order
        for order in orders
        if order.role is Role.ENTRY
        and order.account == account
        and order.reserved_at >= since
        and not (order.state in (OrderState.CANCELLED, OrderState.EXPIRED) and order.sends == 0)
    ]


def opened(
    orders: Iterable[Order], bars: Mapping[str, date | None], *, began: datetime, now: datetime
) -> tuple[Opened, ...]:
    """Opening orders with the bars they were decided on (by intent); a session began at `began`."""
    return tuple(
        Opened(
            conid=order.conid,
            strategy=order.strategy,
            run=order.run,
            last_bar=bars.get(order.intent),
            minutes_ago=minutes(order.reserved_at, now),
            today=order.reserved_at >= began,
            traded=order.filled > 0 or not order.state.final,
            seconds_since_send=None if order.last_sent_at is None else _seconds(order.last_sent_at, now),
        )
        for order in sorted(orders, key=lambda o: (o.reserved_at, o.strategy, o.conid))
    )


def _seconds(since: datetime, now: datetime) -> int:
    return max(0, int((now - since).total_seconds()))


def closed(trades: Iterable[Trade], session: Callable[[datetime], date], now: datetime) -> tuple[Closed, ...]:
    """Round trips that ended within the last week."""
    return tuple(
        Closed(
            conid=trade.conid,
            strategy=trade.strategy,
            opened=session(trade.bought_at),
            closed=session(trade.sold_at),
            minutes_ago=minutes(trade.sold_at, now),
            net=trade.net,
        )
        for trade in trades
        if trade.sold_at > now - WEEK
    )
