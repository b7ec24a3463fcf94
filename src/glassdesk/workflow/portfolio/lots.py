"""First in, first out: which purchase a sale closes, with both commissions (`T-71`), and R (`T-72`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from glassdesk.kernel.money import exact
from glassdesk.workflow.order_tracking.model import Fill
from glassdesk.workflow.orders.model import Side
from glassdesk.workflow.portfolio.model import Trade
from glassdesk.workflow.positions.derive import age

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some shares of a fill with their share of what it cost and of its commission."""

    fill: Fill
    quantity: Decimal
    cost: Decimal
    """Quantity times price, or what a sale brought, before commissions."""
    commission: Decimal

    @property
    def price(self) -> Decimal:
        return exact(self.cost / self.quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Shares bought and sold."""

    bought: Part
    sold: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What is closed and what is open."""

    matches: tuple[Match, ...]
    open: tuple[Part, ...]
    oversold: tuple[Part, ...]
    """Sold without having been bought: only a correction or a stranger can cause it."""


def match(fills: Iterable[Fill]) -> Ledger:
    """Match every sale to the oldest purchases of the same account, strategy and contract. A trade that was
    taken back is neither."""
    matches: list[Match] = []
    open_parts: list[Part] = []
    oversold: list[Part] = []
    for group in _groups(fills):
        lots: list[Part] = []
        for fill in group:
            part = _whole(fill)
            if fill.execution.side is Side.BUY:
                lots.append(part)
            else:
                rest = _sell(part, lots, matches)
                oversold += [rest] if rest is not None else []
        open_parts += lots
    return Ledger(matches=tuple(matches), open=tuple(open_parts), oversold=tuple(oversold))


def _groups(fills: Iterable[Fill]) -> list[list[Fill]]:
    groups: dict[tuple[str, str, int], list[Fill]] = {}
    for fill in sorted((one for one in fills if one.execution.quantity), key=age):
        key = (fill.execution.account, fill.strategy, fill.execution.conid)
        groups.setdefault(key, []).append(fill)
    return [groups[key] for key in sorted(groups)]


def _whole(fill: Fill) -> Part:
    one = fill.execution
    cost = exact(one.quantity * one.price)
    return Part(fill=fill, quantity=one.quantity, cost=cost, commission=one.commission or ZERO)


def _sell(sold: Part, lots: list[Part], matches: list[Match]) -> Part | None:
    """Close lots from the oldest; answers what found none."""
    left: Part | None = sold
    while left is not None and lots:
        quantity = min(left.quantity, lots[0].quantity)
        bought, kept = split(lots[0], quantity)
        taken, left = split(left, quantity)
        lots[:1] = [kept] if kept is not None else []
        matches.append(Match(bought=bought, sold=taken))
    return left


def split(part: Part, quantity: Decimal) -> tuple[Part, Part | None]:
    """Take `quantity` off; cost and commission divide on the stored grid and their parts add up to the
    whole."""
    if quantity >= part.quantity:
        return part, None
    cost = exact(part.cost * quantity / part.quantity)
    share = exact(part.commission * quantity / part.quantity)
    taken = replace(part, quantity=quantity, cost=cost, commission=share)
    left = replace(
        part,
        quantity=part.quantity - quantity,
        cost=part.cost - cost,
        commission=part.commission - share,
    )
    return taken, left


def gross(one: Match) -> Decimal:
    """Sale less purchase, before commissions."""
    return one.sold.cost - one.bought.cost


def commissions(one: Match) -> Decimal:
    """Of both sides."""
    return one.bought.commission + one.sold.commission


def trades(matches: Iterable[Match], stops: Mapping[str, Decimal]) -> list[Trade]:
    """One trade per pair of entry and exit order, oldest sale first. `stops` has the price of the stop
    that was live at the fill, by entry order."""
    pairs: dict[tuple[str, str], list[Match]] = {}
    for one in matches:
        pairs.setdefault((one.bought.fill.order, one.sold.fill.order), []).append(one)
    found = [_trade(group, stops.get(entry)) for (entry, _), group in pairs.items()]
    return sorted(found, key=lambda trade: (trade.sold_at, trade.conid, trade.exit_order))


def _trade(group: Sequence[Match], stop: Decimal | None) -> Trade:
    bought, sold = group[0].bought.fill, group[-1].sold.fill
    quantity = sum((one.sold.quantity for one in group), ZERO)
    earned = sum((gross(one) for one in group), ZERO)
    paid = sum((commissions(one) for one in group), ZERO)
    bought_price = _average(group, quantity, bought_side=True)
    return Trade(
        account=bought.execution.account,
        conid=bought.execution.conid,
        symbol=bought.execution.symbol,
        strategy=bought.strategy,
        quantity=quantity,
        bought_at=min(one.bought.fill.execution.executed_at for one in group),
        sold_at=max(one.sold.fill.execution.executed_at for one in group),
        bought_price=bought_price,
        sold_price=_average(group, quantity, bought_side=False),
        gross=earned,
        commissions=paid,
        net=earned - paid,
        r_multiple=r_multiple(earned - paid, bought_price, stop, quantity),
        risk=at_risk(bought_price, stop, quantity),
        entry_order=bought.order,
        exit_order=sold.order,
    )


def _average(group: Sequence[Match], quantity: Decimal, *, bought_side: bool) -> Decimal:
    parts = [one.bought if bought_side else one.sold for one in group]
    return exact(sum((part.cost for part in parts), ZERO) / quantity)


def r_multiple(net: Decimal, fill: Decimal, stop: Decimal | None, quantity: Decimal) -> Decimal | None:
    """R = realised net ÷ ((fill − stop live at fill) × quantity) (`T-72`); `None` without a stop below."""
    risk = at_risk(fill, stop, quantity)
    return None if risk is None else exact(net / risk)


def at_risk(fill: Decimal, stop: Decimal | None, quantity: Decimal) -> Decimal | None:
    """(fill − stop live at fill) × quantity; `None` without a stop below."""
    if stop is None or stop >= fill or quantity <= 0:
        return None
    return (fill - stop) * quantity
