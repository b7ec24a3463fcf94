"""Rules about money: how large, how dear, how much at risk. All use the sums of `amounts`, as sizing does."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from glassdesk.workflow.risk import amounts, costs
from glassdesk.workflow.risk.model import Exposure, Gates, Limits, Proposal, Purpose, WhatIf
from glassdesk.workflow.risk.verdicts import (
    Finding,
    amount,
    at_most,
    at_the_decision,
    at_the_send,
    missing,
    says,
)


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
    free, promised, spent = amounts.free_cash(e), amounts.pending_cost(p, e), _spent(p)
    if free is None or promised is None or spent is None or p.limit is None:
        return missing("cash or a price", "cash − promised")
    return at_most(spent + costs.commission(p.quantity, p.limit), free - promised, "cash")


def max_exposure(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    after = amounts.add([amounts.total_value(p, e), _spent(p)])
    return at_most(after, _share_of(e, li.max_exposure), "a mark or the limit price")


def max_order_quantity(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    return at_most(p.quantity, Decimal(li.max_order_quantity), "the quantity")


def volume_share(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    if p.moment != "reserve":
        return at_the_decision("the same bars, the same volume")
    if p.average_volume is None:
        return missing("the average volume", f"{amount(li.max_volume_share)} of it")
    return at_most(p.quantity, p.average_volume * li.max_volume_share, "the average volume")


def spread(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    if p.moment != "send":
        return at_the_send()
    if not p.bid or not p.reference or p.bid > p.reference:
        return missing("bid or ask", amount(li.max_spread))
    mid = (p.bid + p.reference) / 2
    wide = (p.reference - p.bid) / mid
    return at_most(wide.quantize(_PLACES, ROUND_CEILING), li.max_spread, "the quote")


_PLACES = Decimal("0.000001")
_PREVIEWED_COMMISSION = Decimal("0.01")
"""Of the order's value: the broker's own ceiling."""


def what_if(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    told, limit = g.what_if, f"{amount(li.max_margin)} of the equity after it"
    if p.moment != "send" or p.purpose is Purpose.REDUCING:
        return at_the_send()
    if not g.asks_what_if:
        return says(True, "not asked", limit, "this desk has no what-if")
    if told is None or told.problem:
        return missing(f"the broker's what-if ({told.problem})" if told else "the broker's what-if", limit)
    if told.error:
        return says(False, told.error, "no error", f"the broker would refuse it: {told.error}")
    return _after(told, p, limit, li)


def _after(told: WhatIf, p: Proposal, limit: str, li: Limits) -> Finding:
    spent = _spent(p)
    if told.initial_after is None or told.equity_after is None or told.commission is None or spent is None:
        return missing("a figure of the broker's what-if", limit)
    if told.commission > max(costs.MINIMUM, _PREVIEWED_COMMISSION * spent):
        most = amount(_PREVIEWED_COMMISSION * spent)
        return says(False, amount(told.commission), most, "the broker's commission for it")
    return at_most(told.initial_after, told.equity_after * li.max_margin, "the margin")


def daily_loss(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    return loss_of_the_day(e, li)


def loss_of_the_day(e: Exposure, li: Limits) -> Finding:
    limit = _share_of(e, li.max_daily_loss)
    return at_most(
        None if e.day_pnl is None else max(-e.day_pnl, amounts.ZERO), limit, "a mark of a position"
    )


def drawdown(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    return below_the_peak(e, li)


def below_the_peak(e: Exposure, li: Limits) -> Finding:
    if not e.peak or e.equity is None:
        return missing("what the desk is worth, or was at most", amount(li.max_drawdown))
    below = max(e.peak - e.equity, amounts.ZERO)
    return at_most((below / e.peak).quantize(_PLACES, ROUND_CEILING), li.max_drawdown, "the drawdown")
