"""The websocket `/v1/api/ws`: handshake, heartbeat, and who answers which topic [§7]."""

import asyncio
import json
from http.cookies import CookieError, SimpleCookie
from typing import Any

from ibkr_simulator.asgi import Receive, Scope, Send
from ibkr_simulator.exchange.exchange import Changed
from ibkr_simulator.instants import Instant, millis
from ibkr_simulator.notices import Notice
from ibkr_simulator.web_api.session import accounts_body
from ibkr_simulator.web_api.stream_account import AccountFeeds
from ibkr_simulator.web_api.stream_market import MarketFeeds
from ibkr_simulator.web_api.stream_orders import OrderFeeds
from ibkr_simulator.web_api.stream_words import refusal, words
from ibkr_simulator.world import World

_HEARTBEAT_SECONDS = 10.0
_NEED_BROKERAGE = ("smd", "smh", "sor", "str", "sbd")


class Stream:
    """One open websocket. `dead` after its brokerage session ended, though it still beats [F-78]; one that
    came too early is greeted once there is a session [F-81]."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.epoch = world.gateway.epoch
        self.outbox: asyncio.Queue[dict[str, Any] | bytes | None] = asyncio.Queue()
        self.muted = False
        self._market = MarketFeeds(world, self._put)
        self._orders = OrderFeeds(world, self._put)
        self._account = AccountFeeds(world, self._put)
        self._told_loss = False
        self._waits = False

    @property
    def dead(self) -> bool:
        """Whether nothing but heartbeats comes any more."""
        return self.world.gateway.brokerage is None or self.world.gateway.epoch != self.epoch

    @property
    def prices(self) -> dict[int, tuple[Instant, list[str]]]:
        """Contracts whose prices are streamed: since when, and which fields."""
        return self._market.prices

    @prices.setter
    def prices(self, prices: dict[int, tuple[Instant, list[str]]]) -> None:
        self._market.prices = prices

    @property
    def orders_on(self) -> bool:
        """Whether orders are streamed."""
        return self._orders.orders_on

    @orders_on.setter
    def orders_on(self, on: bool) -> None:
        self._orders.orders_on = on

    @property
    def trades_on(self) -> bool:
        """Whether executions are streamed."""
        return self._orders.trades_on

    @trades_on.setter
    def trades_on(self, on: bool) -> None:
        self._orders.trades_on = on

    # --- what comes by itself

    def greet(self) -> None:
        """The frames after the handshake; without an established session one that says so."""
        gateway = self.world.gateway
        if not gateway.established(self.world.now):
            self._waits = True
            self._put({"message": "waiting for session"})
            return
        self._waits, self.epoch = False, gateway.epoch
        paper = self.world.account.is_paper
        self._put({"topic": "system", "success": gateway.user, "isFT": False, "isPaper": paper})
        self._put({"topic": "sts", "args": self._auth(True)})
        self._put({"topic": "act", "args": accounts_body(self.world)})

    def beat(self) -> None:
        """The heartbeat; a lost session is told once."""
        self._look()
        self._put({"topic": "system", "hb": millis(self.world.now)})

    def notice_loss(self) -> None:
        """`sts` announces the loss of authentication, never its return."""
        if self.dead and not self._told_loss and not self._waits:
            self._told_loss = True
            self._put({"topic": "sts", "args": self._auth(False)})

    def _look(self) -> None:
        """A session that a waiting connection waited for, or one that was lost."""
        if self._waits and self.world.gateway.established(self.world.now):
            self.greet()
        self.notice_loss()

    def _auth(self, authenticated: bool) -> dict[str, Any]:
        gateway = self.world.gateway
        told = {"message": "", "fail": "", "serverName": "JifN00001", "username": gateway.user or ""}
        return {"authenticated": authenticated, "competing": gateway.competing, **told}

    def tell_notice(self, notice: Notice) -> None:
        """`ntf`: a notification."""
        row = {"id": notice.id, "text": notice.text, "title": notice.title, "url": ""}
        self._put({"topic": "ntf", "args": [row]})

    def tell_prompt(self, prompt: dict[str, Any]) -> None:
        """`ntf`: an order that was rejected, and could be sent again [F-51]."""
        row = {"id": f"{prompt['orderId']}-{prompt['reqId']}", "title": "Order Message", "url": ""}
        self._put({"topic": "ntf", "args": [row | prompt]})

    def tell_bulletin(self, message: str) -> None:
        """`blt`: a bulletin."""
        self._put({"topic": "blt", "args": {"id": str(millis(self.world.now)), "message": message}})

    # --- what was asked for

    def obey(self, text: str) -> None:
        """One message of the client: `TOPIC+TARGET+{JSON}`."""
        self._look()
        asked = words(text)
        handler = next((feed.topics[asked.topic] for feed in self._feeds if asked.topic in feed.topics), None)
        if asked.topic in ("tic", "ech"):
            now, token = millis(self.world.now), self.world.gateway.token()
            self._put({"topic": "tic", "alive": True, "id": token, "lastAccessed": now})
        elif handler is None:
            self._put(refusal(f"unknown topic {asked.topic}", 400, asked))
        elif self.dead and asked.topic in _NEED_BROKERAGE:
            self._put(refusal("not authenticated", 401, asked))
        else:
            handler(asked)

    @property
    def _feeds(self) -> tuple[MarketFeeds, OrderFeeds, AccountFeeds]:
        return self._market, self._orders, self._account

    def changed(self, changed: Changed) -> None:
        """Something happened at the broker."""
        if not self.dead:
            self._orders.changed(changed)

    def moved(self) -> None:
        """Time went on."""
        self._look()
        if not self.dead:
            self._market.moved()
        if self.world.gateway.user is not None:
            self._account.moved()

    def close(self) -> None:
        """The connection ended."""
        self._market.close()

    def _put(self, frame: dict[str, Any]) -> None:
        if self.muted:
            return
        for observer in self.world.observers:
            observer.framed(frame)
        self.outbox.put_nowait(frame)


async def attend(world: World, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one websocket until it closes."""
    await receive()
    if not is_admitted(world, scope):
        await send({"type": "websocket.close", "code": 1008})
        return
    await send({"type": "websocket.accept"})
    stream = Stream(world)
    world.streams.append(stream)
    world.watchers.append(stream.changed)
    world.time_watchers.append(stream.moved)
    tasks = [asyncio.create_task(work) for work in (_write(stream, send), _beat(stream))]
    stream.greet()
    try:
        while (message := await receive())["type"] == "websocket.receive":
            stream.obey(str(message.get("text") or ""))
    finally:
        world.streams.remove(stream)
        world.watchers.remove(stream.changed)
        world.time_watchers.remove(stream.moved)
        stream.close()
        for task in tasks:
            task.cancel()


async def _write(stream: Stream, send: Send) -> None:
    while True:
        frame = await stream.outbox.get()
        if frame is None:
            await send({"type": "websocket.close", "code": 1001})
            return
        part = (
            {"bytes": frame}
            if isinstance(frame, bytes)
            else {"text": json.dumps(frame, separators=(",", ":"))}
        )
        await send({"type": "websocket.send", **part})


async def _beat(stream: Stream) -> None:
    while True:
        await asyncio.sleep(_HEARTBEAT_SECONDS)
        stream.beat()


def is_admitted(world: World, scope: Scope) -> bool:
    """The cookie `api` holds the session, plain or as JSON. The direct host wants an agent too [§7.1]."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    nameless = world.switches.text("stream_agent") == "required" and not headers.get("user-agent")
    if world.gateway.user is None or nameless:
        return False
    return world.gateway.token() in _cookie(headers.get("cookie", ""))


def _cookie(header: str) -> str:
    try:
        found = SimpleCookie(header).get("api")
    except CookieError:
        return header
    # Quotes of the JSON form end the cookie for a strict parser, so the header itself is searched too.
    return header if found is None or found.value.startswith("{") else found.value
