"""The exchange and the broker's books: accepts, matches, cancels, and moves through time."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from operator import attrgetter

from ibkr_simulator.exchange import ids, matching, money
from ibkr_simulator.exchange.accounts import Account, CashEntry
from ibkr_simulator.exchange.events import RANK, Event, expiry, look_ahead
from ibkr_simulator.exchange.market import Market, Quote
from ibkr_simulator.exchange.money import Cents
from ibkr_simulator.exchange.orders import Execution, Order, Side, State, Ticket
from ibkr_simulator.exchange.tape import Split
from ibkr_simulator.instants import SECOND, Instant
from ibkr_simulator.switches import Switches

Changed = Order | Execution | CashEntry | Split
Listener = Callable[[Changed], None]


class Exchange:
    """Orders, account and time of one simulated broker."""

    def __init__(
        self, market: Market, account: Account, switches: Switches, seed: int, start: Instant
    ) -> None:
        self.market = market
        self.account = account
        self.switches = switches
        self.now = start
        self.orders: dict[int, Order] = {}
        self.executions: list[Execution] = []
        self.listeners: list[Listener] = []
        self.seed = seed
        self._live: dict[int, Order] = {}
        self._named: dict[str, Order] = {}
        self._next: dict[int, Event | None] = {}

    # --- asking

    def quote(self, conid: int) -> Quote | None:
        """The quote now."""
        return self.market.quote(conid, self.now)

    def effective(self) -> list[Execution]:
        """Executions without those that were corrected."""
        replaced = {execution.corrects for execution in self.executions}
        return [execution for execution in self.executions if execution.execution_id not in replaced]

    def mark(self, conid: int) -> Cents:
        """The price positions are valued at."""
        quote = self.quote(conid)
        return quote.last if quote else 0

    def equity(self) -> Cents:
        """Net liquidation value."""
        return self.account.net_liquidation(self.mark)

    def live(self) -> list[Order]:
        """Live orders in order of placement."""
        return list(self._live.values())

    def by_coid(self, coid: str) -> Order | None:
        """The first order accepted under a client id."""
        return self._named.get(coid)

    def children(self, parent: Order) -> list[Order]:
        """Live children of an order."""
        return [order for order in self._live.values() if order.parent_id == parent.order_id]

    # --- placing

    def fund(self, amount: Cents, reference: str) -> None:
        """Money comes in, or goes out when negative."""
        entry = CashEntry(at=self.now, lane="deposit", amount=amount, reference=reference)
        self._tell(self.account.move(entry))

    def book(self, ticket: Ticket, *, parent: Order | None = None, oca: str | None = None) -> Order:
        """Accept a checked ticket; `match_now` lets it trade."""
        order = self._make(ticket, parent, oca)
        self._keep(order)
        if order.held and parent is not None and parent.filled:
            self._release(parent, order)
        return order

    def touched(self, order: Order) -> None:
        """Note that an order was changed from outside."""
        self._changed(order)

    def _make(self, ticket: Ticket, parent: Order | None, oca: str | None) -> Order:
        return Order(
            order_id=self._new_id(ticket),
            sequence=len(self.orders) + 1,
            account=self.account.account_id,
            conid=ticket.conid,
            symbol=self.market.listings.by_conid[ticket.conid].symbol,
            side=ticket.side,
            kind=ticket.kind,
            tif=ticket.tif,
            quantity=ticket.quantity,
            limit=ticket.limit,
            stop=ticket.stop,
            coid=ticket.coid,
            parent_id=parent.order_id if parent else None,
            oca=oca,
            outside_rth=ticket.outside_rth,
            held=parent is not None,
            placed_at=self.now,
            updated_at=self.now,
            expires_at=expiry(self.market.sessions, ticket.tif, self.now),
        )

    def _new_id(self, ticket: Ticket) -> int:
        name = (
            ticket.coid
            or f"{ticket.parent_coid}|{ticket.conid}|{ticket.side}|{ticket.kind}|{ticket.quantity}"
        )
        attempt = 0
        while True:
            found = ids.order_id(self.seed, name, self.now, attempt)
            if found not in self.orders:
                return found
            attempt += 1

    def person_trade(self, conid: int, side: Side, quantity: int) -> Order:
        """A trade by hand, filled at once at the market [F-70]. Raises KeyError without a price."""
        quote = self.quote(conid)
        if quote is None:
            raise KeyError(f"no price for {conid}")
        ticket = Ticket(conid=conid, side=side, kind="MKT", tif="DAY", quantity=quantity)
        order = self._make(ticket, None, None)
        order.source = "person"
        self._keep(order)
        self._fill(order, matching.touch(order, quote, auction=not quote.live), quantity)
        return order

    # --- changing

    def modify(
        self, order: Order, *, quantity: int, limit: Cents | None, stop: Cents | None, tif: str
    ) -> None:
        """Change a live order; it may trade at once."""
        order.quantity, order.limit, order.stop = quantity, limit, stop
        if tif != order.tif:
            order.tif, order.expires_at = tif, expiry(self.market.sessions, tif, self.now)
        if order.remaining <= 0:
            self._end(order, "filled" if order.filled else "cancelled", None)
            for child in self.children(order):
                self._release(order, child)
            return
        self._changed(order)
        self.match_now(order)

    def request_cancel(self, order: Order) -> None:
        """Ask for a cancel; it takes effect after the switch's delay, unless a fill comes first [F-59]."""
        order.cancel_at = self.now + self.switches.number("cancel_seconds") * SECOND
        self._changed(order)
        if order.cancel_at <= self.now:
            self._end(order, "cancelled", None)

    def cancel_by_hand(self, order: Order) -> None:
        """A person ends an order elsewhere, at once."""
        self._end(order, "cancelled", None)

    def cancel_by_system(self, order: Order, reason: str) -> None:
        """The broker itself ends an order [F-61]."""
        self._end(order, "cancelled", reason)

    def deactivate(self, order: Order, reason: str) -> None:
        """The broker holds an accepted order back [F-56]."""
        self._end(order, "inactive", reason)

    def correct(self, execution: Execution, change: Cents) -> Execution:
        """The venue corrects a price: the same id with the next revision [F-68]."""
        root, _, revision = execution.execution_id.rpartition(".")
        name = f"{root}.{int(revision) + 1:02}"
        fixed = replace(
            execution,
            execution_id=name,
            price=execution.price + change,
            corrects=execution.execution_id,
            at=self.now,
        )
        self.executions.append(fixed)
        self.orders[execution.order_id].value += execution.quantity * change
        entry = self.account.correct(fixed, change)
        self._tell(fixed)
        self._tell(entry)
        return fixed

    # --- time

    def next_event(self, until: Instant | None = None) -> Event | None:
        """What touches a live order or a position next, without moving there."""
        events = [event for order in self._live.values() if (event := self._upcoming(order))]
        split = self._next_split()
        if split is not None:
            events.append(split)
        first = min(events, default=None)
        return first if first and (until is None or first.at <= until) else None

    def advance(self, until: Instant) -> int:
        """Move to an instant; what lies between happens in order, at its own time. Answers how much."""
        happened = 0
        while (event := self.next_event(until)) is not None:
            self.now = max(self.now, event.at)
            self._apply(event)
            happened += 1
        self.now = max(self.now, until)
        return happened

    def _upcoming(self, order: Order) -> Event | None:
        if order.order_id not in self._next:
            self._next[order.order_id] = look_ahead(self.market, order, self.now)
        return self._next[order.order_id]

    def _next_split(self) -> Event | None:
        for index, split in enumerate(self.market.tape.splits):
            if split.at > self.now and self._touched_by(split):
                return Event(split.at, RANK["split"], index, "split", index)
        return None

    def _touched_by(self, split: Split) -> bool:
        ordered = any(order.conid == split.conid for order in self._live.values())
        return ordered or self.account.quantity(split.conid) != 0

    def _apply(self, event: Event) -> None:
        if event.what == "split":
            self._split(self.market.tape.splits[event.order_id])
            return
        order = self._live[event.order_id]
        if event.what == "match":
            self._match_print(order)
        else:
            self._end(order, "cancelled", None)

    # --- matching

    def match_now(self, order: Order) -> None:
        """Trade on arrival against the quote, while the market is open."""
        quote = self.quote(order.conid)
        if quote and quote.live and order.live and not order.held and not order.stuck:
            self._meet(order, quote, auction=False, arriving=True)
        if order.live and order.tif == "IOC":
            self._end(order, "cancelled", None)

    def _match_print(self, order: Order) -> None:
        quote = self.quote(order.conid)
        if quote is None:
            return
        auction = self.now == self.market.sessions.opens[self.market.sessions.latest(self.now)]
        self._meet(order, quote, auction=auction, arriving=False)

    def _meet(self, order: Order, quote: Quote, *, auction: bool, arriving: bool) -> None:
        if order.awaits_trigger:
            if not matching.triggers(order, quote.last):
                return
            order.triggered, arriving = True, True
            self._changed(order)
        price = matching.touch(order, quote, auction=auction)
        if matching.marketable(order, price):
            given = price if arriving else matching.resting_price(order, price, auction=auction)
            self._fill(order, given, self._piece(order))

    def _piece(self, order: Order) -> int:
        pieces = self.switches.number("partial_fills")
        return min(order.fillable, -(-order.quantity // pieces))

    def _fill(self, order: Order, price: Cents, quantity: int) -> None:
        if quantity <= 0:
            self._changed(order)
            return
        order.filled += quantity
        order.value += quantity * price
        order.last_fill_at = self.now
        if order.fill_cap is not None:
            order.fill_cap -= quantity
        self._execute(order, price, quantity)
        if order.remaining == 0:
            self._end(order, "filled", None)
        else:
            self._changed(order)
        self._after_fill(order, quantity)

    def _execute(self, order: Order, price: Cents, quantity: int) -> None:
        total = money.commission(order.filled, order.value)
        execution = Execution(
            execution_id=ids.execution_id(self.seed, order.order_id, order.filled),
            order_id=order.order_id,
            coid=order.coid,
            conid=order.conid,
            symbol=order.symbol,
            side=order.side,
            quantity=quantity,
            price=price,
            commission=total - order.commission,
            at=self.now,
            source=order.source,
        )
        order.commission = total
        self.executions.append(execution)
        booked = self.account.apply(execution)
        self._tell(execution)
        for entry in booked:
            self._tell(entry)

    def _after_fill(self, order: Order, quantity: int) -> None:
        for sibling in self._siblings(order):
            self._shrink(sibling, quantity, done=not order.live)
        for child in self.children(order):
            self._release(order, child)
            self.match_now(child)

    def _siblings(self, order: Order) -> list[Order]:
        if order.oca is None:
            return []
        return [other for other in self.live() if other.oca == order.oca and other is not order]

    def _shrink(self, sibling: Order, quantity: int, *, done: bool) -> None:
        """One of a group trades: the others lose as much, or end with it."""
        if done or sibling.remaining <= quantity:
            self._end(sibling, "cancelled", "OCA group filled")
            return
        sibling.quantity -= quantity
        self._changed(sibling)

    def _release(self, parent: Order, child: Order) -> None:
        """A child wakes as its parent fills, in the manner of the switch [T-23]."""
        manner = self.switches.text("children")
        if manner == "held_until_full" and parent.remaining > 0:
            return
        if manner == "scaled":
            child.quantity = parent.filled
        child.held = False
        self._changed(child)

    # --- endings

    def _end(self, order: Order, state: State, reason: str | None) -> None:
        order.state = state
        order.reason, order.ended_at, order.cancel_at = reason, self.now, None
        self._live.pop(order.order_id, None)
        self._changed(order)
        if state != "filled":
            self._orphan(self.children(order), order)

    def _orphan(self, children: Iterable[Order], parent: Order) -> None:
        cancelled = parent.filled == 0 or self.switches.text("on_parent_cancel") == "cancelled"
        for child in children:
            if cancelled or child.held:
                self._end(child, "cancelled", "parent cancelled")

    def _split(self, split: Split) -> None:
        """Shares multiply; every order on the contract is cancelled at the broker [T-34]."""
        for order in self.live():
            if order.conid == split.conid and order.live:
                self._end(order, "cancelled", f"{split.words} split")
        position = self.account.positions.get(split.conid)
        if position is not None:
            position.quantity = int(position.quantity * split.ratio)
        self._tell(split)

    # --- telling

    def _keep(self, order: Order) -> None:
        self._know(order)
        self._changed(order)

    def _changed(self, order: Order) -> None:
        order.updated_at = self.now
        self._next.pop(order.order_id, None)
        self._tell(order)

    def _tell(self, changed: Changed) -> None:
        for listener in self.listeners:
            listener(changed)

    def restore(self, orders: Iterable[Order], executions: Iterable[Execution]) -> None:
        """Take back what an earlier process had kept."""
        self.executions.extend(executions)
        for order in sorted(orders, key=attrgetter("sequence")):
            self._know(order)

    def _know(self, order: Order) -> None:
        self.orders[order.order_id] = order
        if order.coid is not None:
            self._named.setdefault(order.coid, order)
        if order.live:
            self._live[order.order_id] = order
