"""What is answered before any handler is asked: headers, pacing, interruptions, missing sessions [§1.5]."""

from ibkr_simulator.messages import Answer, Request, Route, bare_error, empty, error
from ibkr_simulator.pacing import too_long
from ibkr_simulator.world import World

# What works on the outer session alone although it begins with /iserver.
_WITHOUT_BROKERAGE = ("/iserver/auth/status", "/iserver/auth/ssodh/init", "/iserver/reauthenticate")
_DENIED = Answer(status=401, raw=b"Access Denied", kind="text/plain; charset=utf-8")


def refused_at_the_door(world: World, request: Request) -> Answer | None:
    """Headers, host and pacing: what a proxy decides, whoever is signed in."""
    if not request.has_agent:
        return _DENIED.but(status=403, kind="text/html; charset=utf-8")
    if request.method == "POST" and not request.has_length:
        return empty(411)
    if not world.paced(f"{request.method} {request.path}"):
        return bare_error(429, "Too many requests, please try again later.")
    if world.switches.on("gone"):
        return error(410, "Gone")
    return _refused_length(world, request)


def _refused_length(world: World, request: Request) -> Answer | None:
    found = too_long(request.path, request.query)
    if found is None:
        return None
    world.pacer.counts.too_long += 1
    return error(400, f"Bad Request: {found}") if world.switches.text("pacing") == "full" else None


def refused_for_session(world: World, request: Request) -> Answer | None:
    """Interruptions and missing sessions."""
    gateway = world.gateway
    window = gateway.interrupted()
    if window is not None and window is gateway.limits.maintenance:
        return error(503, "Service Unavailable")
    if gateway.user is None:
        return None if _half_signed_in(world, request) else _signed_out(world, request)
    brokerage_path = request.path.startswith("/iserver")
    if window is not None and window.early(world.now) and (brokerage_path or request.path == "/tickle"):
        return error(503, "Service Unavailable")
    if brokerage_path and gateway.brokerage is None and request.path not in _WITHOUT_BROKERAGE:
        return error(world.switches.number("no_bridge_status"), "Bad Request: no bridge")
    return None


def _half_signed_in(world: World, request: Request) -> bool:
    """`/sso/validate` knows of a sign-in whose phone has not confirmed yet, where the switch says so."""
    stated = world.switches.text("two_factor_validate") == "stated"
    return stated and request.path == "/sso/validate" and world.gateway.waiting is not None


def _signed_out(world: World, request: Request) -> Answer:
    if request.path == "/tickle" and world.switches.text("tickle_signed_out") == "200":
        return Answer(body={"error": "no session"})
    return _DENIED


def refused_unprimed(world: World, route: Route) -> Answer | None:
    """`/iserver/accounts` was not asked in this brokerage session [F-11]."""
    brokerage = world.gateway.brokerage
    if not route.priming or (brokerage is not None and brokerage.accounts_primed):
        return None
    if world.switches.text("unprimed_status") == "500":
        return bare_error(500, "please query /accounts first")
    return error(400, "Bad Request: Please query /accounts first")
