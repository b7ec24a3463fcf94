"""Looking at the gateway's address: what listens there, and whether it is the gateway we accepted."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from pathlib import Path

from glassdesk.adapters.gateway.certificate import SECONDS, Certificate, fetch, read
from glassdesk.adapters.gateway.process import read_state
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.session.model import GatewayCondition, GatewayLook, GatewayProcess
from glassdesk.workflow.session.ports import Gateway


class TlsGateway(Gateway):
    """Implements `session.ports.Gateway` over sockets."""

    def __init__(
        self, host: str, port: int, accepted: Path, trust: Callable[[], ssl.SSLContext], state: Path | None
    ) -> None:
        """`accepted` is the certificate file, `trust` the context that verifies as the dealer does, `state`
        where a supervised gateway's process is described."""
        self._host, self._port = host, port
        self._accepted = accepted
        self._trust = trust
        self._state = state
        self.supervised = state is not None
        self.address = f"{host}:{port}"

    def look(self) -> GatewayLook:
        try:
            shown = fetch(self._host, self._port)
        except (ConnectionRefusedError, socket.gaierror):
            return self._said(GatewayCondition.NOT_RUNNING)
        except (ssl.SSLError, ConnectionError) as failure:
            return self._said(GatewayCondition.NOT_A_GATEWAY, detail=_words(failure))
        except (OSError, ValueError) as failure:
            return self._said(GatewayCondition.SILENT, detail=_words(failure))
        return self._judged(shown)

    def _judged(self, shown: Certificate) -> GatewayLook:
        try:
            accepted = tuple(one.fingerprint for one in read(self._accepted))
            refusal = self._refusal()
        except InvalidInput as failure:
            return self._said(GatewayCondition.UNKNOWN_CERTIFICATE, found=shown, detail=str(failure))
        if not refusal:
            return self._said(GatewayCondition.TRUSTED, found=shown, accepted=accepted)
        if not accepted:
            return self._said(GatewayCondition.UNKNOWN_CERTIFICATE, found=shown)
        if shown.fingerprint in accepted:
            return self._said(
                GatewayCondition.REFUSED_CERTIFICATE, found=shown, accepted=accepted, detail=refusal
            )
        return self._said(GatewayCondition.CHANGED_CERTIFICATE, found=shown, accepted=accepted)

    def _refusal(self) -> str:
        """Why a verified handshake fails; empty where it succeeds."""
        try:
            with (
                socket.create_connection((self._host, self._port), timeout=SECONDS) as plain,
                self._trust().wrap_socket(plain, server_hostname=self._host),
            ):
                return ""
        except ssl.SSLCertVerificationError as failure:
            return failure.verify_message or _words(failure)
        except OSError as failure:
            return _words(failure)

    def _said(
        self,
        condition: GatewayCondition,
        *,
        found: Certificate | None = None,
        accepted: tuple[str, ...] = (),
        detail: str = "",
    ) -> GatewayLook:
        return GatewayLook(
            condition=condition,
            address=self.address,
            accepted=accepted,
            found=found.fingerprint if found else "",
            detail=detail,
            process=self.process(),
        )

    def process(self) -> GatewayProcess | None:
        return None if self._state is None else read_state(self._state)


def _words(failure: BaseException) -> str:
    return str(failure) or type(failure).__name__
