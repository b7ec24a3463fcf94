"""The sums that sizing and the rules share, so that the second never contradicts the first (`T-55`).
`None` = some number is missing."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from glassdesk.workflow.risk.model import Exposure, Holding, Proposal, Working

ZERO = Decimal(0)


def add(parts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum, `None` when a part is."""
    total = ZERO
    for part in parts:
        if part is None:
            return None
        total += part
    return total


def other_orders(proposal: Proposal, exposure: Exposure) -> tuple[Working, ...]:
    """Working decisions of other runs."""
    return tuple(w for w in exposure.working if w.run != proposal.run)


def entering(proposal: Proposal, exposure: Exposure) -> tuple[Working, ...]:
    """Working purchases of other runs."""
    return tuple(w for w in other_orders(proposal, exposure) if w.side == "BUY")


def held(proposal: Proposal, exposure: Exposure) -> Decimal:
    """Shares of the contract that the strategy holds."""
    return sum((h.quantity for h in holdings_of(proposal, exposure) if h.strategy == proposal.strategy), ZERO)


def holdings_of(proposal: Proposal, exposure: Exposure) -> tuple[Holding, ...]:
    """Holdings of the proposal's contract."""
    return tuple(h for h in exposure.holdings if h.conid == proposal.conid)


def value(holding: Holding) -> Decimal | None:
    """At its mark."""
    return None if holding.mark is None else holding.quantity * holding.mark


def cost(order: Working) -> Decimal | None:
    """What a working purchase may still spend."""
    return None if order.price is None else order.remaining * order.price


def contract_value(proposal: Proposal, exposure: Exposure) -> Decimal | None:
    """Held and being bought of the proposal's contract, without the proposal."""
    bought = [cost(w) for w in entering(proposal, exposure) if w.conid == proposal.conid]
    return add([*(value(h) for h in holdings_of(proposal, exposure)), *bought])


def total_value(proposal: Proposal, exposure: Exposure) -> Decimal | None:
    """Held and being bought of everything, without the proposal."""
    return add([*map(value, exposure.holdings), *map(cost, entering(proposal, exposure))])


def pending_cost(proposal: Proposal, exposure: Exposure) -> Decimal | None:
    """Cash promised to other working purchases."""
    return add(map(cost, entering(proposal, exposure)))


def free_cash(exposure: Exposure) -> Decimal | None:
    """What purchases may be paid with: settled cash alone on a cash account, so that a stop never sells what
    is not paid for yet (`T-56`)."""
    if not exposure.cash_account or exposure.cash is None:
        return exposure.cash
    return None if exposure.settled_cash is None else min(exposure.cash, exposure.settled_cash)


def loss_to_stop(quantity: Decimal, price: Decimal | None, stop: Decimal | None) -> Decimal | None:
    """What is lost when the stop fills at its price; without a stop all of it is at risk."""
    if price is None:
        return None
    return max(ZERO, price - (stop or ZERO)) * quantity


def open_risk(proposal: Proposal, exposure: Exposure) -> Decimal | None:
    """Σ distance to the stops of holdings (from the mark) and working purchases, without the proposal."""
    holdings = [loss_to_stop(h.quantity, h.mark, h.stop) for h in exposure.holdings]
    orders = [loss_to_stop(w.remaining, w.price, w.stop) for w in entering(proposal, exposure)]
    return add([*holdings, *orders])


def contracts_in_use(proposal: Proposal, exposure: Exposure) -> frozenset[int]:
    """Contracts held or being bought, without the proposal."""
    holding = {h.conid for h in exposure.holdings if h.quantity}
    return frozenset(holding | {w.conid for w in entering(proposal, exposure)})


def risk_per_share(proposal: Proposal) -> Decimal | None:
    """Entry limit minus stop; `None` without either or where the stop is not below the limit."""
    if proposal.limit is None or proposal.stop is None or proposal.stop >= proposal.limit:
        return None
    return proposal.limit - proposal.stop
