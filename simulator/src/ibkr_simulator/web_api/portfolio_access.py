"""Who may read the portfolio: priming, and the false 401 on an unknown account [F-08, F-12]."""

from ibkr_simulator.messages import Answer, Request, empty
from ibkr_simulator.world import World


def account_or_refusal(world: World, request: Request, *, primed: bool = True) -> Answer | None:
    """None when the path's account may be read, else the broker's 401 with an empty body."""
    known = request.params["account"] == world.account.account_id
    if known and (world.gateway.portfolio_primed or not primed):
        return None
    return empty(401)
