"""The way of a request through the gateway: pacing, sessions, faults, handler."""

from ibkr_simulator.instants import SECOND
from ibkr_simulator.messages import Answer, Request, Routes, empty, error
from ibkr_simulator.web_api import (
    account_figures,
    alerts,
    allocation,
    analysis,
    beta_history,
    contracts,
    derivatives,
    history,
    market_data,
    notifications,
    order_tracking,
    orders,
    owners,
    portfolio,
    positions,
    regulatory_snapshot,
    scanner,
    schedules,
    session,
    whatif,
)
from ibkr_simulator.web_api.admission import refused_at_the_door, refused_for_session, refused_unprimed
from ibkr_simulator.world import World

PAGES = Routes(session.PAGES)
API = Routes(
    (
        *session.ROUTES,
        *contracts.ROUTES,
        *derivatives.ROUTES,
        *schedules.ROUTES,
        *history.ROUTES,
        *market_data.ROUTES,
        *orders.ROUTES,
        *whatif.ROUTES,
        *order_tracking.ROUTES,
        *positions.ROUTES,
        *portfolio.ROUTES,
        *account_figures.ROUTES,
        *allocation.ROUTES,
        *analysis.ROUTES,
        *alerts.ROUTES,
        *beta_history.ROUTES,
        *notifications.ROUTES,
        *owners.ROUTES,
        *regulatory_snapshot.ROUTES,
        *scanner.ROUTES,
    )
)


def serve_page(world: World, request: Request) -> Answer:
    """Paths outside `/v1/api`: the login page."""
    world.age()
    found = PAGES.find(request.method, request.path)
    return found[0].handler(world, request) if found else empty(404)


def serve_api(world: World, request: Request) -> Answer:
    """Answer one Web API request and note it in the truth."""
    world.age()
    world.faults.arrive(request)
    answer = refused_at_the_door(world, request) or world.faults.before(request) or _postponed(world, request)
    if answer is None:
        handled = _handled(world, world.faults.twist(request))
        _observed(world, request, handled)
        answer = world.faults.after(request, handled)
    world.log_request(request, answer.status, answer.cut)
    _observed(world, request, answer)
    return answer


def _observed(world: World, request: Request, answer: Answer) -> None:
    for observer in world.observers:
        observer.answered(request, answer)


def _postponed(world: World, request: Request) -> Answer | None:
    """F-22 with `late`: the client loses its answer now, the broker carries the request out later."""
    late = world.faults.postponed(request)
    if not late:
        return None
    pending = world.gateway.pending

    def carry_out() -> None:
        world.gateway.pending = world.gateway.pending or pending
        if world.gateway.brokerage is not None:
            _routed(world, request)

    world.postpone(round(late * SECOND), carry_out)
    return Answer(raw=b"", cut="at once")


def _handled(world: World, request: Request) -> Answer:
    refused = refused_for_session(world, request)
    if world.gateway.user is not None:
        world.gateway.idle = 0
    if refused is not None:
        return refused
    if not request.path.startswith("/iserver"):
        return _routed(world, request)
    _void_question(world, request)
    answer = _routed(world, request)
    world.question_log.note(request, world.gateway.pending, answer.status, world.now)
    return answer


def _void_question(world: World, request: Request) -> None:
    """Any other request to the brokerage ends a pending question [§5.1]."""
    if not request.path.startswith("/iserver/reply/"):
        world.gateway.pending = None


def _routed(world: World, request: Request) -> Answer:
    found = API.find(request.method, request.path)
    if found is None:
        return error(404, "Not Found")
    route, params = found
    return refused_unprimed(world, route) or route.handler(world, request.but(params))
