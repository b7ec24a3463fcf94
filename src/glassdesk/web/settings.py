"""What the web door is told when it opens."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from glassdesk.kernel.errors import InvalidInput


class SimulationControl(Protocol):
    """The simulated clock's handle, given where the broker is the simulator."""

    def now(self) -> datetime:
        """The simulated instant, aware UTC."""
        ...

    def pause(self) -> None:
        """Stop simulated time."""
        ...

    def resume(self) -> None:
        """Let simulated time go on."""
        ...

    def poke(self) -> None:
        """Wake the dealer: a person asked for something."""
        ...

    def set_speed(self, n: int) -> None:
        """At most `n` simulated seconds for each second of the machine; 0 = as fast as the desk can work."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """`secret` signs cookies and CSRF tokens and lives in `<home>/web.secret` (mode 0600)."""

    secret: str
    host: str = "127.0.0.1"
    port: int = 8420
    zone: str = "America/New_York"
    """IANA zone in which instants are shown: that of the exchange (`T-18`: US listings only)."""
    session_hours: int = 12
    """Machine time after which a person signs in again."""
    simulation: SimulationControl | None = None
    metrics: Callable[[], bytes] | None = None
    """The figures as Prometheus reads them."""
    traces: bool = False
    """Whether spans are sent somewhere: a run then names its trace."""
    metrics_token: str = ""
    """What a scraper sends; without one only who is signed in sees figures."""

    def __post_init__(self) -> None:
        if len(self.secret) < 32:
            raise InvalidInput(
                "the secret is shorter than 32 characters",
                where="web.secret",
                remedy="delete the file; the next start makes a new one",
            )
        check_bind(self.host)


def check_bind(host: str) -> None:
    """Raise `InvalidInput` unless `host` is this machine only (`design.md` §9)."""
    if host == "localhost" or _is_loopback(host):
        return
    raise InvalidInput(
        f"refuses to listen on {host}: another address than this machine's own needs TLS or a proxy setting, "
        "a password and TOTP, and TOTP is not built yet",
        where="web host",
        remedy="use 127.0.0.1, and an SSH tunnel or a VPN to reach it from elsewhere",
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
