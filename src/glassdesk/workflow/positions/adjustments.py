"""Shares that change lanes without a trade of the desk: released, adopted, the owner's, split (`T-16`,
`T-35`, `T-37`). Pure: positions and lots follow from our fills and these rows, in any order of arrival."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from glassdesk.kernel.money import exact
from glassdesk.workflow.order_tracking.model import Execution, Fill
from glassdesk.workflow.orders.model import Role, Side
from glassdesk.workflow.positions.model import Adjustment, AdjustmentKind, BrokerPosition

ZERO = Decimal(0)
OWNER_LANE = "(owner)"
"""Lane of a person's shares and orders; no strategy can be called so."""


def released(adjustments: Iterable[Adjustment]) -> dict[str, datetime]:
    """Orders that were handed to the owner, with the instant."""
    return {one.order: one.at for one in adjustments if one.order is not None}


def applied(fills: Iterable[Fill], adjustments: Sequence[Adjustment]) -> list[Fill]:
    """Our fills as lots see them: fills of an order handed to the owner are the owner's from then on, what
    was bought before a split is in today's shares, and shares that changed lanes are bought and sold at the
    price at which they did."""
    if not adjustments:
        return list(fills)
    theirs = released(adjustments)
    laned = [_laned(fill, theirs) for fill in fills]
    moved = [_moved(one) for one in adjustments if one.quantity and one.kind is not AdjustmentKind.SPLIT]
    splits = [one for one in adjustments if one.kind is AdjustmentKind.SPLIT]
    return [_scaled(fill, splits) for fill in (*laned, *moved) if fill.strategy != OWNER_LANE]


def owners(
    openings: Iterable[BrokerPosition], fills: Iterable[Fill], adjustments: Sequence[Adjustment]
) -> dict[int, Decimal]:
    """Shares of the owner's lane by contract: what was there at first sight and what came and went since."""
    total: dict[int, Decimal] = {}
    theirs = released(adjustments)
    later = [_laned(fill, theirs) for fill in fills]
    found = [(row.conid, row.quantity) for row in openings]
    found += [(one.conid, one.quantity) for one in adjustments if one.lane == OWNER_LANE]
    found += [(f.execution.conid, _signed(f.execution)) for f in later if f.strategy == OWNER_LANE]
    for conid, quantity in found:
        total[conid] = total.get(conid, ZERO) + quantity
    return total


def price_since(
    adjustments: Iterable[Adjustment], lane: str, conid: int, price: Decimal, since: datetime
) -> Decimal:
    """A price of `since` in today's shares."""
    for one in adjustments:
        if one.kind is AdjustmentKind.SPLIT and (one.lane, one.conid) == (lane, conid) and one.at > since:
            price = price * one.split_old / one.split_new
    return price


def _laned(fill: Fill, theirs: Mapping[str, datetime]) -> Fill:
    since = theirs.get(fill.order)
    return fill if since is None or fill.execution.executed_at < since else replace(fill, strategy=OWNER_LANE)


def _signed(execution: Execution) -> Decimal:
    return execution.quantity if execution.side is Side.BUY else -execution.quantity


def _moved(one: Adjustment) -> Fill:
    """Shares that came or went, in the form of a fill; it is in no ledger of executions."""
    came = one.quantity > 0
    execution = Execution(
        execution=f"adjustment-{one.adjustment}",
        revision=0,
        order_ref=None,
        broker_order_id=None,
        account=one.account,
        conid=one.conid,
        symbol=one.symbol,
        side=Side.BUY if came else Side.SELL,
        quantity=abs(one.quantity),
        price=one.price or ZERO,
        commission=ZERO,
        executed_at=one.at,
    )
    role = Role.ENTRY if came else Role.EXIT
    return Fill(
        execution=execution, order=f"adjustment:{one.adjustment}", run="", strategy=one.lane, role=role
    )


def _scaled(fill: Fill, splits: Iterable[Adjustment]) -> Fill:
    one = fill.execution
    mine = [s for s in splits if (s.account, s.conid, s.lane) == (one.account, one.conid, fill.strategy)]
    quantity, price = one.quantity, one.price
    for split in mine:
        if split.at > one.executed_at:
            quantity = exact(quantity * split.split_new / split.split_old)
            price = exact(price * split.split_old / split.split_new)
    return replace(fill, execution=replace(one, quantity=quantity, price=price))
