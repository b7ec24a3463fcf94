"""The gate for other processes: reading paths of the Web API on loopback, behind a secret (`design.md` §4).

A request whose turn has not come is answered with the instant to wait for, never held: the caller's thread
counts as working in simulated time, and time would stand while this side waited. How long that is stands
beside it, for a caller whose clock is ahead of this one.
"""

from __future__ import annotations

import hmac
import json
import os
import re
import secrets
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from glassdesk.adapters.ibkr.calls import Answer, Request
from glassdesk.adapters.ibkr.gate import Gate, TooSoon
from glassdesk.kernel.clock import format_instant
from glassdesk.kernel.errors import Unavailable

STATE_HEADER = "X-Glassdesk-Gate"
PURPOSE_HEADER = "X-Glassdesk-Purpose"
WAIT, REFUSED, UNAVAILABLE = "wait", "refused", "unavailable"
_LARGEST_BODY = 64 * 1024

_READ_PATHS = {
    "GET": re.compile(
        r"/iserver/(accounts|secdef/(search|info|strikes)|contract/\d+/info(-and-rules)?"
        r"|marketdata/(history|snapshot)|account/(orders|trades|order/status/\w+|pnl/partitioned)"
        r"|account/\w+/summary)"
        r"|/trsrv/(stocks|secdef|futures|all-conids|secdef/schedule)|/contract/trading-schedule"
        r"|/portfolio/(accounts|subaccounts|\w+/(summary|ledger|meta|positions/\d+|position/\d+))"
        r"|/portfolio2/\w+/positions"
    ),
    "POST": re.compile(
        r"/iserver/(auth/status|contract/rules|marketdata/unsubscribe|account/\w+/orders/whatif)"
    ),
}


def is_read(method: str, path: str) -> bool:
    """True for what may be asked through the gate from outside; a what-if counts as a read."""
    pattern = _READ_PATHS.get(method)
    return pattern is not None and pattern.fullmatch(path) is not None


class GateServer:
    """Serves a gate until `stop`. The secret is new with every start unless a setting gives one."""

    def __init__(
        self, gate: Gate, *, secret: str | None = None, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.secret = secret or secrets.token_urlsafe(32)
        self._http = _Server((host, port), gate, self.secret)
        self.address = f"http://{host}:{self._http.server_port}"
        # The interval is how long a stop may take.
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(0.1,), name="gate-server", daemon=True
        )

    def start(self) -> None:
        """Serve in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and close the port; waits for the serving thread."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def announce(self, file: Path) -> None:
        """Write address and secret where other processes of this home look, readable by the owner alone."""
        content = json.dumps({"address": self.address, "secret": self.secret}).encode()
        draft = file.with_name(f"{file.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(content)
        draft.replace(file)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Standing connections of workers must not hold up a stop.
    block_on_close = False

    def __init__(self, address: tuple[str, int], gate: Gate, secret: str) -> None:
        self.gate = gate
        self.secret = secret
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave in two writes; without this the second waits for the first's acknowledgement.
    disable_nagle_algorithm = True
    # A silent connection is closed after this many seconds.
    timeout = 60
    server: _Server

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 <= length <= _LARGEST_BODY:
            self.close_connection = True
            self._reply(413, {"error": "the body is too large"}, REFUSED)
            return
        body = self.rfile.read(length)
        if not self._is_known():
            self._reply(401, {"error": "the gate's secret is missing or wrong"}, REFUSED)
            return
        url = urlsplit(self.path)
        if not is_read(self.command, url.path):
            self._reply(
                403, {"error": f"{self.command} {url.path} is no read: only the dealer sends it"}, REFUSED
            )
            return
        self._pass_on(url.path, dict(parse_qsl(url.query)), body)

    def _is_known(self) -> bool:
        given = self.headers.get("Authorization") or ""
        return hmac.compare_digest(given.encode(), f"Bearer {self.server.secret}".encode())

    def _pass_on(self, path: str, params: Mapping[str, str], body: bytes) -> None:
        try:
            stated = json.loads(body) if body else None
            request = Request(method=self.command, path=path, params=params, body=stated)
            with self.server.gate.purpose(self.headers.get(PURPOSE_HEADER) or "another process"):
                answer = self.server.gate.read(request, patient=False)
        except ValueError as failure:
            self._reply(400, {"error": f"the body is no JSON: {failure}"}, REFUSED)
        except TooSoon as soon:
            self._reply(425, {"wait_until": format_instant(soon.at), "seconds": soon.seconds}, WAIT)
        except Unavailable as failure:
            self._reply(503, {"error": failure.problem, "where": failure.where}, UNAVAILABLE)
        else:
            self._send(answer, "")

    def _reply(self, status: int, content: Mapping[str, object], state: str) -> None:
        self._send(Answer(status=status, body=json.dumps(content).encode()), state)

    def _send(self, answer: Answer, state: str) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer.body)))
        if state:
            self.send_header(STATE_HEADER, state)
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it so)
        """The gate records calls; a second log on standard error would only repeat them."""
