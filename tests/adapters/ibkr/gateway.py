"""A gateway of a few lines, in memory: answers by method and path, and a list of what was asked."""

import json
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2

from glassdesk.adapters.clocks import ManualClock
from glassdesk.adapters.ibkr import Broker, Call, connect
from glassdesk.workflow.orders.switches import SwitchBoard, Switches

ACCOUNT = "DU1234567"
START = datetime(2012, 10, 1, 14, 0, tzinfo=UTC)
Reply = httpx2.Response | Exception | Callable[[httpx2.Request], httpx2.Response]


def answer(body: Any, status: int = 200) -> httpx2.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx2.Response(status, content=content)


class Gateway:
    """Replies queued for a path are given once each; the last one stays."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.headers: list[httpx2.Headers] = []
        self._replies: dict[tuple[str, str], deque[Reply]] = defaultdict(deque)
        self._lock = threading.Lock()
        self.on(
            "GET", "/iserver/accounts", {"accounts": [ACCOUNT], "selectedAccount": ACCOUNT, "isPaper": True}
        )
        self.on("GET", "/portfolio/accounts", [{"id": ACCOUNT, "accountId": ACCOUNT, "currency": "USD"}])

    def on(self, method: str, path: str, *replies: Any, status: int = 200) -> None:
        """Queue replies: exceptions are raised, functions called, everything else sent as JSON."""
        queue = self._replies[method, path]
        queue.clear()
        queue.extend(
            one if isinstance(one, Exception) or callable(one) else answer(one, status) for one in replies
        )

    def then(self, method: str, path: str, reply: Any, status: int) -> None:
        """Queue one more reply with a status of its own."""
        self._replies[method, path].append(answer(reply, status))

    def paths(self, method: str = "") -> list[str]:
        """Paths asked for, in order."""
        return [path for verb, path, _ in self.asked if not method or verb == method]

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path.removeprefix("/v1/api")
        with self._lock:
            self.asked.append((request.method, path, json.loads(request.content or b"null")))
            self.headers.append(request.headers)
            queue = self._replies.get((request.method, path))
            if not queue:
                return answer({"error": f"nothing here: {request.method} {path}"}, 404)
            reply = queue.popleft() if len(queue) > 1 else queue[0]
        if isinstance(reply, Exception):
            raise reply
        return (
            httpx2.Response(reply.status_code, content=reply.content)
            if isinstance(reply, httpx2.Response)
            else reply(request)
        )


class Desk:
    """A broker over such a gateway, a clock moved by waiting, and the recorded calls."""

    def __init__(self, broker: Broker, gateway: Gateway, clock: ManualClock, calls: list[Call]) -> None:
        self.broker = broker
        self.gateway = gateway
        self.clock = clock
        self.calls = calls


class QuietStopwatch:
    """Machine time that does not pass: back-offs cost nothing."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def seconds(self) -> float:
        return 0.0

    def pause(self, seconds: float) -> None:
        self.slept.append(seconds)


@contextmanager
def desk(
    certificate: Path, *, auto: bool = True, at: datetime = START, child_coid: bool = False, **options: Any
) -> Iterator[Desk]:
    gateway, calls = Gateway(), list[Call]()
    clock = ManualClock(at, auto=auto)
    broker = connect(
        "https://localhost:5000",
        str(certificate),
        clock,
        QuietStopwatch(),
        calls.append,
        ACCOUNT,
        board=SwitchBoard(Switches(child_coid="kept" if child_coid else "dropped")),
        transport=httpx2.MockTransport(gateway),
        **options,
    )
    try:
        yield Desk(broker, gateway, clock, calls)
    finally:
        broker.close()
