"""Two ways to speak to a simulator: over TLS to a real process, and straight into its handlers."""

import asyncio
import http.client
import json
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from ibkr_simulator.control.clock import Clock
from ibkr_simulator.control.routes import Control
from ibkr_simulator.messages import Request
from ibkr_simulator.web_api.pipeline import serve_api, serve_page
from ibkr_simulator.world import World

AAPL, IBM = 265598, 8314
ACCOUNT = "/iserver/account/DU1234567"


class Client:
    """What tests say to a simulator, whichever way it goes."""

    def api(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """A Web API request: status and decoded body."""
        raise NotImplementedError

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """A control request that must succeed."""
        raise NotImplementedError

    def get(self, path: str) -> Any:
        """A Web API read that must succeed."""
        status, body = self.api("GET", path)
        assert status == 200, (status, body)
        return body

    def post(self, path: str, body: Any) -> Any:
        """A Web API write that must answer 200."""
        status, answer = self.api("POST", path, body)
        assert status == 200, (status, answer)
        return answer

    def advance(self, until: str) -> None:
        """Let time pass."""
        self.control("POST", "/clock", {"advance_to": until})

    def ready(self, **switches: str) -> None:
        """Signed in and primed, without pacing."""
        self.control("POST", "/switches", {"pacing": "off", **switches})
        self.control("POST", "/person/sign-in", {"username": "paper", "password": "x"})
        for path in (
            "/iserver/accounts",
            "/iserver/account/orders",
            "/iserver/account/trades",
            "/portfolio/accounts",
        ):
            self.get(path)

    def orders(self) -> dict[str, dict[str, Any]]:
        """Live orders by client id."""
        listed = self.get("/iserver/account/orders")
        assert listed["snapshot"] is True
        return {row.get("order_ref", str(row["orderId"])): row for row in listed["orders"]}

    def statuses(self) -> dict[str, str]:
        """Status of the listed orders by client id."""
        return {name: row["status"] for name, row in self.orders().items()}

    def ask(self, *orders: dict[str, Any]) -> Any:
        """Place orders; the first answer, whatever it is."""
        return self.post(f"{ACCOUNT}/orders", {"orders": list(orders)})

    def place(self, *orders: dict[str, Any]) -> Any:
        """Place orders, saying yes to every question."""
        answer = self.ask(*orders)
        while isinstance(answer, list) and "message" in answer[0]:
            answer = self.post(f"/iserver/reply/{answer[0]['id']}", {"confirmed": True})
        return answer

    def executions(self) -> list[dict[str, Any]]:
        """What really traded."""
        return list(self.control("GET", "/truth/executions"))


class Inside(Client):
    """Calls the handlers of a world in this process."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.plane = Control(world, Clock(world), "history")

    def api(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Through the same pipeline as the server."""
        answer = serve_api(self.world, _request(method, path, body))
        content = answer.content()
        return answer.status, json.loads(content) if content[:1] in b"[{" and content else content.decode()

    def page(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """A page outside the Web API."""
        answer = serve_page(self.world, _request(method, path, body))
        return answer.status, answer.content().decode()

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Through the same control plane as the server."""
        answer = asyncio.run(self.plane.serve(_request(method, "/control" + path, body)))
        assert answer.status == 200, answer.body
        return json.loads(answer.content())


def _request(method: str, path: str, body: Any) -> Request:
    bare, _, query = path.partition("?")
    return Request(method=method, path=bare, query=dict(parse_qsl(query)), body=body)


class Wire(Client):
    """Speaks TLS to a process; keeps one connection open."""

    def __init__(self, endpoint: dict[str, Any]) -> None:
        self.endpoint = endpoint
        self.tls = ssl.create_default_context(cafile=endpoint["cert"])
        self.connection = self._connect()

    def _connect(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection("localhost", self.endpoint["port"], context=self.tls, timeout=10)

    def send(self, method: str, path: str, data: str | None, headers: dict[str, str]) -> tuple[int, str]:
        """One request, headers exactly as given."""
        try:
            self.connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers.items():
                self.connection.putheader(name, value)
            self.connection.endheaders(data.encode() if data else None)
            answer = self.connection.getresponse()
            return answer.status, answer.read().decode()
        except (http.client.HTTPException, OSError):
            self.connection.close()
            self.connection = self._connect()
            raise

    def exchange(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """JSON there and back."""
        data = "" if body is None else json.dumps(body)
        headers = {"User-Agent": "test", "Content-Type": "application/json", "Content-Length": str(len(data))}
        status, text = self.send(method, path, data, headers)
        return status, json.loads(text) if text[:1] in ("{", "[") else text

    def api(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Over the wire."""
        return self.exchange(method, "/v1/api" + path, body)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Over the wire."""
        status, answer = self.exchange(method, "/control" + path, body)
        assert status == 200, answer
        return answer

    def close(self) -> None:
        """End the connection."""
        self.connection.close()


def launch(home: Path, at: str, *more: str) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
    """One simulator process, ready to be spoken to."""
    home.mkdir(parents=True, exist_ok=True)
    ready = home / "endpoint.json"
    ready.unlink(missing_ok=True)
    command = [
        sys.executable,
        "-m",
        "ibkr_simulator",
        "serve",
        "--port",
        "0",
        "--home",
        str(home),
        "--start",
        at,
        *more,
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while not ready.exists():
        assert process.poll() is None, "the simulator ended"
        assert time.monotonic() < deadline, "the simulator did not become ready"
        time.sleep(0.02)
    return process, json.loads(ready.read_text())


def limit(
    name: str, price: float, *, side: str = "BUY", quantity: int = 10, tif: str = "DAY"
) -> dict[str, Any]:
    """A limit order on AAPL."""
    terms = {
        "conid": AAPL,
        "orderType": "LMT",
        "price": price,
        "side": side,
        "tif": tif,
        "quantity": quantity,
    }
    return terms | {"cOID": name}


def bracket(
    name: str, entry: float, stop: float, target: float, *, quantity: int = 10
) -> list[dict[str, Any]]:
    """Entry, stop and target on AAPL."""
    child = {"conid": AAPL, "quantity": quantity, "side": "SELL", "tif": "GTC", "parentId": name}
    return [
        limit(name, entry, quantity=quantity),
        child | {"orderType": "STP", "price": stop, "cOID": f"{name}-stop"},
        child | {"orderType": "LMT", "price": target, "cOID": f"{name}-target"},
    ]
