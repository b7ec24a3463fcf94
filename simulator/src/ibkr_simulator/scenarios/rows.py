"""Faults in the rows of an answer: missing, stale, odd, doubled, or of another type."""

from typing import Any

from ibkr_simulator.messages import Answer, Request
from ibkr_simulator.scenarios.scenario import Parameters

_PRICES = ("31", "84", "86")
_CORE = ("acctId", "conid", "position", "avgCost", "avgPrice", "currency", "marketPrice", "mktPrice")


def empty_list(request: Request, answer: Answer, parameters: Parameters) -> Answer:
    """F-40, F-43, F-67: nothing, though there is something."""
    if isinstance(answer.body, dict):
        return answer.but(body={"orders": [], "snapshot": bool(parameters.get("snapshot", False))})
    return answer.but(body=[])


def late_trades(request: Request, answer: Answer, parameters: Parameters) -> Answer:
    """F-67: `empty`, or executions without their `commission` yet."""
    if parameters.get("manner") != "commission":
        return empty_list(request, answer, parameters)
    return _each(answer, lambda row: row | {"commission": ""})


def lagging_list(request: Request, answer: Answer, parameters: Parameters) -> Answer:
    """F-69: the list knows nothing of a fill that trades tell already."""
    if not isinstance(answer.body, dict):
        return answer
    rows = [_unfilled(row) for row in answer.body.get("orders", [])]
    return answer.but(body=answer.body | {"orders": rows})


def _unfilled(row: dict[str, Any]) -> dict[str, Any]:
    size = row["totalSize"]
    fresh = {"filledQuantity": 0.0, "remainingQuantity": size, "sizeAndFills": f"0/{size:g}", "avgPrice": ""}
    return row | fresh | {"status": "Submitted", "order_ccp_status": "Submitted"}


def preflight(request: Request, answer: Answer, parameters: Parameters) -> Answer:
    """F-27: nothing but the contract."""
    return _each(answer, lambda row: {key: row[key] for key in ("conidEx", "conid") if key in row})


def without_fields(request: Request, answer: Answer, parameters: Parameters) -> Answer:
    """F-28: some snapshot fields are missing (`fields`, by default the ask)."""
    missing = set(parameters["fields"])
    return _each(answer, lambda row: {key: value for key, value in row.items() if key not in missing})


def stale(request: Request, answer: Answer, parameters: Parameters) -> Answer:
    """F-30: prices that nobody updated for `age` seconds, though the answer is fresh."""
    age = int(float(parameters["age"]) * 1000)
    return _each(answer, lambda row: row | ({"_updated": row["_updated"] - age} if "_updated" in row else {}))


def odd_formats(request: Request, answer: Answer, parameters: Parameters) -> Answer:
    """F-31: `halted`, prior close, `grouped` thousands, empty text, or `values` of one's own."""
    return _each(answer, lambda row: row | _odd(row, parameters))


def _odd(row: dict[str, Any], parameters: Parameters) -> dict[str, Any]:
    if "values" in parameters:
        return {key: value for key, value in dict(parameters["values"]).items() if key in row}
    manner, prices = parameters["manner"], {key: str(row[key]) for key in _PRICES if key in row}
    if manner == "grouped":
        return {key: f"{float(price):,.2f}" for key, price in prices.items() if price[:1].isdigit()}
    if manner == "empty":
        return dict.fromkeys(prices, "")
    mark = "C" if manner == "prior" else "H"
    return {"31": f"{mark}{prices['31'].lstrip('CH')}"} if "31" in prices else {}


def gappy(request: Request, answer: Answer, parameters: Parameters) -> Answer:
    """F-36: the bar at `drop` is missing."""
    if not isinstance(answer.body, dict) or not answer.body.get("data"):
        return answer
    bars, drop = list(answer.body["data"]), int(parameters["drop"])
    if -len(bars) <= drop < len(bars):
        del bars[drop]
    return answer.but(body=answer.body | {"data": bars, "points": len(bars) - 1})


def truncated_series(request: Request, answer: Answer, parameters: Parameters) -> Answer:
    """F-37: no more than the newest `points` bars."""
    if not isinstance(answer.body, dict) or not answer.body.get("data"):
        return answer
    bars = answer.body["data"][-int(parameters["points"]) :]
    return answer.but(body=answer.body | {"data": bars, "points": len(bars) - 1})


def doubled(request: Request, answer: Answer, parameters: Parameters) -> Answer:
    """F-72: the next page is the first one again."""
    return answer.but(body=answer.body * 2) if isinstance(answer.body, list) else answer


def sparse(request: Request, answer: Answer, parameters: Parameters) -> Answer:
    """F-73: rows with their core fields only."""
    return _each(answer, lambda row: {key: row[key] for key in _CORE if key in row})


def flat(request: Request, answer: Answer, parameters: Parameters) -> Answer:
    """F-74: a flat position has a row of 0, or the row is `missing`."""
    if not isinstance(answer.body, list):
        return answer
    if parameters["manner"] == "missing":
        return answer.but(body=[row for row in answer.body if row.get("position")])
    row = {"position": 0.0, "conid": str(parameters["conid"]), "avgCost": 0.0, "avgPrice": 0.0}
    more = {"currency": "USD", "description": "", "marketPrice": 0.0, "marketValue": 0.0, "model": ""}
    return answer.but(body=[*answer.body, row | more])


def drifted_units(request: Request, answer: Answer, parameters: Parameters) -> Answer:
    """F-76: numbers as text and text as numbers, timestamps in the other unit, null for empty text."""
    return answer.but(body=_drifted(answer.body)) if answer.raw is None else answer


def _drifted(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _drifted(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_drifted(inner) for inner in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int) and "timestamp" in key:
        return value // 1000 if value > 10**11 else value * 1000
    if isinstance(value, int | float):
        return str(value)
    return int(value) if value.isdigit() else value or None


def _each(answer: Answer, change: Any) -> Answer:
    if not isinstance(answer.body, list):
        return answer
    return answer.but(body=[change(row) if isinstance(row, dict) else row for row in answer.body])
