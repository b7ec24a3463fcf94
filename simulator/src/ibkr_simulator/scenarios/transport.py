"""Faults on the wire: refused, lost, late and broken answers."""

from typing import Any

from ibkr_simulator.messages import Answer, Request, bare_error, empty, error, page
from ibkr_simulator.scenarios.scenario import Parameters

_MISSING = {"403": "Access Denied", "411": "Length Required", "410": "Gone"}


def unauthorized(world: Any, request: Request, parameters: Parameters) -> Answer:
    """F-07: 401 in the middle of a session; the request was not carried out."""
    return Answer(status=401, raw=b"Access Denied", kind="text/plain; charset=utf-8")


def unknown_account(world: Any, request: Request, parameters: Parameters) -> Answer:
    """F-08: 401 with an empty body, though the session is fine."""
    return empty(401)


def refused_headers(world: Any, request: Request, parameters: Parameters) -> Answer:
    """F-16: 403 as without User-Agent, 411 as without Content-Length, 410 as from the wrong host."""
    status = str(parameters["status"])
    return page(f"<html><body><h1>{status} {_MISSING.get(status, '')}</h1></body></html>", int(status))


def too_many(world: Any, request: Request, parameters: Parameters) -> Answer:
    """F-19, F-20, F-21: 429 out of the blue."""
    return bare_error(429, str(parameters.get("text", "Too many requests, please try again later.")))


def reset(world: Any, request: Request, parameters: Parameters) -> Answer:
    """F-09: 503, and the brokerage session with all it had primed and suppressed is gone."""
    world.gateway.drop_brokerage()
    return unavailable(world, request, parameters)


def unavailable(world: Any, request: Request, parameters: Parameters) -> Answer:
    """F-18, F-62: 503 without carrying anything out."""
    return error(int(parameters.get("status", 503)), "Service Unavailable")


def server_error(world: Any, request: Request, parameters: Parameters) -> Answer:
    """F-24: 500 with an empty body."""
    return empty(500)


def sporadic(world: Any, request: Request, parameters: Parameters) -> Answer:
    """F-26: a cold session answers 500."""
    return bare_error(int(parameters.get("status", 500)), "Internal Server Error")


def init_refused(world: Any, request: Request, parameters: Parameters) -> Answer:
    """F-06: init says no."""
    text = "Force compete capability must be used together with compete flag"
    return Answer(body={"passed": False, "fail": text})


def no_data(world: Any, request: Request, parameters: Parameters) -> Answer:
    """F-34: history has nothing; `status` 200, `text` and an empty series are variants."""
    if parameters.get("empty"):
        return Answer(body={"data": [], "points": 0, "timePeriod": "", "barLength": 0})
    return bare_error(
        int(parameters.get("status", 500)), str(parameters.get("text", "Chart data unavailable"))
    )


def charts_429(world: Any, request: Request, parameters: Parameters) -> Answer:
    """F-33: more than five history requests at once."""
    return bare_error(429, "Too many history charts requests, please try again later.")


def nothing_open(world: Any, request: Request, parameters: Parameters) -> Answer:
    """F-38: nothing is open that could be unsubscribed."""
    return bare_error(500, "unknown")


def refusal(world: Any, request: Request, parameters: Parameters) -> Answer:
    """F-63, F-64, F-65: the broker's own `text`, with `status`; the request was not carried out."""
    status = int(parameters["status"])
    return (
        error(status, str(parameters["text"])) if status != 200 else bare_error(200, str(parameters["text"]))
    )


def tickle(request: Request, answer: Answer, parameters: Parameters) -> Answer:
    """F-13: `no session`, a `status` of 500 or 503, no `authStatus`, or `ssoExpires` near 0."""
    manner = str(parameters["manner"])
    if manner == "no session":
        return Answer(body={"error": "no session"})
    if manner.isdigit():
        return empty(int(manner))
    if not isinstance(answer.body, dict):
        return answer
    odd: dict[str, Any] = {"iserver": {}} if manner == "missing" else {"ssoExpires": 900}
    return answer.but(body=answer.body | odd)


def lost(request: Request, answer: Answer, parameters: Parameters) -> Answer:
    """F-22: carried out, then no answer: `stall` seconds of machine time, then the connection closes."""
    return answer.but(stall=float(parameters.get("stall", 0)), cut="at once")


def late_503(request: Request, answer: Answer, parameters: Parameters) -> Answer:
    """F-23: carried out, yet 503."""
    return error(503, "Service Unavailable").but(stall=float(parameters.get("stall", 0)))


def broken(request: Request, answer: Answer, parameters: Parameters) -> Answer:
    """F-25: carried out, but the answer is `html`, `truncated`, `502` or `garbage`."""
    manner = parameters.get("manner", "html")
    if manner == "truncated":
        return answer.but(cut="half way")
    if manner == "garbage":
        return answer.but(raw=answer.content()[: len(answer.content()) // 2])
    status = int(manner) if str(manner).isdigit() else 200
    return page("<html><body><h1>Bad Gateway</h1></body></html>", status)


def drifted(request: Request, answer: Answer, parameters: Parameters) -> Answer:
    """F-49: a bare object instead of a list, numbers for text, extra keys."""
    body = answer.body[0] if isinstance(answer.body, list) and len(answer.body) == 1 else answer.body
    if not isinstance(body, dict):
        return answer
    order_id = body.get("order_id")
    number = {"order_id": int(order_id)} if isinstance(order_id, str) else {}
    return answer.but(body=body | number | {"unexpected": None})


def duplicate(request: Request, answer: Answer, parameters: Parameters) -> Answer:
    """F-53: the order was taken, and the client hears that its cOID is known already."""
    rows = answer.body if isinstance(answer.body, list) else []
    known = [str(row["local_order_id"]) for row in rows if isinstance(row, dict) and "local_order_id" in row]
    tickets = request.fields().get("orders", [])
    asked = [str(ticket["cOID"]) for ticket in tickets if isinstance(ticket, dict) and "cOID" in ticket]
    name = (known or asked or [str(parameters.get("coid", ""))])[0]
    text = f"Order couldn't be submitted: Local order ID={name} is already registered."
    return bare_error(int(parameters.get("status", 200)), text)
