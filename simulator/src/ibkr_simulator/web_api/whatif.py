"""Previews: what an order would cost and bind [§5.3]."""

from ibkr_simulator.exchange import fees, funds, money
from ibkr_simulator.exchange.accounts import Account
from ibkr_simulator.exchange.orders import Ticket
from ibkr_simulator.messages import Answer, Json, Request, Route, ok
from ibkr_simulator.web_api.orders import checked_tickets
from ibkr_simulator.web_api.tickets import Refused, deal_of
from ibkr_simulator.world import World

_NO_MARKET_DATA = "21/You are trying to submit an order without having market data for this instrument."


def whatif(world: World, request: Request) -> Answer:
    """`…/orders/whatif`: formatted texts; `error` set would be a refusal."""
    try:
        tickets = checked_tickets(world, request)
    except Refused as refused:
        return refused.answer if refused.text is None else ok(_preview_error(refused.text))
    if world.faults.take(66, request):
        return ok(_preview_error("NA"))
    entries = [each for each in tickets if isinstance(each, Ticket) and each.parent_coid is None]
    return ok(_preview(world, entries))


def _preview(world: World, entries: list[Ticket]) -> Json:
    """Figures of the first ticket; margin before and after of all that are no children."""
    ticket, exchange = entries[0], world.exchange
    account = world.accounts[ticket.account]
    deals = [deal_of(world, each) for each in entries]
    costs = sum(fees.commission(abs(deal.signed), deal.value) for deal in deals)
    bound = account.requirement(exchange.mark)
    after = funds.requirement_after(account, exchange.mark, deals)
    equity = account.loan_value(exchange.mark)
    return {
        "amount": _amount(deals[0]),
        "equity": _triple(equity, equity - costs),
        "initial": _triple(bound.initial, after.initial),
        "maintenance": _triple(bound.maintenance, after.maintenance),
        "position": _position(account, deals[0]),
        "warn": None if ticket.conid in world.gateway.open_session.lines() else _NO_MARKET_DATA,
        "error": None,
    }


def _amount(deal: funds.Deal) -> Json:
    fee = fees.commission(abs(deal.signed), deal.value)
    return {
        "amount": f"{money.grouped(deal.value)} USD ({abs(deal.signed)} Shares)",
        "commission": f"{money.text(fee)} USD",
        "total": f"{money.grouped(deal.value + (fee if deal.signed > 0 else -fee))} USD",
    }


def _position(account: Account, deal: funds.Deal) -> Json:
    held = account.quantity(deal.conid)
    return {"current": str(held), "change": str(deal.signed), "after": str(held + deal.signed)}


def _triple(current: int, after: int) -> Json:
    return {
        "current": money.grouped(current),
        "change": money.grouped(after - current),
        "after": money.grouped(after),
    }


def _preview_error(text: str) -> Json:
    nothing = {"current": "NA", "change": "NA", "after": "NA"}
    amount = {"amount": "NA", "commission": "NA", "total": "NA"}
    parts = dict.fromkeys(("equity", "initial", "maintenance", "position"), nothing)
    return {"amount": amount, **parts, "warn": None, "error": text}


ROUTES = (
    Route(methods="POST", pattern="/iserver/account/{account}/orders/whatif", handler=whatif, priming=True),
)
