"""The wire to the gateway: one request, one answer; it retries nothing and says whether a byte left."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from glassdesk.adapters.ibkr.calls import Answer, Request
from glassdesk.adapters.ibkr.pin import pinned as pinned
from glassdesk.kernel.clock import Stopwatch

if TYPE_CHECKING:
    import httpx2

_TIMEOUT_SECONDS = 10.0
_WHOLE_ANSWER_SECONDS = 20.0
_HALF_A_SECOND = timedelta(milliseconds=500)
_LARGEST_ANSWER = 16 * 1024 * 1024


class NeverLeft(Exception):
    """No byte of the request left this machine."""


class Lost(Exception):
    """The request may have arrived; no usable answer came back [F-22]."""


class Wire:
    """Requests to one base URL. Reads share kept connections.

    A write opens its own (`reliability.md` §2.5).
    """

    def __init__(
        self,
        base_url: str,
        trust: ssl.SSLContext,
        stopwatch: Stopwatch,
        *,
        tls_name: str | None = None,
        headers: dict[str, str] | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        # Imported here: 100 ms that a command without a broker should not pay.
        import httpx2

        self._never_left = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
        self._failures = (httpx2.HTTPError, httpx2.StreamError)
        self._stopwatch = stopwatch
        self._extensions = {"sni_hostname": tls_name} if tls_name else {}

        def client(kept: int) -> httpx2.Client:
            return httpx2.Client(
                base_url=base_url,
                verify=trust,
                timeout=_TIMEOUT_SECONDS,
                limits=httpx2.Limits(max_connections=32, max_keepalive_connections=kept),
                headers={"User-Agent": "glassdesk/0.1", "Accept": "*/*", **(headers or {})},
                follow_redirects=False,
                # Proxies and netrc of the environment have no business between us and the gateway.
                trust_env=False,
                transport=transport,
            )

        self._skew: timedelta | None = None
        self._kept = client(8)
        self._fresh = client(0)

    def send(self, request: Request, *, fresh: bool) -> Answer:
        """Exactly one attempt. Raises `NeverLeft` or `Lost`."""
        client = self._fresh if fresh else self._kept
        content = request.content
        built = client.build_request(
            request.method,
            request.path,
            params=dict(request.params) or None,
            content=content or None,
            headers=_body_headers(request.method, content),
            extensions=self._extensions,
        )
        try:
            answer = client.send(built, stream=True)
        except self._never_left as failure:
            raise NeverLeft(_words(failure)) from failure
        except self._failures as failure:
            raise Lost(_words(failure)) from failure
        return self._whole(answer)

    def _whole(self, answer: httpx2.Response) -> Answer:
        """The complete body.

        A server that drips bytes does not hold us longer than `_WHOLE_ANSWER_SECONDS`.
        """
        started = self._stopwatch.seconds()
        chunks, size = [], 0
        try:
            for chunk in answer.iter_bytes():
                chunks.append(chunk)
                size += len(chunk)
                if size > _LARGEST_ANSWER or self._stopwatch.seconds() - started > _WHOLE_ANSWER_SECONDS:
                    raise Lost(f"answer given up after {size} bytes")
        except self._failures as failure:
            raise Lost(_words(failure)) from failure
        finally:
            answer.close()
        self._note_clock(answer.headers.get("date"))
        return Answer(status=answer.status_code, body=b"".join(chunks))

    def skew(self) -> timedelta | None:
        """How far the clock of the last answer's `Date` is ahead of this machine's; `None` before one."""
        return self._skew

    def _note_clock(self, stated: str | None) -> None:
        """The header has whole seconds: on average its clock is half a second further."""
        try:
            dated = parsedate_to_datetime(stated) if stated else None
        except ValueError:
            return
        if dated is not None and dated.tzinfo is not None:
            self._skew = dated + _HALF_A_SECOND - datetime.now(UTC)

    def close(self) -> None:
        """Close all connections."""
        self._kept.close()
        self._fresh.close()


def _body_headers(method: str, content: bytes) -> dict[str, str]:
    if content:
        return {"Content-Type": "application/json"}
    # An empty POST without a length is answered 411 [F-16].
    return {"Content-Length": "0"} if method in ("POST", "PUT") else {}


def _words(failure: Exception) -> str:
    return f"{type(failure).__name__}: {failure}".rstrip(": ")
