"""`ibind`, a client of the Web API that is not ours: unchanged, over TLS."""

import importlib
import queue
from pathlib import Path
from typing import Any

import pytest

from glassdesk.adapters.simulation import Endpoint

ACCOUNT = "DU1234567"


def ibind(logs: Path) -> Any:
    """The library. Imported late: it reads its settings from the environment, once."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("IBIND_LOG_TO_FILE", "false")
        environment.setenv("IBIND_LOGS_DIR", str(logs))
        # It looks for a wish to stop once in an interval.
        environment.setenv("IBIND_WS_PING_INTERVAL", "1")
        return importlib.import_module("ibind")


def client_of(library: Any, endpoint: Endpoint) -> Any:
    """Its REST client, primed."""
    made = library.IbkrClient(
        account_id=ACCOUNT,
        url=f"{endpoint.url}/v1/api/",
        cacert=str(endpoint.cert),
        auto_register_shutdown=False,
        max_retries=0,
    )
    made.receive_brokerage_accounts()
    return made


class Heard:
    """What came over its websocket."""

    def __init__(self) -> None:
        self._events: queue.Queue[Any] = queue.Queue()

    def emit(self, event: Any) -> None:
        self._events.put(event)

    def first(self, kind: type, timeout: float = 10.0) -> Any:
        """The first event of a kind that was not read yet."""
        while True:
            event = self._events.get(timeout=timeout)
            if isinstance(event, kind):
                return event


def socket_of(library: Any, client: Any, endpoint: Endpoint, heard: Heard) -> Any:
    """Its websocket client; what it hears goes to `heard`."""
    return library.IbkrWsClient(
        account_id=ACCOUNT,
        url=endpoint.url.replace("https", "wss") + "/v1/api/ws",
        ibkr_client=client,
        cacert=str(endpoint.cert),
        sink=heard,
    )
