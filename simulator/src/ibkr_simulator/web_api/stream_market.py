"""Market feeds of a websocket: prices, history, depth [§7.2]."""

from collections.abc import Callable, Mapping
from typing import Any

from ibkr_simulator.exchange import money
from ibkr_simulator.exchange.listings import Listing
from ibkr_simulator.gateway import Brokerage
from ibkr_simulator.instants import MINUTE, Instant
from ibkr_simulator.messages import Request
from ibkr_simulator.web_api import history, market_data
from ibkr_simulator.web_api.stream_words import Put, Words, refusal
from ibkr_simulator.world import World

PRICES_LAST = 15 * MINUTE
MOST_HISTORIES = 5
_LEVELS = 5
_FIRST_SERVER_ID = 6_571_225
_HISTORY_WORDS = ("period", "bar", "source", "startTime", "direction")


class MarketFeeds:
    """What one connection has asked for."""

    def __init__(self, world: World, put: Put) -> None:
        self.world = world
        self.prices: dict[int, tuple[Instant, list[str]]] = {}
        self._put = put
        self._priced: dict[int, dict[str, Any]] = {}
        self._lines: dict[int, Brokerage] = {}
        self._histories: dict[str, int] = {}
        self._served = 0
        self._ladders: dict[str, str] = {}
        self._rungs: dict[str, dict[int, Mapping[str, Any]]] = {}
        self.topics: Mapping[str, Callable[[Words], None]] = {
            "smd": self._prices_on,
            "umd": self._prices_off,
            "smh": self._history_on,
            "umh": self._history_off,
            "sbd": self._depth_on,
            "ubd": self._depth_off,
        }

    def moved(self) -> None:
        """Time went on."""
        for conid in self.prices:
            self._price(conid)
        for topic in self._ladders.values():
            self._ladder(topic)

    def close(self) -> None:
        """The connection ended: its lines are free."""
        for conid in list(self._lines):
            self._release(conid)

    # --- prices

    def _prices_on(self, words: Words) -> None:
        listing = self._listing(words.target)
        if listing is None:
            self._put(refusal(f"invalid conid {words.target}", 400, words))
        elif not self._takes_line(listing.conid):
            self._put(refusal("market data lines exhausted", 429, words))
        else:
            self._priced.pop(listing.conid, None)
            codes = [str(code) for code in words.body.get("fields", [])]
            self.prices[listing.conid] = (self.world.now, codes)
            self._price(listing.conid)

    def _prices_off(self, words: Words) -> None:
        conid = int(words.target) if words.target.isdigit() else 0
        self._priced.pop(conid, None)
        self.prices.pop(conid, None)
        self._release(conid)

    def _takes_line(self, conid: int) -> bool:
        """Snapshots and streams share the lines; a contract needs one, however often it is asked for."""
        brokerage, most = self.world.gateway.open_session, self.world.switches.number("market_data_lines")
        lines = brokerage.lines()
        if conid not in lines and len(lines) >= most:
            return False
        if self._lines.get(conid) is not brokerage:
            self._lines[conid] = brokerage
            brokerage.streamed[conid] += 1
        return True

    def _release(self, conid: int) -> None:
        brokerage = self._lines.pop(conid, None)
        if brokerage is not None:
            brokerage.streamed[conid] -= 1

    def _price(self, conid: int) -> None:
        """Only fields that changed; nothing any more fifteen minutes after the request [F-32]."""
        since, fields = self.prices[conid]
        if self.world.now - since > PRICES_LAST:
            self._release(conid)
            return
        values = market_data.snapshot_values(self.world, self.world.listings.by_conid[conid])
        wanted = {code: values[code] for code in ("6509", *fields) if code in values}
        before = self._priced.get(conid, {})
        fresh = {code: value for code, value in wanted.items() if before.get(code) != value}
        self._priced[conid] = wanted
        if fresh:
            head = {"topic": f"smd+{conid}", "conid": conid, "conidEx": str(conid), "server_id": "q1"}
            self._put(head | {"_updated": values["_updated"], "6119": "q1"} | fresh)

    # --- history

    def _history_on(self, words: Words) -> None:
        """One answer; it stays open until its server id is given back. At most five are."""
        if len(self._histories) >= MOST_HISTORIES:
            self._put(refusal("Too many history charts requests, please try again later.", 429, words))
            return
        query = {name: str(words.body[name]) for name in _HISTORY_WORDS if name in words.body}
        request = Request(
            method="GET", path="/iserver/marketdata/history", query=query | {"conid": words.target}
        )
        answer = history.history(self.world, request)
        if answer.status != 200:
            self._put(refusal(str(answer.body["error"]), answer.status, words))
            return
        self._served += 1
        server_id = str(_FIRST_SERVER_ID + self.world.gateway.epoch * 1000 + self._served)
        self._histories[server_id] = int(words.target)
        self._put({"topic": f"smh+{words.target}", **answer.body, "serverId": server_id})

    def _history_off(self, words: Words) -> None:
        if self._histories.pop(words.target, None) is None:
            self._put(refusal(f"unknown server id {words.target}", 400, words))
        else:
            self._put({"message": f"Unsubscribed {words.target}"})

    # --- depth

    def _depth_on(self, words: Words) -> None:
        """`sbd+account+conid+exchange`: one ladder per account."""
        account_id, _, rest = words.rest.partition("+")
        conid, _, exchange = rest.partition("+")
        listing = self._listing(conid)
        if account_id not in self.world.accounts or listing is None:
            self._put(refusal("invalid account or conid", 400, words))
            return
        topic = f"sbd+{account_id}+{conid}" + (f"+{exchange}" if exchange else "")
        self._ladders[account_id] = topic
        self._rungs.pop(topic, None)
        self._ladder(topic)

    def _depth_off(self, words: Words) -> None:
        self._rungs.pop(self._ladders.pop(words.target, ""), None)

    def _ladder(self, topic: str) -> None:
        """Rungs that changed; the row in focus is the last price."""
        conid = int(topic.split("+")[2])
        rungs = self._rungs_of(conid)
        before = self._rungs.get(topic, {})
        self._rungs[topic] = rungs
        fresh = [rung for row, rung in rungs.items() if before.get(row) != rung]
        if fresh:
            self._put({"topic": topic, "data": fresh})

    def _rungs_of(self, conid: int) -> dict[int, Mapping[str, Any]]:
        quote = self.world.exchange.quote(conid)
        if quote is None or not quote.live:
            return {}
        found: dict[int, Mapping[str, Any]] = {}
        for row in range(2 * _LEVELS + 1):
            away = _LEVELS - row
            rung = {"row": row, "focus": int(away == 0), "price": money.text(quote.last + away)}
            found[row] = rung | _offered(conid, away)
        return found

    def _listing(self, conid: str) -> Listing | None:
        listing = self.world.listings.by_conid.get(int(conid)) if conid.isdigit() else None
        return listing if listing is not None and listing.has_prices else None


def _offered(conid: int, away: int) -> dict[str, str]:
    """Asks above the last price, bids below it."""
    if away == 0:
        return {}
    return {"ask" if away > 0 else "bid": f"{100 + (conid + away * 7) % 29 * 100:,}"}
