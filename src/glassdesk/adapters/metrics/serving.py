"""Figures of a process without pages: `/metrics` and `/healthz` on this machine's own address."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client.exposition import CONTENT_TYPE_LATEST

from glassdesk.kernel.errors import Unavailable

LOOPBACK = "127.0.0.1"


class FiguresServer:
    """Serves until `stop`. Raises `Unavailable` where the port is taken."""

    def __init__(self, figures: Callable[[], bytes], *, port: int, token: str = "") -> None:
        try:
            self._http = _Server(port, figures, token)
        except OSError as taken:
            raise Unavailable(
                f"nothing can be served on port {port}: {taken.strerror}",
                where="GLASSDESK_METRICS_PORT",
                remedy="name a port that is free; each process of a machine needs its own",
            ) from taken
        self.address = f"http://{LOOPBACK}:{self._http.server_port}"
        # the interval is how long a stop may take
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(0.1,), name="figures", daemon=True
        )

    def start(self) -> None:
        """Serve in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and close the port."""
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, figures: Callable[[], bytes], token: str) -> None:
        self.figures = figures
        self.token = token
        super().__init__((LOOPBACK, port), _Handler)

    @property
    def hosts(self) -> tuple[str, str]:
        """Names under which it is served: a page of elsewhere cannot reach it under a name of its own."""
        return f"{LOOPBACK}:{self.server_port}", f"localhost:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    server: _Server

    def do_GET(self) -> None:
        if self.headers.get("Host", "") not in self.server.hosts:
            self._reply(403, b"not served under this host name\n")
        elif self.path == "/healthz":
            self._reply(200, b'{"status":"alive"}', "application/json")
        elif self.path != "/metrics":
            self._reply(404, b"only /metrics and /healthz are here\n")
        elif not self._is_known():
            self._reply(401, b"the token is missing or wrong\n")
        else:
            self._reply(200, self.server.figures(), CONTENT_TYPE_LATEST)

    def _is_known(self) -> bool:
        given, wanted = self.headers.get("Authorization") or "", self.server.token
        return not wanted or hmac.compare_digest(given.encode(), f"Bearer {wanted}".encode())

    def _reply(self, status: int, body: bytes, kind: str = "text/plain; charset=utf-8") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it so)
        """A scrape every few seconds is no news."""
