"""Reading the control plane's requests, and writing its rows."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ibkr_simulator.exchange import money
from ibkr_simulator.exchange.orders import Order
from ibkr_simulator.instants import iso
from ibkr_simulator.messages import Json, Request
from ibkr_simulator.web_api.order_words import status
from ibkr_simulator.world import World

_TIMES = (
    "at",
    "traded_at",
    "placed_at",
    "updated_at",
    "expires_at",
    "last_fill_at",
    "cancel_at",
    "ended_at",
    "settles_at",
    "trailed_at",
)
_AMOUNTS = ("limit", "stop", "price", "value", "commission", "amount", "fees")


class Bad(ValueError):
    """The request is wrong; the text says what would be right."""


def object_of(request: Request, allowed: tuple[str, ...]) -> Mapping[str, Any]:
    """The body's fields. Raises Bad for one that is not known."""
    fields = request.fields()
    unknown = [name for name in fields if name not in allowed]
    if unknown:
        raise Bad(f"no field {', '.join(unknown)}; there are {', '.join(allowed)}")
    return fields


def order_truth(world: World, order: Order) -> Json:
    """An order with everything the broker knows of it."""
    return {**readable(asdict(order)), "status": status(world, order), "remaining": order.remaining}


def readable(row: Mapping[str, Any]) -> dict[str, Any]:
    """Times as ISO text, amounts as text with two decimals."""
    return {name: _readable_value(name, value) for name, value in row.items()}


def _readable_value(name: str, value: Any) -> Any:
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    if name in _TIMES:
        return iso(value)
    return money.text(value) if name in _AMOUNTS else value
