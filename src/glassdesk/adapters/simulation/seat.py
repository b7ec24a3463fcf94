"""One thread's place in the round that moves simulated time."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from glassdesk.adapters.simulation.endpoint import Endpoint
from glassdesk.kernel.clock import format_instant, parse_instant
from glassdesk.kernel.errors import Unavailable

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection


class Seat:
    """A connection to the clock. Used by its own thread; only `ping` and `close` come from others."""

    def __init__(self, endpoint: Endpoint, name: str, role: str, stopped: Callable[[], bool]) -> None:
        # Imported here: a desk without a simulator should not pay for it.
        from websockets.exceptions import WebSocketException
        from websockets.sync.client import connect

        self._connect = connect
        self._failures = (WebSocketException, OSError)
        self._endpoint = endpoint
        self._path = "/control/clock/join?" + urlencode({"name": name, "role": role})
        self._name = name
        self._stopped = stopped
        self._pings = 0
        self._connection: ClientConnection | None = None

    def join(self) -> datetime:
        """Enter the round as working; the present instant. Raises `Unavailable`."""
        try:
            return self._open()
        except self._failures as failure:
            raise self._lost(failure) from failure

    def wait(self, instant: datetime | None, *, on_event: bool) -> datetime | None:
        """Wait in the round; the instant of waking, `None` when the clock was stopped.

        A lost connection is joined again once: meanwhile time may have moved without this thread. Raises
        `Unavailable`.
        """
        for last in (False, True):
            try:
                if self._connection is None:
                    now = self._open()
                    if instant is not None and now >= instant:
                        return now
                return self._waited(instant, on_event=on_event)
            except self._failures as failure:
                self.close()
                if self._stopped():
                    return None
                if last:
                    raise self._lost(failure) from failure
        return None

    def ping(self) -> None:
        """Show that the thread lives; a broken connection is its own thread's business."""
        connection = self._connection
        if connection is None:
            return
        self._pings += 1
        try:
            connection.send(json.dumps({"ping": self._pings}))
        except self._failures:
            return

    def close(self) -> None:
        """Leave the round."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _open(self) -> datetime:
        # The library wants its connection entered; closing it is all that leaving would do.
        connection = ExitStack().enter_context(
            self._connect(
                self._endpoint.socket_url(self._path),
                open_timeout=10,
                close_timeout=1,
                # Our own pings count for the round, the protocol's do not.
                ping_interval=None,
                # Pongs pile up unread while the thread works; a full queue would stop the connection.
                max_queue=None,
                compression=None,
                proxy=None,
            )
        )
        self._connection = connection
        return parse_instant(json.loads(connection.recv())["now"])

    def _waited(self, instant: datetime | None, *, on_event: bool) -> datetime:
        connection = self._connection
        if connection is None:
            raise ConnectionError("closed from another thread")
        until = None if instant is None else format_instant(instant)
        connection.send(json.dumps({"wait_until": until, "on_event": on_event}))
        while True:
            message = json.loads(connection.recv())
            if "now" in message:
                return parse_instant(message["now"])

    def _lost(self, failure: BaseException) -> Unavailable:
        return Unavailable(
            f"the simulated clock is gone: {failure}",
            where=f"clock of {self._name}",
            remedy="see whether the simulator still runs; `glassdesk up` starts or re-attaches it",
        )
