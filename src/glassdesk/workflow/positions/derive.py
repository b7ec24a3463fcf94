"""Positions from executions alone: the same set gives the same positions, in whatever order it came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from glassdesk.kernel.money import exact
from glassdesk.workflow.order_tracking.model import Execution, Fill
from glassdesk.workflow.orders.model import Side
from glassdesk.workflow.positions.model import Position

ZERO = Decimal(0)


def signed(execution: Execution) -> Decimal:
    """Shares in, positive, or out, negative."""
    return execution.quantity if execution.side is Side.BUY else -execution.quantity


def positions(fills: Iterable[Fill]) -> list[Position]:
    """Open positions per (account, strategy, contract), by symbol. The average is of the lots still open,
    first in first out; `opened_at` and `opened_by_run` are of the purchase that began the present holding."""
    found = [_fold(group) for group in _grouped(fills)]
    return sorted((p for p in found if p is not None), key=lambda p: (p.symbol, p.conid, p.strategy))


def _grouped(fills: Iterable[Fill]) -> Iterable[Sequence[Fill]]:
    groups: dict[tuple[str, str, int], list[Fill]] = {}
    for fill in (one for one in fills if one.execution.quantity):
        key = (fill.execution.account, fill.strategy, fill.execution.conid)
        groups.setdefault(key, []).append(fill)
    return [sorted(group, key=age) for group in groups.values()]


def age(fill: Fill) -> tuple[object, ...]:
    """The one order of fills that every sum uses; of one instant, purchases come first."""
    one = fill.execution
    return (one.executed_at, one.side is Side.SELL, one.execution, one.revision)


def _fold(group: Sequence[Fill]) -> Position | None:
    lots: list[tuple[Decimal, Decimal]] = []
    first, quantity = group[0], ZERO
    for fill in group:
        if quantity == 0:
            first = fill
        quantity += signed(fill.execution)
        _apply(lots, fill.execution)
    if quantity == 0:
        return None
    one = first.execution
    return Position(
        account=one.account,
        conid=one.conid,
        symbol=one.symbol,
        strategy=first.strategy,
        quantity=quantity,
        average_price=_average(lots),
        opened_at=one.executed_at,
        opened_by_run=first.run,
    )


def _apply(lots: list[tuple[Decimal, Decimal]], execution: Execution) -> None:
    """Add a lot, or take from the oldest ones. A sale beyond what is held leaves no lot behind."""
    if execution.side is Side.BUY:
        lots.append((execution.quantity, execution.price))
        return
    left = execution.quantity
    while left > 0 and lots:
        held, price = lots[0]
        taken = min(held, left)
        left -= taken
        lots[:1] = [(held - taken, price)] if held > taken else []


def _average(lots: Sequence[tuple[Decimal, Decimal]]) -> Decimal:
    shares = sum((quantity for quantity, _ in lots), ZERO)
    return exact(sum((q * price for q, price in lots), ZERO) / shares) if shares else ZERO
