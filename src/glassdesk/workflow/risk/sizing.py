"""How many shares (`T-55`): the floor of the minimum of all caps, naming the one that bound."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from glassdesk.workflow.risk import amounts, costs, soundness
from glassdesk.workflow.risk.model import Exposure, Limits, Proposal, Sizing

ZERO = Decimal(0)


def size(proposal: Proposal, exposure: Exposure, limits: Limits) -> Sizing:
    """Whole shares for an entry; the proposal's own quantity is not read. A missing number caps at zero."""
    proposal, exposure = soundness.proposal(proposal), soundness.exposure(exposure)
    limits = soundness.limits(limits)
    caps = tuple((name, max(ZERO, cap)) for name, cap in _caps(proposal, exposure, limits))
    if proposal.share < 1:
        allowed = min(cap for _, cap in caps)
        caps = (*caps, ("SIGNAL_SHARE", allowed * proposal.share // 1))
    binding, quantity = min(caps, key=lambda cap: cap[1])
    if quantity and not _worth_its_commission(proposal, quantity, limits):
        binding, quantity = "COMMISSION", ZERO
    smallest = None if quantity else smallest_capital(proposal, exposure, limits)
    return Sizing(quantity=quantity, binding=binding, caps=caps, smallest_capital=smallest)


def _caps(proposal: Proposal, exposure: Exposure, limits: Limits) -> list[tuple[str, Decimal]]:
    capital, limit, per_share = exposure.desk_capital, proposal.limit, amounts.risk_per_share(proposal)
    if per_share is None or limit is None or limit <= 0:
        return [("STOP_PRESENT", ZERO)]
    if capital is None or capital <= 0:
        return [("DESK_CAPITAL", ZERO)]
    return [
        ("RISK_PER_TRADE", _floor(capital * limits.risk_per_trade, ZERO, per_share)),
        (
            "MAX_POSITION",
            _floor(capital * limits.max_position, amounts.contract_value(proposal, exposure), limit),
        ),
        ("MAX_ORDER", _floor(capital * limits.max_order, ZERO, limit)),
        ("MAX_ORDER_VALUE", _floor(limits.max_order_value, ZERO, limit)),
        (
            "OPEN_RISK",
            _floor(capital * limits.max_open_risk, amounts.open_risk(proposal, exposure), per_share),
        ),
        *_gap_cap(proposal, exposure, limits, capital, limit),
        (
            "MAX_EXPOSURE",
            _floor(capital * limits.max_exposure, amounts.total_value(proposal, exposure), limit),
        ),
        ("MAX_ORDER_QTY", Decimal(limits.max_order_quantity)),
        ("VOLUME_SHARE", _of_volume(proposal, limits)),
        ("BUYING_POWER", _affordable(proposal, exposure, limit)),
        *_position_slots(proposal, exposure, limits),
    ]


def _floor(cap: Decimal, used: Decimal | None, per_share: Decimal) -> Decimal:
    """Whole shares that fit. `//` is exact where a rounded quotient may cross the next whole number."""
    if used is None or used >= cap:
        return ZERO
    return (cap - used) // per_share


def _gap_cap(
    proposal: Proposal, exposure: Exposure, limits: Limits, capital: Decimal, limit: Decimal
) -> list[tuple[str, Decimal]]:
    total = amounts.total_value(proposal, exposure)
    used = None if total is None else limits.gap * total
    return (
        [("GAP_BUDGET", _floor(capital * limits.max_gap_loss, used, limits.gap * limit))]
        if limits.gap
        else []
    )


def _of_volume(proposal: Proposal, limits: Limits) -> Decimal:
    if proposal.average_volume is None:
        return ZERO
    return _floor(proposal.average_volume * limits.max_volume_share, ZERO, Decimal(1))


def _affordable(proposal: Proposal, exposure: Exposure, limit: Decimal) -> Decimal:
    promised = amounts.pending_cost(proposal, exposure)
    cash = amounts.free_cash(exposure)
    if cash is None or promised is None:
        return ZERO
    free = cash - promised
    return min(_floor(free, costs.MINIMUM, limit), _floor(free, ZERO, limit + costs.PER_SHARE))


def _position_slots(proposal: Proposal, exposure: Exposure, limits: Limits) -> list[tuple[str, Decimal]]:
    used = amounts.contracts_in_use(proposal, exposure)
    full = len(used | {proposal.conid}) > limits.max_positions
    return [("MAX_POSITIONS", ZERO)] if full else []


def _worth_its_commission(proposal: Proposal, quantity: Decimal, limits: Limits) -> bool:
    price = proposal.limit or ZERO
    return costs.round_trip(quantity, price) <= limits.max_commission * quantity * price


def smallest_capital(proposal: Proposal, exposure: Exposure, limits: Limits) -> Decimal | None:
    """The least desk capital, in whole units, that would trade; `None` where no capital helps."""
    quantity = _smallest_order(proposal.limit, limits)
    if quantity is None or quantity > _without_capital(proposal, limits):
        return None
    if _position_slots(proposal, exposure, limits):
        return None
    needs = _needs(proposal, exposure, limits, (quantity / proposal.share).to_integral_value(ROUND_CEILING))
    if needs is None:
        return None
    return max(needs).to_integral_value(rounding=ROUND_CEILING) + 1


def _without_capital(proposal: Proposal, limits: Limits) -> Decimal:
    """Shares that no capital adds to."""
    return min(Decimal(limits.max_order_quantity), _of_volume(proposal, limits))


def _smallest_order(limit: Decimal | None, limits: Limits) -> Decimal | None:
    """The fewest shares whose commission is worth it."""
    if not limit or limits.max_commission * limit < 2 * costs.PER_SHARE:
        return None
    for_commission = (2 * costs.MINIMUM / (limits.max_commission * limit)).to_integral_value(ROUND_CEILING)
    quantity = max(Decimal(1), for_commission)
    return quantity if quantity * limit <= limits.max_order_value else None


def _needs(
    proposal: Proposal, exposure: Exposure, limits: Limits, quantity: Decimal
) -> tuple[Decimal, ...] | None:
    limit, per_share = proposal.limit, amounts.risk_per_share(proposal)
    at_risk, total = amounts.open_risk(proposal, exposure), amounts.total_value(proposal, exposure)
    in_contract = amounts.contract_value(proposal, exposure)
    if limit is None or per_share is None or at_risk is None or total is None or in_contract is None:
        return None
    fractions = (
        limits.risk_per_trade,
        limits.max_position,
        limits.max_order,
        limits.max_open_risk,
        limits.max_exposure,
    )
    if any(fraction <= 0 for fraction in fractions):
        return None
    spent = quantity * limit
    return (
        quantity * per_share / limits.risk_per_trade,
        (in_contract + spent) / limits.max_position,
        spent / limits.max_order,
        (at_risk + quantity * per_share) / limits.max_open_risk,
        (total + spent) / limits.max_exposure,
        limits.gap * (total + spent) / limits.max_gap_loss if limits.max_gap_loss > 0 else ZERO,
    )
