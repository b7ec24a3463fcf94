"""Where the person's browser is on another machine than the gateway: the line that brings them together."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

USUAL_SSH_PORT = "22"


def port_forward(url: str, environment: Mapping[str, str], *, user: str, host: str, screen: bool) -> str:
    """`ssh -L 5000:localhost:5000 user@host`, to be typed where the browser is; empty where a browser can run
    here.

    `SSH_CONNECTION` names the address and port by which this machine was reached; `screen` says that this
    system shows windows without `DISPLAY` or `WAYLAND_DISPLAY`.
    """
    parts = urlsplit(url)
    if parts.port is None or not _elsewhere(environment, screen=screen):
        return ""
    reached = environment.get("SSH_CONNECTION", "").split()
    address, port = (reached[2], reached[3]) if len(reached) == 4 else (host, USUAL_SSH_PORT)
    other = "" if port == USUAL_SSH_PORT else f" -p {port}"
    return f"ssh{other} -L {parts.port}:{parts.hostname}:{parts.port} {user}@{address}"


def _elsewhere(environment: Mapping[str, str], *, screen: bool) -> bool:
    if environment.get("SSH_CONNECTION"):
        return True
    return not screen and not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))
