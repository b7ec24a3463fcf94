"""Rows of the live orders as they were read last, with what the stream said since laid over them [F-80].

The rows decide nothing but whether a frame says something new: whoever acts on an order reads it first.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from glassdesk.adapters.ibkr.parse import Unparsable, number

_SAYS_SOMETHING = (
    "status",
    "filledQuantity",
    "remainingQuantity",
    "totalSize",
    "price",
    "auxPrice",
    "avgPrice",
    "order_cancellation_by_system_reason",
)
_MOST_REFS = 200
_OVER = frozenset({"Filled", "Cancelled", "Inactive", "Failed"})


class Heard(Enum):
    """What a frame adds to what is known."""

    NOTHING = "nothing"
    CHANGE = "change"
    STRANGER = "stranger"
    """An order that no reading has shown: the whole list has to be read again."""


class OrderBoard:
    """Used by the dealer, who reads, and by the stream, which hears."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[str, dict[str, Any]] = {}
        self._executions: set[str] = set()
        self._refs: deque[str] = deque(maxlen=_MOST_REFS)

    def read(self, rows: Iterable[object]) -> None:
        """A whole list was read: it replaces what was known."""
        found = {str(row["orderId"]): dict(row) for row in rows if isinstance(row, Mapping) and _is_row(row)}
        with self._lock:
            self._rows = found

    def read_trades(self, executions: Iterable[str]) -> None:
        """Executions that a reading has shown, corrections by their own ids."""
        with self._lock:
            self._executions |= set(executions)

    def heard(self, row: object) -> Heard:
        """Lay one row or delta of `sor` over what is known."""
        if not isinstance(row, Mapping) or not _is_row(row):
            return Heard.STRANGER
        with self._lock:
            if isinstance(row.get("order_ref"), str):
                self._refs.append(row["order_ref"])
            known = self._rows.get(str(row["orderId"]))
            if known is None:
                return Heard.STRANGER
            says = any(name in row and not _same(known.get(name), row[name]) for name in _SAYS_SOMETHING)
            known.update(row)
        return Heard.CHANGE if says else Heard.NOTHING

    def heard_ref(self, order_ref: str) -> bool:
        """True where the stream named this client order id lately (`T-60`)."""
        with self._lock:
            return order_ref in self._refs

    def heard_trade(self, row: object) -> Heard:
        """One row of `str`; it stays news until a reading has shown it."""
        execution = row.get("execution_id") if isinstance(row, Mapping) else None
        with self._lock:
            return Heard.NOTHING if execution in self._executions else Heard.CHANGE

    def working_conids(self) -> tuple[int, ...]:
        """Contracts with orders that are not over."""
        with self._lock:
            alive = [row for row in self._rows.values() if row.get("status") not in _OVER]
        return tuple(sorted({row["conid"] for row in alive if isinstance(row.get("conid"), int)}))


def _is_row(row: Mapping[Any, Any]) -> bool:
    return isinstance(row.get("orderId"), int | str)


def _same(known: object, said: object) -> bool:
    """`"640.00"`, `640` and `640.0` are one price; null and `""` are both nothing."""
    if known in (None, "") or said in (None, ""):
        return known in (None, "") and said in (None, "")
    try:
        return number(known) == number(said)
    except Unparsable:
        return str(known) == str(said)
