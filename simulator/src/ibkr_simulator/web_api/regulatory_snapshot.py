"""`/md/regsnapshot`: a regulatory snapshot costs a cent a call, on paper too [§4.2]."""

from ibkr_simulator.messages import Answer, Request, Route, error, ok
from ibkr_simulator.web_api.market_data import snapshot_values
from ibkr_simulator.world import World

COST_CENTS = 1
_FIELDS = ("31", "84", "86", "88", "85", "7059")


def snapshot(world: World, request: Request) -> Answer:
    """Best bid and offer of one contract, charged to the selected account."""
    asked = request.asked("conid")
    listing = world.listings.by_conid.get(int(asked)) if asked.isdigit() else None
    if listing is None or not listing.has_prices:
        return error(400, "Bad Request: invalid conid")
    values = snapshot_values(world, listing)
    number = len(world.account.ledger)
    world.exchange.charge(COST_CENTS, f"regsnapshot-{listing.conid}-{number}", world.account)
    row = {code: values[code] for code in _FIELDS if code in values}
    head = {"conid": listing.conid, "conidEx": str(listing.conid), "HasDelayed": False}
    return ok(head | row)


ROUTES = (Route(methods="GET", pattern="/md/regsnapshot", handler=snapshot),)
