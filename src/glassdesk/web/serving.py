"""The web door as a server in a thread of its own."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from glassdesk.composition.figures import figures_of, token_of
from glassdesk.composition.ground import Ground
from glassdesk.composition.heartbeats import feeling
from glassdesk.composition.simulation import Simulation
from glassdesk.desk import Desk
from glassdesk.kernel.errors import Unavailable
from glassdesk.web.app import create_app
from glassdesk.web.settings import WebSettings

READY_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running web server and the link that signs the owner in once."""

    url: str
    link: str


@contextmanager
def serve_web(ground: Ground, desk: Desk, *, port: int | None = None) -> Iterator[Served]:
    """Serve pages and API until the block ends. Raises `Unavailable` when the port is taken."""
    # Imported here: only a process that serves pages needs the server.
    import uvicorn  # noqa: PLC0415 - see above

    settings = ground.settings
    web = WebSettings(
        secret=_secret(settings.home / "web.secret"),
        host=settings.web_host,
        port=settings.web_port if port is None else port,
        simulation=Simulation(ground.simulator) if ground.simulator else None,
        metrics=figures_of(desk),
        metrics_token=token_of(settings),
        traces=bool(settings.otlp_url),
    )
    app = create_app(desk, web)
    config = uvicorn.Config(
        app, host=web.host, port=web.port, log_config=None, log_level="warning", access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="web", daemon=True)
    thread.start()
    try:
        url = _wait_until_ready(server, thread, web.host)
        with desk.transactions.begin() as t:
            token = desk.access.new_link(t)
        with feeling(desk):
            yield Served(url=url, link=f"{url}/sign-in/link/{token}")
    finally:
        # streams first: the server waits for whoever still listens
        app.state.parts.live.close()
        server.should_exit = True
        thread.join(timeout=10)


def _wait_until_ready(server: object, thread: threading.Thread, host: str) -> str:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and thread.is_alive():
        if getattr(server, "started", False):
            sockets = server.servers[0].sockets  # type: ignore[attr-defined]
            return f"http://{host}:{sockets[0].getsockname()[1]}"
        thread.join(timeout=0.02)
    raise Unavailable("the web server did not start", where="web_port", remedy="is the port in use?")


def _secret(file: Path) -> str:
    if not file.exists():
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as stream:
            stream.write(secrets.token_urlsafe(48))
    return file.read_text().strip()
