"""One websocket to the gateway, used by one thread alone.

A TLS connection that one thread reads and another writes may hang (Python before 3.13), so the library's own
client with its reading thread is not used: its protocol runs here over a socket of ours. That also lets text
through that is no UTF-8, which the gateway sends [F-82].
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping

_OPEN_SECONDS = 10.0
_SEND_SECONDS = 10.0
_LARGEST_FRAME = 16 * 1024 * 1024
_CHUNK = 65_536


class LineDown(Exception):
    """The websocket could not be opened, was closed, or broke."""


class Line:
    """An open websocket. Raises `LineDown` once it is no more."""

    def __init__(
        self, url: str, trust: ssl.SSLContext, *, tls_name: str | None, headers: Mapping[str, str]
    ) -> None:
        """Connect and shake hands within ten seconds each; certificates as `trust` says."""
        # Imported here: a desk in simulated time should not pay for it.
        from websockets.client import ClientProtocol
        from websockets.exceptions import WebSocketException
        from websockets.frames import Frame, Opcode
        from websockets.protocol import CLOSED
        from websockets.uri import parse_uri

        self._frame, self._data = Frame, (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)
        self._closed, self._failures = CLOSED, (OSError, WebSocketException)
        self._begun = b""
        uri = parse_uri(url)
        self._protocol = ClientProtocol(uri, max_size=_LARGEST_FRAME)
        try:
            plain = socket.create_connection((uri.host, uri.port), timeout=_OPEN_SECONDS)
            self._socket = trust.wrap_socket(plain, server_hostname=tls_name or uri.host)
        except OSError as failure:
            raise LineDown(f"cannot connect: {failure}") from failure
        self._shake_hands(headers)

    def send(self, text: str) -> None:
        """Send one text frame."""
        self._protocol.send_text(text.encode())
        self._flush()

    def receive(self, seconds: float) -> list[str]:
        """Frames that have come, waiting at most so long for the first; bad bytes are replaced."""
        self._read(seconds)
        texts = []
        for event in self._protocol.events_received():
            if isinstance(event, self._frame) and event.opcode in self._data:
                self._begun += bytes(event.data)
                if event.fin:
                    texts.append(self._begun.decode(errors="replace"))
                    self._begun = b""
        if not texts and self._protocol.state is self._closed:
            raise LineDown(f"closed by the gateway: {self._protocol.close_code or 'without a word'}")
        return texts

    def close(self) -> None:
        """Close; nothing is waited for."""
        self._socket.close()

    def _shake_hands(self, headers: Mapping[str, str]) -> None:
        request = self._protocol.connect()
        for name, value in headers.items():
            request.headers[name] = value
        self._protocol.send_request(request)
        try:
            self._flush()
            while self._protocol.state.name == "CONNECTING":
                self._read(_OPEN_SECONDS, patient=False)
                refused = self._protocol.handshake_exc
                if refused is not None:
                    raise LineDown(f"refused: {refused}")
        except BaseException:
            self.close()
            raise

    def _read(self, seconds: float, *, patient: bool = True) -> None:
        try:
            self._socket.settimeout(seconds)
            chunk = self._socket.recv(_CHUNK)
        except TimeoutError as failure:
            if patient:
                return
            raise LineDown("no answer to the handshake") from failure
        except self._failures as failure:
            raise LineDown(f"broken: {failure}") from failure
        if chunk:
            self._protocol.receive_data(chunk)
        else:
            self._protocol.receive_eof()
        self._flush()

    def _flush(self) -> None:
        try:
            self._socket.settimeout(_SEND_SECONDS)
            for chunk in self._protocol.data_to_send():
                if chunk:
                    self._socket.sendall(chunk)
        except self._failures as failure:
            raise LineDown(f"broken: {failure}") from failure
