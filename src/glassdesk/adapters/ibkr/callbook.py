"""Keeps exchanges in memory until the transaction of what they led to files them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence

from glassdesk.adapters.ibkr import calls
from glassdesk.kernel.canonical import sha256_hex
from glassdesk.workflow.lineage.model import Call

MOST_WAITING = 2_000
"""Polls beyond this are forgotten, oldest first; calls of a run and writes are drained long before."""


class CallBook:
    """A `CallRecorder`, and the `CallBook` port over what it was told."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Call, bytes]] = deque(maxlen=MOST_WAITING)

    def __call__(self, call: calls.Call) -> None:
        """Take one exchange down."""
        body = calls.redacted(call.response)
        with self._lock:
            self._waiting.append((_filed(call, body), body))

    def drain(self, purpose_prefix: str) -> Sequence[tuple[Call, bytes]]:
        """Take out the calls of a purpose, oldest first."""
        with self._lock:
            taken = [pair for pair in self._waiting if pair[0].purpose.startswith(purpose_prefix)]
            rest = [pair for pair in self._waiting if not pair[0].purpose.startswith(purpose_prefix)]
            self._waiting = deque(rest, maxlen=MOST_WAITING)
        return taken


def _filed(call: calls.Call, body: bytes) -> Call:
    digest = sha256_hex(body)
    kept = call.write or call.purpose.startswith("run:")
    query = "&".join(f"{name}={value}" for name, value in sorted(call.params.items()))
    return Call(
        call=None,
        purpose=call.purpose,
        method=call.method,
        path=f"{call.path}?{query}" if query else call.path,
        request=calls.redacted(call.request).decode(errors="replace"),
        status=call.status,
        response_sha256=digest if kept and body else None,
        response_digest=digest,
        error=call.failure,
        started_at=call.started_at,
        machine_ms=round(call.seconds * 1000),
    )
