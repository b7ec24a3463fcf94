"""Order and trade feeds of a websocket [§7.2]."""

from collections.abc import Callable, Mapping
from typing import Any

from ibkr_simulator.exchange.orders import Execution, Order
from ibkr_simulator.instants import DAY, new_york_day, new_york_midnight
from ibkr_simulator.web_api.order_tracking import order_row, trade_row, visible
from ibkr_simulator.web_api.stream_words import Put, Words
from ibkr_simulator.world import World

_MOST_DAYS = 7


class OrderFeeds:
    """What one connection has asked for."""

    def __init__(self, world: World, put: Put) -> None:
        self.world = world
        self.orders_on = False
        self.trades_on = False
        self._put = put
        self._statuses: tuple[str, ...] = ()
        self._shown: dict[int, dict[str, Any]] = {}
        self.topics: Mapping[str, Callable[[Words], None]] = {
            "sor": self._orders_on,
            "uor": self._orders_off,
            "str": self._trades_on,
            "utr": self._trades_off,
        }

    def _orders_on(self, words: Words) -> None:
        """No confirmation, and nothing when there are no orders."""
        self.orders_on = True
        self._statuses = tuple(str(word).lower() for word in words.body.get("filters") or ())
        self._shown.clear()
        rows = [order_row(self.world, order) for order in visible(self.world)]
        rows = [row for row in rows if self._wanted(row)]
        if rows and not self._silenced():
            self._shown = {row["orderId"]: row for row in rows}
            self._put({"topic": "sor", "args": rows})

    def _orders_off(self, words: Words) -> None:
        self.orders_on = False
        self._shown.clear()

    def _trades_on(self, words: Words) -> None:
        self.trades_on = True
        if words.body.get("realtimeUpdatesOnly") or words.body.get("realtime_updates_only"):
            return
        asked = words.body.get("days", 1)
        days = min(_MOST_DAYS, asked) if isinstance(asked, int) and asked > 0 else 1
        since = new_york_midnight(new_york_day(self.world.now - (days - 1) * DAY))
        found = [each for each in self.world.exchange.executions if each.at >= since]
        if found:
            self._put({"topic": "str", "args": [self._trade(each) for each in found]})

    def _trades_off(self, words: Words) -> None:
        self.trades_on = False

    def changed(self, changed: object) -> None:
        """Something happened at the broker."""
        if isinstance(changed, Order) and self.orders_on and not changed.unlisted and not self._silenced():
            self._order_delta(changed)
        elif isinstance(changed, Execution) and self.trades_on:
            self._put({"topic": "str", "args": [self._trade(changed)]})

    def _order_delta(self, order: Order) -> None:
        """Only the keys that changed [F-80]."""
        row = order_row(self.world, order)
        before = self._shown.get(row["orderId"], {})
        self._shown[row["orderId"]] = row
        delta = {key: value for key, value in row.items() if before.get(key, ...) != value}
        if delta and self._wanted(row):
            self._put({"topic": "sor", "args": [{"acct": row["acct"], "orderId": row["orderId"], **delta}]})

    def _trade(self, execution: Execution) -> dict[str, Any]:
        """Commissions come by REST only."""
        row = trade_row(self.world, execution)
        row.pop("commission", None)
        return row

    def _wanted(self, row: Mapping[str, Any]) -> bool:
        return not self._statuses or str(row["status"]).lower() in self._statuses

    def _silenced(self) -> bool:
        """A filtered list silences the feed until `force=true` [F-42, F-79]."""
        brokerage = self.world.gateway.brokerage
        return brokerage is not None and brokerage.orders_filtered
