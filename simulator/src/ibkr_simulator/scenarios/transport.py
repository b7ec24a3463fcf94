"""Faults on the wire: lost, late, broken and refused answers."""

from ibkr_simulator.messages import Answer, Request, bare_error, empty, error, page
from ibkr_simulator.scenarios.faults import Parameters


def unauthorized(request: Request, parameters: Parameters) -> Answer:
    """F-07: 401 in the middle of a session; the request was not carried out."""
    return Answer(status=401, raw=b"Access Denied", kind="text/plain; charset=utf-8")


def too_many(request: Request, parameters: Parameters) -> Answer:
    """F-19: 429 out of the blue."""
    return bare_error(429, str(parameters.get("text", "Too many requests, please try again later.")))


def unavailable(request: Request, parameters: Parameters) -> Answer:
    """F-09, F-18, F-62: 503 without carrying anything out."""
    return error(503, "Service Unavailable")


def server_error(request: Request, parameters: Parameters) -> Answer:
    """F-24: 500 with an empty body."""
    return empty(500)


def sporadic(request: Request, parameters: Parameters) -> Answer:
    """F-26: a cold session answers 500."""
    return bare_error(500, "Internal Server Error")


def no_session(request: Request, parameters: Parameters) -> Answer:
    """F-13: `/tickle` answers 200 and means no."""
    return Answer(body={"error": "no session"})


def init_refused(request: Request, parameters: Parameters) -> Answer:
    """F-06: init says no."""
    text = "Force compete capability must be used together with compete flag"
    return Answer(body={"passed": False, "fail": text})


def no_data(request: Request, parameters: Parameters) -> Answer:
    """F-34: history has nothing; `status` 200, `text` and an empty series are variants."""
    if parameters.get("empty"):
        return Answer(body={"data": [], "points": 0, "timePeriod": "", "barLength": 0})
    return bare_error(
        int(parameters.get("status", 500)), str(parameters.get("text", "Chart data unavailable"))
    )


def charts_429(request: Request, parameters: Parameters) -> Answer:
    """F-33: more than five history requests at once."""
    return bare_error(429, "Too many history charts requests, please try again later.")


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


def empty_list(request: Request, answer: Answer, parameters: Parameters) -> Answer:
    """F-40, F-43, F-67: nothing, though there is something."""
    if isinstance(answer.body, dict):
        return answer.but(body={"orders": [], "snapshot": bool(parameters.get("snapshot", False))})
    return answer.but(body=[])


def without_fields(request: Request, answer: Answer, parameters: Parameters) -> Answer:
    """F-28: some snapshot fields are missing (`fields`, by default the ask)."""
    missing = set(parameters.get("fields", ["86", "85"]))
    if not isinstance(answer.body, list):
        return answer
    return answer.but(body=[{k: v for k, v in row.items() if k not in missing} for row in answer.body])


def replaced_fields(request: Request, answer: Answer, parameters: Parameters) -> Answer:
    """F-29, F-30, F-31: snapshot fields with other values (`values`)."""
    values = dict(parameters.get("values", {"31": "H"}))
    if not isinstance(answer.body, list):
        return answer
    return answer.but(body=[row | {k: v for k, v in values.items() if k in row} for row in answer.body])


def without_commission(request: Request, answer: Answer, parameters: Parameters) -> Answer:
    """F-67: executions without their commission yet."""
    if not isinstance(answer.body, list):
        return answer
    return answer.but(body=[row | {"commission": ""} for row in answer.body])
