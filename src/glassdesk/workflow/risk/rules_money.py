"""Rules about money: how large, how dear, how much at risk. All use the sums of `amounts`, as sizing does."""

from __future__ import annotations

from decimal import Decimal

from glassdesk.workflow.risk import amounts, costs
from glassdesk.workflow.risk.model import Exposure, Gates, Limits, Proposal, Purpose
from glassdesk.workflow.risk.verdicts import Finding, amount, at_most, missing, says


def _share_of(e: Exposure, fraction: Decimal) -> Decimal | None:
    return None if e.desk_capital is None else e.desk_capital * fraction


def _spent(p: Proposal) -> Decimal | None:
    return None if p.limit is None else p.quantity * p.limit


def max_position(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    after = amounts.add([amounts.contract_value(p, e), _spent(p)])
    return at_most(after, _share_of(e, li.max_position), "a mark or the limit price")


def max_order(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    return at_most(_spent(p), _share_of(e, li.max_order), "the limit price")


def max_order_value(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    return at_most(_spent(p), li.max_order_value, "the limit price")


def max_positions(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    after = len(amounts.contracts_in_use(p, e) | {p.conid})
    return says(after <= li.max_positions, str(after), str(li.max_positions))


def open_risk(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    own = amounts.loss_to_stop(p.quantity, p.limit, p.stop)
    after = amounts.add([amounts.open_risk(p, e), own])
    return at_most(after, _share_of(e, li.max_open_risk), "a mark or the limit price")


def gap_budget(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    total = amounts.add([amounts.total_value(p, e), _spent(p)])
    after = None if total is None else li.gap * total
    return at_most(after, _share_of(e, li.max_gap_loss), "a mark or the limit price")


def risk_per_trade(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    own = amounts.loss_to_stop(p.quantity, p.limit, p.stop)
    return at_most(own, _share_of(e, li.risk_per_trade), "the limit price")


def commission(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    spent = _spent(p)
    if p.limit is None or spent is None:
        return missing("the limit price", amount(li.max_commission))
    return at_most(costs.round_trip(p.quantity, p.limit), li.max_commission * spent, "the commission")


def orders_per_day(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    after = e.orders_today + 1
    return says(after <= li.max_orders_per_day, str(after), str(li.max_orders_per_day))


def price_collar(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    if p.side == "SELL":
        return says(True, "sells", "one-sided", "the collar bounds what a purchase pays")
    if p.reference is None:
        return missing("the reference price", MISSING_COLLAR)
    return at_most(p.limit, p.reference * (1 + li.price_collar), "the limit price")


MISSING_COLLAR = "reference × (1 + collar)"


def stop_present(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    if p.purpose is Purpose.REDUCING:
        return says(True, "reduces", "not needed")
    if p.stop is None or p.limit is None:
        return missing("the stop or the limit price", "below the entry")
    return says(0 < p.stop < p.limit, amount(p.stop), f"above 0, below {amount(p.limit)}")


def buying_power(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    if p.side == "SELL":
        return says(True, "sells", "not needed")
    promised, spent = amounts.pending_cost(p, e), _spent(p)
    if e.cash is None or promised is None or spent is None or p.limit is None:
        return missing("cash or a price", "cash − promised")
    return at_most(spent + costs.commission(p.quantity, p.limit), e.cash - promised, "cash")
