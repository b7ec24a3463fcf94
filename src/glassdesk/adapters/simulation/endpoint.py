"""Where a simulator listens and which certificate it shows."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from glassdesk.kernel.errors import Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One running simulator: address of API and control plane, its certificate, its process."""

    url: str
    cert: str
    pid: int
    control: str
    """Address of the control plane; on loopback only, without TLS."""

    @property
    def trust(self) -> ssl.SSLContext:
        """A context that trusts this simulator's certificate and nothing else."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cafile=self.cert)
        return context

    def socket_url(self, path: str) -> str:
        """The websocket address of `path` of the control plane."""
        return f"ws://{urlsplit(self.control).netloc}{path}"


def read_endpoint(file: Path) -> Endpoint:
    """The endpoint a simulator announced in `file`. Raises `Unavailable`."""
    try:
        content = json.loads(file.read_text())
        return Endpoint(
            url=content["url"],
            cert=content["cert"],
            pid=int(content["pid"]),
            control=content["control"],
        )
    except (OSError, ValueError, KeyError) as failure:
        raise Unavailable(
            f"no simulator is announced here: {failure}",
            where=str(file),
            remedy="start it with `glassdesk up`, or `ibkr-simulator serve --home …`",
        ) from failure
