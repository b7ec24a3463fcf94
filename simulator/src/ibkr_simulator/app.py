"""The server application: HTTP and websockets to the gateway and the control plane."""

import asyncio
import ipaddress
import json
from typing import Any
from urllib.parse import parse_qsl

from ibkr_simulator.asgi import Message, Receive, Scope, Send
from ibkr_simulator.control import round_socket
from ibkr_simulator.control.clock import Clock
from ibkr_simulator.control.routes import Control
from ibkr_simulator.messages import Answer, Request, bare_error
from ibkr_simulator.web_api import stream
from ibkr_simulator.web_api.pipeline import serve_api, serve_page
from ibkr_simulator.world import World

_API = ("/v1/api", "/v1/portal")
_FLUSH_SECONDS = 0.2
_CHARTS = "/iserver/marketdata/history"


class App:
    """One world behind one port."""

    def __init__(self, world: World, clock: Clock, control: Control, *, trust_network: bool = False) -> None:
        self.world = world
        self.clock = clock
        self.control = control
        self.trust_network = trust_network
        self._tasks: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's request."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self._lifespan(receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        works = (self.clock.run(), self.clock.listen(), self._keep())
        self._tasks = [asyncio.create_task(work) for work in works]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in self._tasks:
            task.cancel()
        self.world.truth.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            self.world.truth.flush()

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = await _request(scope, receive)
        if request.path == _CHARTS:
            await self._chart(request, scope, receive, send)
        else:
            await self._exchange(request, scope, receive, send)

    async def _chart(self, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        """History takes its time, and too much of it at once is refused [F-33]."""
        self.world.charts_open += 1
        try:
            await self._exchange(request, scope, receive, send)
        finally:
            self.world.charts_open -= 1

    async def _exchange(self, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._answer(scope, request)
        if request.method != "GET":
            self.world.truth.flush()
        if answer.stall:
            await asyncio.sleep(answer.stall)
        await _respond(answer, scope, receive, send)

    async def _answer(self, scope: Scope, request: Request) -> Answer:
        path: str = scope["path"]
        if scope["scheme"] == "http" and not path.startswith("/control/"):
            return bare_error(404, "the control plane only; the gateway speaks HTTPS on its own port")
        if path.startswith("/control/"):
            return (
                await self.control.serve(request) if self._near(scope) else bare_error(403, "loopback only")
            )
        if path.startswith(_API):
            return serve_api(self.world, request)
        return serve_page(self.world, request)

    def _near(self, scope: Scope) -> bool:
        return self.trust_network or ipaddress.ip_address(scope["client"][0]).is_loopback

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = dict(parse_qsl(scope["query_string"].decode()))
        if scope["path"] == "/control/clock/join" and self._near(scope):
            await round_socket.attend(self.clock, query, scope, receive, send)
        elif scope["path"] in ("/v1/api/ws", "/v1/portal/ws"):
            await stream.attend(self.world, scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1008})


async def _request(scope: Scope, receive: Receive) -> Request:
    headers = dict(scope["headers"])
    raw = await _body(receive) if _has_body(headers) else b""
    text = raw.decode("utf-8", "replace")
    path: str = scope["path"]
    for prefix in _API:
        path = path.removeprefix(prefix)
    return Request(
        method=scope["method"],
        path=path or "/",
        query=dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
        body=_parsed(text, headers.get(b"content-type", b"")),
        text=text,
        has_agent=bool(headers.get(b"user-agent")),
        has_length=b"content-length" in headers or b"transfer-encoding" in headers,
    )


def _has_body(headers: dict[bytes, bytes]) -> bool:
    return headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers


async def _body(receive: Receive) -> bytes:
    parts = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def _parsed(text: str, kind: bytes) -> Any:
    if not text:
        return None
    if kind.startswith(b"application/x-www-form-urlencoded"):
        return dict(parse_qsl(text))
    try:
        return json.loads(text)
    except ValueError:
        return None


async def _respond(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    if answer.cut == "at once":
        await _hang_up(scope, receive)
        return
    content = answer.content()
    headers = [(b"content-type", answer.kind.encode()), (b"content-length", str(len(content)).encode())]
    start: Message = {"type": "http.response.start", "status": answer.status, "headers": headers}
    await send(start)
    if answer.cut == "half way":
        await send({"type": "http.response.body", "body": content[: len(content) // 2], "more_body": True})
        await _hang_up(scope, receive)
        return
    await send({"type": "http.response.body", "body": content})


async def _hang_up(scope: Scope, receive: Receive) -> None:
    """Close the connection under the client's feet."""
    scope["state"]["transport"].abort()
    while (await receive())["type"] != "http.disconnect":
        pass
