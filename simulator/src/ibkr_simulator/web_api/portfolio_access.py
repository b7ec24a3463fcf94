"""Who may read the portfolio: priming, and the false 401 on an unknown account [F-08, F-12]."""

from ibkr_simulator.exchange.accounts import Account
from ibkr_simulator.messages import Answer, Request, empty
from ibkr_simulator.world import World


def readable_account(world: World, request: Request, *, primed: bool = True) -> Account | Answer:
    """The path's account when it may be read, else the broker's 401 with an empty body."""
    account = world.accounts.get(request.params["account"])
    if account is not None and (world.gateway.portfolio_primed or not primed):
        return account
    return empty(401)
