"""One HTTP exchange with the broker, as it is asked, answered and recorded."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

purpose: ContextVar[str] = ContextVar("purpose", default="")
"""What the calling thread reads for, e.g. `run:<id>:bars`; every recorded call carries it."""


@contextmanager
def serving(text: str) -> Iterator[None]:
    """Calls made inside the block carry `text` as their purpose."""
    token = purpose.set(text)
    try:
        yield
    finally:
        purpose.reset(token)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked: a path below `/v1/api`, query parameters, a JSON body or none."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] | None = None

    @property
    def content(self) -> bytes:
        """The body as it goes over the wire; empty without one."""
        return b"" if self.body is None else json.dumps(self.body, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, whatever its status."""

    status: int
    body: bytes

    @property
    def settled(self) -> bool:
        """False where asking again may help.

        5xx, and a 200 that is no whole JSON value (HTML, a cut body) [F-25, F-26].

        A 500 that says there is no data says so for good.
        """
        if self.status >= 500:
            return _NOTHING_THERE.search(self.body) is not None
        whole = (self.body.strip()[:1] + self.body.strip()[-1:]) in (b"{}", b"[]")
        return self.status != 200 or whole

    @property
    def text(self) -> str:
        """The body for people and logs: bad bytes replaced, at most 500 characters."""
        return self.body[:500].decode(errors="replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One recorded exchange, redacted. `started_at` is market time, `seconds` machine time.

    `status` is `None` where no answer came; `failure` then says why.
    """

    method: str
    path: str
    params: Mapping[str, str]
    request: bytes
    status: int | None
    response: bytes
    started_at: datetime
    seconds: float
    purpose: str
    write: bool
    failure: str = ""


CallRecorder = Callable[[Call], None]
"""Files a call; given by composition. Called after each exchange, from the thread that made it."""

_NOTHING_THERE = re.compile(rb'no data|chart data unavailable|"error"\s*:\s*"unknown"', re.IGNORECASE)
_KEPT_OUT = (
    "session|sessionId|sessionid|hardware_info|MAC|CREDENTIAL|USER_NAME|PAPER_USER_NAME|IP|userId|USER_ID"
    "|access_token|oauth_token|password"
)
_SECRET = re.compile(rf'("(?:{_KEPT_OUT})"\s*:\s*)("(?:[^"\\]|\\.)*"|-?\d+)'.encode())
_WORD = re.compile(r"[a-z][a-z-]*2?")


def endpoint_of(path: str) -> str:
    """The path with a mark for every id in it: `/iserver/account/{id}/orders`."""
    return "/".join(part if not part or _WORD.fullmatch(part) else "{id}" for part in path.split("/"))


def redacted(body: bytes) -> bytes:
    """`body` without session values, machine marks and names of people."""
    return _SECRET.sub(rb'\1"[redacted]"', body)
