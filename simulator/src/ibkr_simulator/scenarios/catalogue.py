"""The catalogue F-01 to F-83: one line each."""

from dataclasses import replace
from typing import Any

from ibkr_simulator.instants import DAY, SECOND
from ibkr_simulator.scenarios import transport
from ibkr_simulator.scenarios.faults import Act, After, Before, CannotArm, Parameters, Scenario


def _before(number: int, name: str, endpoint: str, answer: Before) -> Scenario:
    return Scenario(number=number, name=name, kind="before", endpoint=endpoint, before=answer)


def _after(number: int, name: str, endpoint: str, change: After) -> Scenario:
    return Scenario(number=number, name=name, kind="after", endpoint=endpoint, after=change)


def _behaviour(number: int, name: str, endpoint: str) -> Scenario:
    return Scenario(number=number, name=name, kind="behaviour", endpoint=endpoint)


def _act(number: int, name: str, act: Act) -> Scenario:
    return Scenario(number=number, name=name, kind="act", act=act)


def _always(number: int, name: str) -> Scenario:
    return Scenario(number=number, name=name, kind="always")


def _switch(number: int, name: str, switch: str) -> Scenario:
    return Scenario(number=number, name=name, kind="switch", switch=switch)


def _later(number: int, name: str) -> Scenario:
    return Scenario(number=number, name=name, kind="later")


def _sign_out(world: Any, parameters: Parameters) -> None:
    world.gateway.sign_out()


def _drop(world: Any, parameters: Parameters) -> None:
    world.gateway.drop_brokerage()


def _disconnect(world: Any, parameters: Parameters) -> None:
    world.gateway.drop_brokerage()
    world.gateway.connected = False


def _compete(world: Any, parameters: Parameters) -> None:
    world.gateway.compete()


def _box(world: Any, parameters: Parameters) -> None:
    world.box(int(parameters.get("seconds", 600)) * SECOND)


def _block(world: Any, parameters: Parameters) -> None:
    world.box(3650 * DAY)


def _correct(world: Any, parameters: Parameters) -> None:
    found = world.exchange.effective()
    if not found:
        raise CannotArm("F-68 needs an execution")
    wanted = parameters.get("execution_id", found[-1].execution_id)
    execution = next((each for each in found if each.execution_id == wanted), None)
    if execution is None:
        raise CannotArm(f"no execution {wanted} that could be corrected")
    world.exchange.correct(execution, int(parameters.get("cents", 1)))


def _mute(world: Any, parameters: Parameters) -> None:
    for stream in world.streams:
        stream.muted = True


def _bad_bytes(world: Any, parameters: Parameters) -> None:
    for stream in world.streams:
        stream.outbox.put_nowait(b'{"topic":"ntf","args":[{"id":"x","text":"\x99"}]}')


def _system_cancel(world: Any, parameters: Parameters) -> None:
    reason = str(parameters.get("reason", "Order cancelled by system"))
    wanted = parameters.get("order_id")
    for order in world.exchange.live():
        if order.live and wanted in (None, order.order_id, str(order.order_id)):
            world.exchange.cancel_by_system(order, reason)


