"""Playing the person: signs in, trades by hand, cancels and changes orders at the broker, moves money."""

from ibkr_simulator.control.fields import Bad, object_of, order_truth
from ibkr_simulator.exchange import money
from ibkr_simulator.exchange.accounts import Account
from ibkr_simulator.exchange.orders import Order
from ibkr_simulator.gateway import USERS
from ibkr_simulator.instants import iso
from ibkr_simulator.messages import Answer, Request, ok
from ibkr_simulator.world import World


def sign_in(world: World, request: Request) -> Answer:
    """Play the person at the login page."""
    fields = object_of(request, ("username", "password"))
    if fields.get("username", "paper") not in USERS or not fields.get("password", "demo"):
        raise Bad(f"username takes one of {', '.join(USERS)}, with any password")
    if world.now < world.gateway.locked_until:
        raise Bad(f"an init storm locked the username out until {iso(world.gateway.locked_until)}")
    world.sign_in(str(fields.get("username", "paper")))
    return ok({"signed_in": world.gateway.user is not None, "epoch": world.gateway.epoch})


def confirm(world: World, request: Request) -> Answer:
    """The person's phone says yes, before `two_factor_seconds` have passed."""
    if not world.confirm():
        raise Bad("nobody waits for a second factor; sign in with two_factor_seconds above 0 first")
    return ok({"signed_in": True, "epoch": world.gateway.epoch})


def sign_out(world: World, request: Request) -> Answer:
    """The person leaves."""
    world.gateway.sign_out()
    return ok({"signed_in": False})


def order(world: World, request: Request) -> Answer:
    """A trade by hand, filled at once: an execution the desk does not know [F-70]."""
    fields = object_of(request, ("conid", "side", "quantity", "account"))
    conid, side, quantity = fields.get("conid"), fields.get("side"), fields.get("quantity")
    if conid not in world.listings.by_conid or side not in ("BUY", "SELL"):
        raise Bad("takes conid (of a listed contract), side BUY or SELL, quantity")
    if not isinstance(quantity, int) or quantity <= 0:
        raise Bad("quantity takes a whole number above 0")
    if world.exchange.quote(conid) is None:
        raise Bad(f"conid {conid} has no price at {iso(world.now)}")
    account = _account(world, fields.get("account")).account_id
    return ok(order_truth(world, world.exchange.person_trade(conid, side, quantity, account)))


def cancel(world: World, request: Request) -> Answer:
    """Cancel any live order by hand, at once [T-17]."""
    found = _live(world, object_of(request, ("order_id",)).get("order_id"))
    world.exchange.cancel_by_hand(found)
    return ok(order_truth(world, found))


def modify(world: World, request: Request) -> Answer:
    """Change quantity, limit or stop of any live order by hand [T-17]."""
    fields = object_of(request, ("order_id", "quantity", "limit", "stop"))
    found = _live(world, fields.get("order_id"))
    quantity = fields.get("quantity", found.quantity)
    if not isinstance(quantity, int) or quantity < found.filled:
        raise Bad(f"quantity takes a whole number of at least {found.filled}, what is filled")
    limit = money.cents(fields["limit"]) if "limit" in fields else found.limit
    stop = money.cents(fields["stop"]) if "stop" in fields else found.stop
    world.exchange.modify(found, quantity=quantity, limit=limit, stop=stop, tif=found.tif, trail=found.trail)
    return ok(order_truth(world, found))


def deposit(world: World, request: Request) -> Answer:
    """Money comes in, or goes out with a negative amount."""
    fields = object_of(request, ("amount", "account"))
    account = _account(world, fields.get("account"))
    amount = money.cents(str(fields.get("amount", "")))
    world.exchange.fund(amount, f"person-{len(account.ledger)}", account)
    return ok({"account": account.account_id, "cash": money.text(account.cash)})


def bust(world: World, request: Request) -> Answer:
    """The venue cancels a trade: its id comes again, with the next revision and no quantity."""
    wanted = object_of(request, ("execution_id",)).get("execution_id")
    for execution in world.exchange.effective():
        if execution.execution_id == wanted:
            return ok({"execution_id": world.exchange.bust(execution).execution_id})
    raise Bad(f"execution_id takes the id of an execution that stands, not {wanted}")


def _account(world: World, asked: object) -> Account:
    if asked is None:
        return world.account
    if asked not in world.accounts:
        raise Bad(f"no account {asked}; there are {', '.join(world.accounts)}")
    return world.accounts[str(asked)]


def _live(world: World, order_id: object) -> Order:
    found = world.exchange.orders.get(int(str(order_id))) if str(order_id).isdigit() else None
    if found is None or not found.live:
        raise Bad(f"order_id takes the id of a live order, not {order_id}")
    return found
