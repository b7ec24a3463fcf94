"""The Client Portal Gateway of a home: what stands at its address, its certificate, its process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from glassdesk.adapters.gateway import Certificate, Supervisor, TlsGateway, fetch, keep, open_folder, read
from glassdesk.adapters.ibkr.pin import pinned
from glassdesk.adapters.memory.gateway import MemoryGateway
from glassdesk.composition.ground import Ground
from glassdesk.kernel.errors import Unavailable
from glassdesk.settings import Settings
from glassdesk.workflow.session.ports import Gateway
from glassdesk.workflow.session.service import Login, Session

__all__ = ["Certificate", "accept", "accepted", "gateway_of", "session_of", "shown", "supervised_gateway"]


def gateway_of(ground: Ground) -> Gateway:
    """What looks at the address of this home's gateway, or of its simulator."""
    settings = ground.settings
    if settings.broker_url.startswith("memory:"):
        return MemoryGateway()
    if not settings.broker_url.startswith("simulator:"):
        host, port = settings.gateway
        state = settings.home / "gateway" / "process.json" if settings.gateway_dir else None
        return _tls(host, port, settings.certificate, state)
    simulator = ground.simulator
    # A simulator that is not up has no address; port 1 of this machine refuses like it.
    parts = urlsplit(simulator.url if simulator is not None else "https://localhost:1")
    certificate = Path(simulator.cert) if simulator is not None else settings.home / "simulator/cert.pem"
    return _tls(parts.hostname or "localhost", parts.port or 1, certificate, None)


def session_of(ground: Ground, login_url: str) -> Session:
    """The brokerage session of this home."""
    return Session(ground.stores.session, _login(ground.settings, login_url), gateway_of(ground))


def _login(settings: Settings, url: str) -> Login:
    return Login(
        url=url,
        account=settings.account,
        kind=settings.account_kind,
        region=None if settings.simulated else settings.broker_region,
        simulated=settings.clock_url.startswith("sim:"),
        account_type=settings.account_type,
    )


def _tls(host: str, port: int, certificate: Path, state: Path | None) -> Gateway:
    return TlsGateway(host, port, certificate, lambda: pinned(str(certificate), may_come=True), state)


def shown(settings: Settings) -> Certificate:
    """The certificate that the gateway shows now. Raises `Unavailable`, `InvalidInput`."""
    host, port = settings.gateway
    try:
        return fetch(host, port)
    except (OSError, ValueError) as failure:
        raise Unavailable(
            f"no gateway shows a certificate at {host}:{port}: {failure}",
            where="gateway",
            remedy="start the gateway first",
        ) from failure


def accepted(settings: Settings) -> tuple[Certificate, ...]:
    """The certificates accepted so far. Raises `InvalidInput` for a file that holds none."""
    return read(settings.certificate)


def accept(settings: Settings, certificate: Certificate) -> Path:
    """Pin the gateway to this certificate from its next connection on; answers the file."""
    keep(certificate, settings.certificate)
    return settings.certificate


@contextmanager
def supervised_gateway(settings: Settings) -> Iterator[None]:
    """Start and watch the gateway of `gateway_dir` until the block ends; without that setting, nothing.

    Raises `InvalidInput` with what the folder lacks.
    """
    if settings.gateway_dir is None:
        yield
        return
    host, port = settings.gateway
    folder = open_folder(settings.gateway_dir.expanduser().resolve(), port=port)
    supervisor = Supervisor(folder, settings.home, host=host)
    supervisor.start()
    try:
        yield
    finally:
        supervisor.stop()
