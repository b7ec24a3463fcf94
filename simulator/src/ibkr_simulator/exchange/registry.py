"""Every order ever accepted, and the few ways to find one quickly."""

from ibkr_simulator.exchange import ids
from ibkr_simulator.exchange.orders import Order, Ticket
from ibkr_simulator.instants import Instant


class Registry:
    """All orders by id; those that live; those of today; the last one under each client id."""

    def __init__(self, seed: int) -> None:
        self.all: dict[int, Order] = {}
        self._live: dict[int, Order] = {}
        self._today: dict[int, Order] = {}
        self._named: dict[str, Order] = {}
        self._groups: dict[str, list[Order]] = {}
        self._seed = seed

    def know(self, order: Order) -> None:
        """An order was accepted, or read again."""
        self.all[order.order_id] = order
        self._today[order.order_id] = order
        if order.coid is not None:
            self._named[order.coid] = order
        if order.oca is not None:
            self._groups.setdefault(order.oca, []).append(order)
        if order.live:
            self._live[order.order_id] = order

    def ended(self, order: Order) -> None:
        """It does not live any more."""
        self._live.pop(order.order_id, None)

    def live(self) -> list[Order]:
        """Live orders in order of placement."""
        return list(self._live.values())

    def since(self, began: Instant) -> list[Order]:
        """Live orders and those that ended since, in order of placement. What ended before is forgotten
        here: the next question is for this beginning or a later one."""
        gone = [order for order in self._today.values() if not order.live and (order.ended_at or 0) < began]
        for order in gone:
            del self._today[order.order_id]
        return list(self._today.values())

    def by_coid(self, coid: str) -> Order | None:
        """The last order accepted under a client id."""
        return self._named.get(coid)

    def children(self, parent: Order) -> list[Order]:
        """Live children of an order."""
        return [order for order in self._live.values() if order.parent_id == parent.order_id]

    def siblings(self, order: Order) -> list[Order]:
        """The other orders of its group, also those that are over."""
        members = self._groups.get(order.oca, ()) if order.oca is not None else ()
        return [other for other in members if other is not order]

    def on_contract(self, conid: int) -> list[Order]:
        """Live orders on a contract."""
        return [order for order in self._live.values() if order.conid == conid]

    def lasting(self) -> list[Order]:
        """Live orders that outlast a day."""
        return [order for order in self._live.values() if order.tif == "GTC"]

    def new_id(self, ticket: Ticket, now: Instant) -> int:
        """An id that depends on seed, ticket and time only."""
        name = (
            ticket.coid
            or f"{ticket.parent_coid}|{ticket.conid}|{ticket.side}|{ticket.kind}|{ticket.quantity}"
        )
        attempt = 0
        while (found := ids.order_id(self._seed, name, now, attempt)) in self.all:
            attempt += 1
        return found
