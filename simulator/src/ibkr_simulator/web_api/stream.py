"""The websocket `/v1/api/ws`: handshake, heartbeat, and the topics of orders, trades and prices [§7]."""

import asyncio
import json
from http.cookies import CookieError, SimpleCookie
from typing import Any

from ibkr_simulator.asgi import Receive, Scope, Send
from ibkr_simulator.exchange.exchange import Changed
from ibkr_simulator.exchange.orders import Execution, Order
from ibkr_simulator.instants import DAY, MINUTE, Instant, millis, new_york_day, new_york_midnight
from ibkr_simulator.web_api.market_data import snapshot_values
from ibkr_simulator.web_api.order_tracking import order_row, trade_row, visible
from ibkr_simulator.web_api.portfolio import profit_row
from ibkr_simulator.web_api.session import accounts_body
from ibkr_simulator.world import World

_HEARTBEAT_SECONDS = 10.0
_PRICES_LAST = 15 * MINUTE
_FEEDS_NEED_BROKERAGE = ("smd", "sor", "str")


class Stream:
    """One open websocket. `dead` after its brokerage session ended, though it still beats [F-78]."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.epoch = world.gateway.epoch
        self.outbox: asyncio.Queue[dict[str, Any] | bytes] = asyncio.Queue()
        self.muted = False
        self.orders_on = False
        self.trades_on = False
        self.prices: dict[int, tuple[Instant, list[str]]] = {}
        self._shown: dict[int, dict[str, Any]] = {}
        self._priced: dict[int, dict[str, Any]] = {}
        self._told_loss = False

    @property
    def dead(self) -> bool:
        """Whether nothing but heartbeats comes any more."""
        return self.world.gateway.brokerage is None or self.world.gateway.epoch != self.epoch

    def greet(self) -> None:
        """The frames after the handshake."""
        user, paper = self.world.gateway.user, self.world.account.is_paper
        if self.dead:
            self._put({"message": "waiting for session"})
            return
        self._put({"topic": "system", "success": user, "isFT": False, "isPaper": paper})
        self._put({"topic": "sts", "args": self._auth(True)})
        self._put({"topic": "act", "args": accounts_body(self.world)})

    def _auth(self, authenticated: bool) -> dict[str, Any]:
        words = {"message": "", "fail": "", "serverName": "JifN00001", "username": self.world.gateway.user}
        return {"authenticated": authenticated, "competing": self.world.gateway.competing, **words}

    def beat(self) -> None:
        """The heartbeat; a lost session is told once."""
        self.notice_loss()
        self._put({"topic": "system", "hb": millis(self.world.now)})

    def notice_loss(self) -> None:
        """`sts` announces the loss of authentication, never its return."""
        if self.dead and not self._told_loss:
            self._told_loss = True
            self._put({"topic": "sts", "args": self._auth(False)})

    def obey(self, text: str) -> None:
        """One message of the client: `TOPIC+TARGET+{JSON}`."""
        topic, _, rest = text.partition("+")
        if topic in ("tic", "ech"):
            self._put({"topic": "tic", "alive": True, "id": self.world.gateway.token(), "lastAccessed": 0})
        elif self.dead and topic in _FEEDS_NEED_BROKERAGE:
            self._put({"error": "not authenticated", "code": 401})
        else:
            self._feed(topic, rest)

    def _feed(self, topic: str, rest: str) -> None:
        target, _, body = rest.partition("+")
        if topic in ("sor", "uor"):
            self._orders(on=topic == "sor")
        elif topic in ("str", "utr"):
            self._trades(rest, on=topic == "str")
        elif topic in ("smd", "umd"):
            self._prices(target, body, on=topic == "smd")
        elif topic == "spl":
            self._put({"topic": "spl", "args": profit_row(self.world)})
        elif topic not in ("upl", "ssd", "usd", "sld", "uld"):
            self._put({"error": f"unknown topic {topic}", "code": 400})

    def _orders(self, *, on: bool) -> None:
        self.orders_on = on
        self._shown.clear()
        rows = [order_row(self.world, order) for order in visible(self.world)]
        if on and rows and not self._silenced():
            self._shown = {row["orderId"]: row for row in rows}
            self._put({"topic": "sor", "args": rows})

    def _trades(self, body: str, *, on: bool) -> None:
        self.trades_on = on
        asked = _json(body)
        if not on or asked.get("realtimeUpdatesOnly"):
            return
        since = new_york_midnight(new_york_day(self.world.now - (int(asked.get("days", 1)) - 1) * DAY))
        found = [each for each in self.world.exchange.executions if each.at >= since]
        if found:
            self._put({"topic": "str", "args": [self._trade(each) for each in found]})

    def _prices(self, target: str, body: str, *, on: bool) -> None:
        conid = int(target) if target.isdigit() else 0
        self._priced.pop(conid, None)
        if not on or conid not in self.world.listings.by_conid:
            self.prices.pop(conid, None)
            return
        self.prices[conid] = (self.world.now, [str(code) for code in _json(body).get("fields", [])])
        self._price(conid)

    def changed(self, changed: Changed) -> None:
        """Something happened at the broker."""
        if self.dead:
            return
        if isinstance(changed, Order) and self.orders_on and not changed.unlisted and not self._silenced():
            self._order_delta(changed)
        elif isinstance(changed, Execution) and self.trades_on:
            self._put({"topic": "str", "args": [self._trade(changed)]})

    def moved(self) -> None:
        """Time went on."""
        self.notice_loss()
        for conid in self.prices if not self.dead else ():
            self._price(conid)

    def _order_delta(self, order: Order) -> None:
        """Only the keys that changed [F-80]."""
        row = order_row(self.world, order)
        before = self._shown.get(order.order_id, {})
        self._shown[order.order_id] = row
        delta = {key: value for key, value in row.items() if before.get(key, ...) != value}
        if delta:
            self._put({"topic": "sor", "args": [{"acct": row["acct"], "orderId": row["orderId"], **delta}]})

    def _trade(self, execution: Execution) -> dict[str, Any]:
        row = trade_row(self.world, execution)
        row.pop("commission")
        return row

    def _price(self, conid: int) -> None:
        since, fields = self.prices[conid]
        if self.world.now - since > _PRICES_LAST:
            return
        values = snapshot_values(self.world, self.world.listings.by_conid[conid])
        wanted = {code: values[code] for code in ("6509", *fields) if code in values}
        before = self._priced.get(conid, {})
        fresh = {code: value for code, value in wanted.items() if before.get(code) != value}
        self._priced[conid] = wanted
        if fresh:
            head = {"topic": f"smd+{conid}", "conid": conid, "conidEx": str(conid), "server_id": "q1"}
            self._put(head | {"_updated": values["_updated"], "6119": "q1"} | fresh)

    def _silenced(self) -> bool:
        brokerage = self.world.gateway.brokerage
        return brokerage is not None and brokerage.orders_filtered

    def _put(self, frame: dict[str, Any]) -> None:
        if self.muted:
            return
        for observer in self.world.observers:
            observer.framed(frame)
        self.outbox.put_nowait(frame)


def _json(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text or "{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


async def attend(world: World, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one websocket until it closes."""
    await receive()
    if not _admitted(world, scope):
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
        for task in tasks:
            task.cancel()


async def _write(stream: Stream, send: Send) -> None:
    while True:
        frame = await stream.outbox.get()
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


def _admitted(world: World, scope: Scope) -> bool:
    """The cookie `api` holds the session, plain or as JSON. Only the direct host wants an agent [§7.1]."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    if world.gateway.user is None:
        return False
    return world.gateway.token() in _cookie(headers.get("cookie", ""))


def _cookie(header: str) -> str:
    try:
        found = SimpleCookie(header).get("api")
    except CookieError:
        return header
    # Quotes of the JSON form end the cookie for a strict parser, so the header itself is searched too.
    return header if found is None or found.value.startswith("{") else found.value
