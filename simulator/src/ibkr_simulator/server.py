"""The running server: a TLS socket, the endpoint file, one line on standard output."""

import asyncio
import json
import os
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ibkr_simulator import certificate
from ibkr_simulator.app import App
from ibkr_simulator.checking import Watch
from ibkr_simulator.control.clock import Clock
from ibkr_simulator.control.routes import Control
from ibkr_simulator.instants import Instant, iso
from ibkr_simulator.scenarios.files import begin_once
from ibkr_simulator.switches import Switches
from ibkr_simulator.world import World, open_world


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What `serve` was asked for."""

    home: Path
    port: int
    host: str = "127.0.0.1"
    tape: str = "history"
    seed: int = 7
    start: Instant | None = None
    speed: float | None = None
    trust_network: bool = False
    check_answers: bool = False
    report: Path | None = None
    switches: dict[str, str] = field(default_factory=dict)
    scenario: Path | None = None


class CuttableProtocol(HttpToolsProtocol):
    """Lets the application reach the connection, to cut it [F-22]."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its base
        """Put the transport into the state that every request of the connection carries."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Server(uvicorn.Server):
    """Writes the endpoint file once it accepts connections."""

    def __init__(
        self,
        config: uvicorn.Config,
        options: Options,
        endpoint: dict[str, Any],
        greeting: str,
        control: tuple[uvicorn.Config, socket.socket],
    ) -> None:
        super().__init__(config)
        self._control = control
        self._options = options
        self._endpoint = endpoint
        self._greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say where."""
        await super().startup(sockets)
        if self.started:
            await self._open_control()
            _write_atomically(self._options.home / "endpoint.json", self._endpoint)
            sys.stdout.write(self._greeting + "\n")
            sys.stdout.flush()

    def present(self, certificate: Path, key: Path) -> None:
        """Show another certificate from now on, and end the connections made under the old one [F-17]."""
        if self.config.ssl is not None:
            self.config.ssl.load_cert_chain(certificate, key)
        for connection in list(self.server_state.connections):
            transport = getattr(connection, "transport", None)
            if transport is not None and transport.get_extra_info("ssl_object") is not None:
                connection.shutdown()

    async def _open_control(self) -> None:
        config, listener = self._control
        config.load()
        loop = asyncio.get_running_loop()
        protocol: Any = config.http_protocol_class
        opened = await loop.create_server(
            lambda: protocol(
                config=config, server_state=self.server_state, app_state=self.lifespan.state, _loop=loop
            ),
            sock=listener,
        )
        self.servers.append(opened)


def serve(options: Options) -> None:
    """Run until a signal ends it. Raises TapeMissing, OtherWorld, BadSwitch, OSError."""
    world = open_world(
        home=options.home,
        tape_name=options.tape,
        seed=options.seed,
        start=options.start,
        switches=Switches(options.switches),
    )
    serve_world(world, Clock(world, speed=options.speed), options)


def serve_world(world: World, clock: Clock, options: Options) -> None:
    """Serve a world that exists already, as `serve` does. Raises OSError."""
    cert, key = certificate.ensure(
        options.home, () if options.host == "127.0.0.1" else (socket.gethostname(),)
    )
    listener = _listen(options.host, options.port)
    port = listener.getsockname()[1]
    url = f"https://localhost:{port}"
    control = _listen("127.0.0.1", 0)
    endpoint = {
        "port": port,
        "pid": os.getpid(),
        "cert": str(cert.resolve()),
        "url": url,
        "control": f"http://127.0.0.1:{control.getsockname()[1]}",
    }
    plane = Control(world, clock, options.tape)
    if options.check_answers:
        watch = Watch(report=options.report)
        world.observers.append(watch)
        plane.violations = watch.violations
    app = App(world, clock, plane, trust_network=options.trust_network)
    greeting = f"simulated gateway at {url} tape={options.tape} seed={options.seed} now={iso(world.now)}"
    plain = (_config(app), control)
    server = Server(_config(app, cert, key), options, endpoint, greeting, plain)
    world.certificate_watchers.append(lambda: server.present(*certificate.another(options.home)))
    if options.scenario is not None:
        begin_once(world, options.scenario.read_text(encoding="utf-8"), str(options.scenario))
    server.run(sockets=[listener])


def _config(app: App, cert: Path | None = None, key: Path | None = None) -> uvicorn.Config:
    """The gateway with its certificate; the control plane, on loopback only, without one: a participant of
    the clock reads and writes its connection from two threads, which TLS does not forgive."""
    return uvicorn.Config(
        app,
        http=CuttableProtocol,
        ws="websockets-sansio",
        ssl_certfile=cert,
        ssl_keyfile=key,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=3600,
        timeout_graceful_shutdown=1,
    )


def _listen(host: str, port: int) -> socket.socket:
    # Named TCP, or asyncio leaves Nagle on and every answer waits 40 ms for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.setblocking(False)
    return listener


def _write_atomically(path: Path, body: dict[str, Any]) -> None:
    fresh = path.with_suffix(".tmp")
    fresh.write_text(json.dumps(body), encoding="utf-8")
    os.replace(fresh, path)