_SESSION = (
    _act(1, "not logged in", _sign_out),
    _act(2, "no bridge", _drop),
    _act(3, "brokerage dropped", _drop),
    _switch(4, "half-ready", "establish_seconds"),
    _act(5, "competing session", _compete),
    _before(6, "init refused", "init", transport.init_refused),
    _before(7, "401 mid-session", "any", transport.unauthorized),
    _always(8, "false 401 on an unknown account"),
    _before(9, "nightly reset", "iserver", transport.unavailable),
    _act(10, "24 h end", _sign_out),
    _always(11, "accounts not primed"),
    _always(12, "portfolio not primed"),
    _before(13, "tickle oddities", "tickle", transport.no_session),
    _later(14, "init storm"),
    _always(15, "suppressions lost"),
    _always(16, "403 without User-Agent, 411 without Content-Length"),
    _later(17, "certificate replaced"),
    _before(18, "maintenance", "any", transport.unavailable),
)
_WIRE = (
    _before(19, "429", "any", transport.too_many),
    _act(20, "penalty box", _box),
    _act(21, "permanent block", _block),
    _after(22, "lost response after acceptance", "orders", transport.lost),
    _after(23, "503 though accepted", "orders", transport.late_503),
    _before(24, "500 with empty body", "orders", transport.server_error),
    _after(25, "HTML, truncated JSON, 502", "orders", transport.broken),
    _before(26, "sporadic 500 on reads", "contracts", transport.sporadic),
)
_MARKET_DATA = (
    _always(27, "preflight only"),
    _after(28, "partial fields", "snapshot", transport.without_fields),
    _switch(29, "delayed or frozen", "market_data"),
    _after(30, "stale snapshot", "snapshot", transport.replaced_fields),
    _after(31, "string formats", "snapshot", transport.replaced_fields),
    _always(32, "smd expires after 15 minutes"),
    _before(33, "history 429", "history", transport.charts_429),
    _before(34, "history none", "history", transport.no_data),
    _always(35, "history defaulted"),
    _always(36, "unfinished last bar, volume in lots"),
    _always(37, "history truncated at 1000 points"),
    _always(38, "unsubscribe 500"),
    _switch(39, "lines exhausted", "market_data_lines"),
)
_ORDERS = (
    _after(40, "live orders empty", "live_orders", transport.empty_list),
    _always(41, "force=true empties"),
    _always(42, "filters poison"),
    _after(43, "after-hours empty list", "live_orders", transport.empty_list),
    _switch(44, "orders vanish", "gtc_visible_next_day"),
    _behaviour(45, "question", "orders"),
    _behaviour(46, "chained questions", "orders"),
    _behaviour(47, "unknown question", "orders"),
    _behaviour(48, "reply expired", "reply"),
    _after(49, "shape drift", "place", transport.drifted),
    _behaviour(50, "rejected with 200", "orders"),
    _behaviour(51, "advanced reject", "orders"),
    _behaviour(52, "bracket half-live", "place"),
    _always(53, "duplicate cOID"),
    _switch(54, "duplicate cOID not refused", "duplicate_coid"),
    _behaviour(55, "stuck PendingSubmit", "place"),
    _behaviour(56, "Inactive after OK", "place"),
    _behaviour(57, "silent drop", "place"),
    _behaviour(58, "partial fill, then nothing", "place"),
    _behaviour(59, "cancel loses the race", "cancel"),
    _behaviour(60, "cancel 400", "cancel"),
    _act(61, "system cancel", _system_cancel),
    _before(62, "order status 503", "order_status", transport.unavailable),
    _always(63, "modify 400 after a fill"),
    _always(64, "more than 15 working orders a side"),
    _always(65, "tick, permission and buying-power refusals"),
    _behaviour(66, "what-if without numbers", "whatif"),
    _after(67, "trades lag", "trades", transport.empty_list),
    _act(68, "corrected execution", _correct),
    _always(69, "str comes before sor"),
    _always(70, "manual orders: /control/person/order"),
)
_PORTFOLIO = (
    _switch(71, "stale positions", "positions_cache_seconds"),
    _always(72, "page ignored"),
    _always(73, "sparse first read"),
    _always(74, "flat positions linger with 0"),
    _always(75, "pnl {} first"),
    _always(76, "unit drift"),
)
_SOCKET = (
    _act(77, "half-open", _mute),
    _always(78, "auth restored silently"),
    _always(79, "sor silent after filters"),
    _always(80, "deltas"),
    _always(81, "waiting for session"),
    _act(82, "bad bytes", _bad_bytes),
    _always(83, "nothing is replayed on reconnect"),
)

_STARS = frozenset(
    {5, 7, 9, 19, 20, 22, 23, 28, 29, 30, 35, 36, 40, 41, 42, 44, 45, 46, 48, 50, 52, 53, 54, 55, 56, 57}
    | {58, 59, 61, 67, 68, 70, 71, 77, 78, 79}
)

CATALOGUE: dict[int, Scenario] = {
    scenario.number: replace(scenario, star=scenario.number in _STARS)
    for scenario in (*_SESSION, *_WIRE, *_MARKET_DATA, *_ORDERS, *_PORTFOLIO, *_SOCKET)
}
