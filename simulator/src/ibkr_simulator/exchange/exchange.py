"""The exchange: accepts, matches, cancels, and moves through time."""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter

from ibkr_simulator.exchange import families, trailing
from ibkr_simulator.exchange.accounts import Account
from ibkr_simulator.exchange.books import Books
from ibkr_simulator.exchange.books import Changed as Changed
from ibkr_simulator.exchange.events import DORMANT_AFTER, RANK, Agenda, Event, expiry, look_ahead
from ibkr_simulator.exchange.floor import Floor
from ibkr_simulator.exchange.market import Market, Quote
from ibkr_simulator.exchange.money import Cents
from ibkr_simulator.exchange.orders import Execution, Order, Side, State, Ticket, Trail
from ibkr_simulator.exchange.registry import Registry
from ibkr_simulator.exchange.tape import Dividend, Split
from ibkr_simulator.instants import SECOND, Instant
from ibkr_simulator.switches import Switches

Listener = Callable[[Changed], None]


class Exchange:
    """Orders and time of one simulated broker; the accounts are in its books."""

    def __init__(
        self, market: Market, accounts: Sequence[Account], switches: Switches, seed: int, start: Instant
    ) -> None:
        self.market = market
        self.switches = switches
        self.now = start
        self.executions: list[Execution] = []
        self.listeners: list[Listener] = []
        self.away_since: Callable[[], Instant | None] = lambda: None
        self.seed = seed
        self.books = Books(market, accounts, switches, start, self._tell)
        self._registry = Registry(seed)
        self._floor = Floor(market, switches, seed, self)
        self._replaced: set[str | None] = set()
        self._agenda = Agenda(lambda order: look_ahead(market, order, self.now))

    # --- asking

    @property
    def account(self) -> Account:
        """The first account."""
        return self.books.first

    def quote(self, conid: int) -> Quote | None:
        """The quote now."""
        return self.market.quote(conid, self.now)

    def effective(self) -> list[Execution]:
        """Executions without those that were corrected or busted."""
        return [each for each in self.executions if each.quantity and each.execution_id not in self._replaced]

    def mark(self, conid: int) -> Cents:
        """The price positions are valued at."""
        return self.books.mark(conid, self.now)

    def equity(self, account: Account | None = None) -> Cents:
        """Net liquidation value of an account, without one of the first."""
        return self.books.equity(account or self.account, self.now)

    @property
    def orders(self) -> dict[int, Order]:
        """Every order ever accepted, by id."""
        return self._registry.all

    def live(self) -> list[Order]:
        """Live orders in order of placement."""
        return self._registry.live()

    def since(self, began: Instant) -> list[Order]:
        """Live orders and those that ended since; the next question is not for an earlier beginning."""
        return self._registry.since(began)

    def by_coid(self, coid: str) -> Order | None:
        """The last order accepted under a client id."""
        return self._registry.by_coid(coid)

    def children(self, parent: Order) -> list[Order]:
        """Live children of an order."""
        return self._registry.children(parent)

    # --- placing

    def fund(self, amount: Cents, reference: str, account: Account | None = None) -> None:
        """Money comes in, or goes out when negative."""
        self.books.fund(account or self.account, amount, reference, self.now)

    def charge(self, amount: Cents, reference: str, account: Account) -> None:
        """The broker takes a fee."""
        self.books.charge(account, amount, reference, self.now)

    def book(self, ticket: Ticket, *, parent: Order | None = None, oca: str | None = None) -> Order:
        """Accept a checked ticket; `match_now` lets it trade."""
        order = self._make(ticket, parent, oca)
        if not order.held:
            families.wake(order, self.mark(order.conid), self.now)
        self._registry.know(order)
        self.changed(order)
        if parent is not None and (parent.filled or not parent.live):
            self._release(parent, order)
        for sibling in self._registry.siblings(order):
            if sibling.filled:
                self._shrink(order, sibling.filled, done=sibling.state == "filled")
        return order

    def touched(self, order: Order) -> None:
        """Note that an order was changed from outside."""
        self.changed(order)

    def _make(self, ticket: Ticket, parent: Order | None, oca: str | None) -> Order:
        sessions = self.market.sessions
        return Order(
            order_id=self._registry.new_id(ticket, self.now),
            sequence=len(self.orders) + 1,
            account=self.books.of(ticket.account).account_id,
            conid=ticket.conid,
            symbol=self.market.listings.by_conid[ticket.conid].symbol,
            side=ticket.side,
            kind=ticket.kind,
            tif=ticket.tif,
            quantity=ticket.quantity,
            limit=ticket.limit,
            stop=ticket.stop,
            trail=ticket.trail,
            coid=ticket.coid,
            parent_id=parent.order_id if parent else None,
            oca=oca,
            outside_rth=ticket.outside_rth,
            held=parent is not None,
            placed_at=self.now,
            updated_at=self.now,
            expires_at=expiry(sessions, ticket.kind, ticket.tif, self.now, outside=ticket.outside_rth),
        )

    def person_trade(self, conid: int, side: Side, quantity: int, account: str = "") -> Order:
        """A trade by hand, filled at once at the market [F-70]. Raises KeyError without a price."""
        quote = self.quote(conid)
        if quote is None:
            raise KeyError(f"no price for {conid}")
        ticket = Ticket(conid=conid, account=account, side=side, kind="MKT", tif="DAY", quantity=quantity)
        order = self._make(ticket, None, None)
        order.source = "person"
        self._registry.know(order)
        self.changed(order)
        self._floor.fill_by_hand(order, quote)
        return order

    # --- changing

    def modify(
        self,
        order: Order,
        *,
        quantity: int,
        limit: Cents | None,
        stop: Cents | None,
        tif: str,
        trail: Trail | None = None,
    ) -> None:
        """Change a live order; it may trade at once. One that is good till cancelled begins its time anew."""
        order.quantity, order.limit, order.stop, order.trail = quantity, limit, stop, trail
        if trail is not None and not order.held and not order.triggered:
            trailing.begin(order, self.mark(order.conid), self.now)
        if tif != order.tif or tif == "GTC":
            order.tif = tif
            order.expires_at = expiry(
                self.market.sessions, order.kind, tif, self.now, outside=order.outside_rth
            )
        if order.remaining <= 0:
            self.end(order, "filled" if order.filled else "cancelled", None)
            for child in self.children(order):
                self._release(order, child)
            return
        self.changed(order)
        self.match_now(order)

    def request_cancel(self, order: Order) -> None:
        """Ask for a cancel; it takes effect after the switch's delay, unless a fill comes first [F-59]."""
        order.cancel_at = self.now + self.switches.number("cancel_seconds") * SECOND
        self.changed(order)
        if order.cancel_at <= self.now:
            self.end(order, "cancelled", None)

    def cancel_by_hand(self, order: Order) -> None:
        """A person ends an order elsewhere, at once."""
        self.end(order, "cancelled", None)

    def cancel_by_system(self, order: Order, reason: str) -> None:
        """The broker itself ends an order [F-61]."""
        self.end(order, "cancelled", reason)

    def deactivate(self, order: Order, reason: str) -> None:
        """The broker holds an accepted order back [F-56]."""
        self.end(order, "inactive", reason)

    def correct(self, execution: Execution, change: Cents) -> Execution:
        """The venue corrects a price: the same id with the next revision [F-68]."""
        fixed, entry = self.books.correct(execution, change, self.now)
        self._remember(fixed)
        order = self.orders[execution.order_id]
        order.value += execution.quantity * change
        self._tell(fixed)
        self._tell(entry)
        self.changed(order)
        return fixed

    def bust(self, execution: Execution) -> Execution:
        """The venue cancels a trade; the order stays as it ended, with so much less filled."""
        gone, entries = self.books.bust(execution, self.now)
        self._remember(gone)
        order = self.orders[execution.order_id]
        order.filled -= execution.quantity
        order.value -= execution.value
        order.commission -= execution.commission - execution.fees
        self._tell(gone)
        for entry in entries:
            self._tell(entry)
        self.changed(order)
        return gone

    # --- time

    def next_event(self, until: Instant | None = None) -> Event | None:
        """What touches a live order or a position next, without moving there."""
        events = (self._agenda.first(), self._next_split(until), self._dormancy())
        first = min((event for event in events if event), default=None)
        return first if first and (until is None or first.at <= until) else None

    def advance(self, until: Instant) -> int:
        """Move to an instant; what lies between happens in order, at its own time. Answers how much of it
        touched an order or a position."""
        happened = 0
        while (event := self._first_of_all()).at <= until:
            self.now = max(self.now, event.at)
            happened += self._apply(event)
        self.now = max(self.now, until)
        return happened

    def _first_of_all(self) -> Event:
        first = min(self.books.next_event(), self._agenda.first() or self.books.next_event())
        dormancy = self._dormancy()
        return first if dormancy is None else min(first, dormancy)

    def _next_split(self, until: Instant | None) -> Event | None:
        for event, split in self.books.splits_ahead():
            if until is not None and event.at > until:
                return None
            if self._touched_by(split):
                return event
        return None

    def _touched_by(self, split: Split) -> bool:
        if self._registry.on_contract(split.conid):
            return True
        return any(account.quantity(split.conid) for account in self.books.accounts.values())

    def _dormancy(self) -> Event | None:
        """Ninety days without login end every GTC order [T-34]."""
        away = self.away_since()
        if away is None:
            return None
        dormant = Event(away + DORMANT_AFTER, RANK["dormant"], 0, "dormant", 0)
        return dormant if self._registry.lasting() else None

    def _apply(self, event: Event) -> int:
        if event.what == "night":
            self.books.night()
            return 0
        if event.what in ("split", "dividend"):
            return self._act(self.books.take_action())
        if event.what == "dormant":
            self._end_lasting()
            return 1
        order = self.orders[event.order_id]
        if event.what == "match":
            self._floor.print_reached(order)
            # Also where nothing came of it, what comes next is later.
            self._agenda.changed(order)
        else:
            self.end(order, "cancelled", None)
        return 1

    def _act(self, action: Split | Dividend) -> int:
        if isinstance(action, Split):
            return self._split(action)
        self.books.go_ex(action)
        return 0

    def _end_lasting(self) -> None:
        for order in self._registry.lasting():
            if order.live:
                self.end(order, "cancelled", "no login for 90 days")

    def _split(self, split: Split) -> int:
        """Shares multiply; every order on the contract is cancelled at the broker [T-34]."""
        ordered = self._registry.on_contract(split.conid)
        for order in ordered:
            if order.live:
                self.end(order, "cancelled", f"{split.words} split")
        if self.books.split(split, self.now) or ordered:
            self._tell(split)
            return 1
        return 0

    # --- matching

    def match_now(self, order: Order) -> None:
        """Trade on arrival against the quote, while the contract trades."""
        self._floor.arrive(order)

    def traded(self, order: Order, execution: Execution) -> None:
        """Book a fill and let it move the order's family."""
        booked, entries = self.books.apply(execution)
        self._remember(booked)
        self._tell(booked)
        for entry in entries:
            self._tell(entry)
        if order.remaining == 0:
            self.end(order, "filled", None)
        else:
            self.changed(order)
        self._after_fill(order, execution.quantity)

    def _after_fill(self, order: Order, quantity: int) -> None:
        for sibling in self._registry.siblings(order):
            self._shrink(sibling, quantity, done=not order.live)
        for child in self.children(order):
            self._release(order, child)
            self.match_now(child)

    def _shrink(self, sibling: Order, quantity: int, *, done: bool) -> None:
        if not sibling.live:
            return
        if families.shrink(sibling, quantity, done=done):
            self.changed(sibling)
        else:
            self.end(sibling, "cancelled", "OCA group filled")

    def _release(self, parent: Order, child: Order) -> None:
        if families.release(self.switches, parent, child):
            families.wake(child, self.mark(child.conid), self.now)
            self.changed(child)

    # --- endings

    def end(self, order: Order, state: State, reason: str | None) -> None:
        """An order is over, and what hangs on it."""
        order.state = state
        order.reason, order.ended_at, order.cancel_at = reason, self.now, None
        self._registry.ended(order)
        self.changed(order)
        if state != "filled":
            for child in families.orphan(self.switches, order, self.children(order), self.end):
                self._release(order, child)
                self.match_now(child)

    # --- telling

    def changed(self, order: Order) -> None:
        """An order is not what it was."""
        order.updated_at = self.now
        self._agenda.changed(order)
        self._tell(order)

    def _tell(self, changed: Changed) -> None:
        for listener in self.listeners:
            listener(changed)

    def _remember(self, execution: Execution) -> None:
        self.executions.append(execution)
        if execution.corrects is not None:
            self._replaced.add(execution.corrects)

    def restore(self, orders: Iterable[Order], executions: Iterable[Execution]) -> None:
        """Take back what an earlier process had kept, at the instant it had reached."""
        self.books.begin_at(self.now)
        for execution in executions:
            self._remember(execution)
        for order in sorted(orders, key=attrgetter("sequence")):
            self._registry.know(order)
            self._agenda.changed(order)
