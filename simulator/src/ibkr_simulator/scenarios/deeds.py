"""Faults that happen in the world: to the sessions, the orders, the streams."""

from typing import Any

from ibkr_simulator.instants import MINUTE, SECOND
from ibkr_simulator.scenarios.armed import CannotArm
from ibkr_simulator.scenarios.scenario import Parameters


def sign_out(world: Any, parameters: Parameters) -> None:
    """F-01, F-10: both sessions end."""
    world.gateway.sign_out()


def drop(world: Any, parameters: Parameters) -> None:
    """F-02, F-03: only the brokerage session ends."""
    world.gateway.drop_brokerage()


def half_ready(world: Any, parameters: Parameters) -> None:
    """F-04: a new brokerage session that needs `seconds` until it is established."""
    if world.gateway.user is None:
        raise CannotArm("F-04 needs somebody who is signed in")
    world.gateway.open_brokerage(world.now + round(float(parameters["seconds"]) * SECOND))


def compete(world: Any, parameters: Parameters) -> None:
    """F-05: another program takes the username."""
    world.gateway.compete()


def unprime_accounts(world: Any, parameters: Parameters) -> None:
    """F-11: `/iserver/accounts` has to be asked again."""
    if world.gateway.brokerage is not None:
        world.gateway.brokerage.accounts_primed = False


def unprime_portfolio(world: Any, parameters: Parameters) -> None:
    """F-12: `/portfolio/accounts` has to be asked again."""
    world.gateway.portfolio_primed = False


def lock_out(world: Any, parameters: Parameters) -> None:
    """F-14: both sessions end, and no sign-in is taken for `seconds`."""
    world.gateway.sign_out()
    world.gateway.locked_until = world.now + round(float(parameters["seconds"]) * SECOND)


def unlock(world: Any, parameters: Parameters) -> None:
    """F-14 is over."""
    world.gateway.locked_until = 0


def forget_suppressions(world: Any, parameters: Parameters) -> None:
    """F-15: every question is asked again."""
    if world.gateway.brokerage is not None:
        world.gateway.brokerage.suppressed.clear()


def replace_certificate(world: Any, parameters: Parameters) -> None:
    """F-17: the gateway presents another certificate from now on."""
    world.replace_certificate()


def empty_order_cache(world: Any, parameters: Parameters) -> None:
    """F-41: as after `force=true`: the next list is empty."""
    if world.gateway.brokerage is not None:
        world.gateway.brokerage.orders_primed = False


def poison_orders(world: Any, parameters: Parameters) -> None:
    """F-42: as after a filtered call: lists stay empty and `sor` silent until `force=true`."""
    if world.gateway.brokerage is not None:
        world.gateway.brokerage.orders_filtered = True


def system_cancel(world: Any, parameters: Parameters) -> None:
    """F-61: the broker cancels `order_id`, or all that live, with a `reason`."""
    wanted = parameters.get("order_id")
    for order in world.exchange.live():
        if order.live and wanted in (None, order.order_id, str(order.order_id)):
            world.exchange.cancel_by_system(order, str(parameters["reason"]))


def correct(world: Any, parameters: Parameters) -> None:
    """F-68: an execution comes again, its last segment increased, `cents` dearer."""
    found = world.exchange.effective()
    if not found:
        raise CannotArm("F-68 needs an execution")
    wanted = parameters.get("execution_id", found[-1].execution_id)
    execution = next((each for each in found if each.execution_id == wanted), None)
    if execution is None:
        raise CannotArm(f"no execution {wanted} that could be corrected")
    world.exchange.correct(execution, int(parameters["cents"]))


def trade_by_hand(world: Any, parameters: Parameters) -> None:
    """F-70: a person trades `quantity` of `conid` elsewhere."""
    conid, side, quantity = int(parameters["conid"]), str(parameters["side"]), int(parameters["quantity"])
    if side not in ("BUY", "SELL") or quantity < 1 or world.exchange.quote(conid) is None:
        raise CannotArm("F-70 takes a conid with a price, side BUY or SELL, and a quantity above 0")
    world.exchange.person_trade(conid, side, quantity)


def unprime_profit(world: Any, parameters: Parameters) -> None:
    """F-75: the next partitioned profit is `{}`."""
    if world.gateway.brokerage is not None:
        world.gateway.brokerage.pnl_primed = False


def end_prices(world: Any, parameters: Parameters) -> None:
    """F-32: every price stream is as old as streams become."""
    for stream in world.streams:
        stream.prices = {
            conid: (world.now - 16 * MINUTE, codes) for conid, (_, codes) in stream.prices.items()
        }


def mute(world: Any, parameters: Parameters) -> None:
    """F-77: open connections stay open, and nothing comes any more."""
    for stream in world.streams:
        stream.muted = True


def restore_silently(world: Any, parameters: Parameters) -> None:
    """F-78: authentication is lost, which streams tell, and comes back, which they do not."""
    if world.gateway.user is None:
        raise CannotArm("F-78 needs somebody who is signed in")
    world.gateway.drop_brokerage()
    for stream in world.streams:
        stream.notice_loss()
    world.gateway.open_brokerage(world.ready_at())


def silence_orders(world: Any, parameters: Parameters) -> None:
    """F-79: no `sor` frame comes any more, everything else does."""
    for stream in world.streams:
        stream.orders_on = False


def bare_delta(world: Any, parameters: Parameters) -> None:
    """F-80: a delta for an order that was never shown."""
    args = {"acct": world.account.account_id, "orderId": int(parameters["order_id"]), "status": "Submitted"}
    _send(world, {"topic": "sor", "args": [args]})


def waiting(world: Any, parameters: Parameters) -> None:
    """F-81: frames of a socket that came too early."""
    _send(world, {"message": "waiting for session"})
    _send(world, {"error": "not authenticated", "code": 401})


def bad_bytes(world: Any, parameters: Parameters) -> None:
    """F-82: a byte that is no text, arguments as a list, a topic nobody knows."""
    for stream in world.streams:
        stream.outbox.put_nowait(b'{"topic":"ntf","args":[{"id":"x","text":"\x99"}]}')
    _send(world, {"topic": "xyz", "args": [1, 2]})


def cut_streams(world: Any, parameters: Parameters) -> None:
    """F-83: connections close; what happens until the client is back is told nobody."""
    for stream in world.streams:
        stream.outbox.put_nowait(None)


def _send(world: Any, frame: dict[str, Any]) -> None:
    for stream in world.streams:
        stream.outbox.put_nowait(dict(frame))
