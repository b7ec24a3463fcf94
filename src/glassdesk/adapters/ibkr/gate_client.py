"""Reads through the dealer's gate, for every process that is not the dealer (`design.md` §4)."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from glassdesk.adapters.ibkr.broker import BrokerReads, reading_ports
from glassdesk.adapters.ibkr.calls import Answer, Request, purpose
from glassdesk.adapters.ibkr.gate import READ_ATTEMPTS
from glassdesk.adapters.ibkr.gate_server import PURPOSE_HEADER, REFUSED, STATE_HEADER, UNAVAILABLE, WAIT
from glassdesk.kernel.clock import Clock, parse_instant
from glassdesk.kernel.errors import ReadFailed, Unavailable

if TYPE_CHECKING:
    import httpx2

_PATIENCE = timedelta(minutes=2)
"""A read that has waited so long and has no turn yet gives up: much else is read, and its bar grows old."""
# The gate itself gives a read up to three attempts of ten seconds.
_TIMEOUT_SECONDS = 45.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where the gate is and what opens it."""

    address: str
    secret: str


LookUp = Callable[[], Endpoint]
"""Finds the gate now: it moves when another dealer takes over. Raises `Unavailable`."""


def endpoint_of(file: Path) -> Endpoint:
    """The gate announced in `file`. Raises `Unavailable` when no dealer runs on this home."""
    try:
        content = json.loads(file.read_text())
        return Endpoint(address=content["address"], secret=content["secret"])
    except (OSError, ValueError, KeyError) as failure:
        raise Unavailable(
            "no dealer has opened its gate on this home",
            where=str(file),
            remedy="start `glassdesk up` or `glassdesk dealer`",
        ) from failure


class GateClient:
    """Implements `gate.Reads` over the gate of another process; retries and pacing happen there."""

    def __init__(self, look_up: LookUp, clock: Clock) -> None:
        # Imported here: 100 ms that a command without a broker should not pay.
        import httpx2

        self._errors = (httpx2.HTTPError, httpx2.StreamError)
        self._silence = httpx2.TimeoutException
        self._look_up = look_up
        self._clock = clock
        self._endpoint: Endpoint | None = None
        self._lock = threading.Lock()
        self._http = httpx2.Client(timeout=_TIMEOUT_SECONDS, trust_env=False)

    def read(self, request: Request, *, attempts: int = READ_ATTEMPTS) -> Answer:
        """The broker's answer through the gate. Raises `ReadFailed` or `Unavailable`."""
        answer, asked_at = self._sent(request), self._clock.now()
        while (state := answer.headers.get(STATE_HEADER, "")) == WAIT:
            if self._clock.now() - asked_at > _PATIENCE:
                raise ReadFailed("the gate never had a turn for this read", where=request.path)
            self._wait(answer)
            answer = self._sent(request)
        if state in (UNAVAILABLE, REFUSED):
            raise Unavailable(f"the gate refused: {answer.text[:200]}", where=request.path)
        return Answer(status=answer.status_code, body=answer.content)

    def close(self) -> None:
        """Close the connections to the gate."""
        self._http.close()

    def _sent(self, request: Request) -> httpx2.Response:
        """One answer; the gate is looked up once more where it is gone, silent or has another secret."""
        asked, silent = self._known(), False
        try:
            answer = self._tried(request, asked)
            if answer.status_code != 401 or STATE_HEADER not in answer.headers:
                return answer
        except self._errors as failure:
            silent = isinstance(failure, self._silence)
        self._forget()
        found = self._known()
        if silent and found == asked:
            # A dealer that was stopped takes every read and answers none: once is long enough.
            raise Unavailable("the dealer's gate does not answer in time", where=request.path)
        try:
            return self._tried(request, found)
        except self._errors as failure:
            raise Unavailable(
                f"the dealer's gate does not answer: {failure}", where=request.path
            ) from failure

    def _tried(self, request: Request, endpoint: Endpoint) -> httpx2.Response:
        return self._http.request(
            request.method,
            endpoint.address + request.path,
            params=dict(request.params) or None,
            content=request.content or None,
            headers={"Authorization": f"Bearer {endpoint.secret}", PURPOSE_HEADER: purpose.get()},
        )

    def _wait(self, answer: httpx2.Response) -> None:
        told = answer.json()
        # A clock ahead of the gate's would be there at once, and again and again.
        at = max(parse_instant(told["wait_until"]), self._clock.now() + timedelta(seconds=told["seconds"]))
        self._clock.wait_until(at)
        if self._clock.now() < at:
            raise Unavailable("the clock was stopped while a read waited its turn")

    def _known(self) -> Endpoint:
        with self._lock:
            if self._endpoint is None:
                self._endpoint = self._look_up()
            return self._endpoint

    def _forget(self) -> None:
        with self._lock:
            self._endpoint = None


def connect_through(look_up: LookUp, clock: Clock, account: str | None) -> tuple[BrokerReads, GateClient]:
    """The reading ports of a process that is not the dealer, and the client to close at its end."""
    client = GateClient(look_up, clock)
    return reading_ports(client, clock, account), client
