"""What an order would bind, beside what is bound already."""

from collections.abc import Iterable
from dataclasses import dataclass

from ibkr_simulator.exchange.accounts import Account, Mark
from ibkr_simulator.exchange.margin import Requirement, required
from ibkr_simulator.exchange.money import Cents
from ibkr_simulator.exchange.orders import Order
from ibkr_simulator.instants import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """Shares to be bought (positive) or sold, at a price."""

    conid: int
    signed: int
    price: Cents

    @property
    def value(self) -> Cents:
        """What they cost or bring."""
        return abs(self.signed) * self.price


def opening(account: Account, conid: int, signed: int) -> int:
    """How many of the shares open or enlarge a position."""
    held = account.quantity(conid)
    closing = min(abs(signed), abs(held)) if signed * held < 0 else 0
    return abs(signed) - closing


def requirement_after(account: Account, mark: Mark, deals: Iterable[Deal]) -> Requirement:
    """The requirement once the deals are done, new shares at the price of the deal."""
    kept = {position.conid: position.quantity for position in account.held()}
    fresh: list[tuple[int, Cents]] = []
    for deal in deals:
        held = kept.get(deal.conid, 0)
        closing = min(abs(deal.signed), abs(held)) if deal.signed * held < 0 else 0
        sign = 1 if deal.signed > 0 else -1
        kept[deal.conid] = held + sign * closing
        fresh.append((sign * (abs(deal.signed) - closing), deal.price))
    old = ((quantity, mark(conid)) for conid, quantity in kept.items() if quantity)
    return required([*old, *fresh], cash_account=account.is_cash)


def working(account: Account, orders: Iterable[Order], mark: Mark) -> list[Deal]:
    """What live orders would open; children wait for their parent's shares and bind nothing."""
    deals = []
    for order in orders:
        if order.account == account.account_id and order.parent_id is None:
            signed = order.remaining if order.buying else -order.remaining
            price = order.limit or order.stop or mark(order.conid)
            deals.append(Deal(conid=order.conid, signed=signed, price=price))
    return deals


def shortfall(
    account: Account, mark: Mark, now: Instant, deal: Deal, others: Iterable[Deal], cost: Cents
) -> tuple[Cents, Cents] | None:
    """What there is and what is needed, when the deal and its cost do not fit beside the others."""
    if account.is_cash:
        have = account.settled(now)
        need = cost + sum(each.value for each in (deal, *others) if each.signed > 0)
    else:
        have = account.loan_value(mark)
        bound = [each for each in others if opening(account, each.conid, each.signed)]
        need = cost + requirement_after(account, mark, [*bound, deal]).initial
    return (have, need) if need > have else None
