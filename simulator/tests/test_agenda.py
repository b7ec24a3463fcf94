"""The work of passing time grows with what happens, not with what rests. Counted, not timed."""

from collections import Counter
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from ibkr_simulator.exchange.accounts import Account
from ibkr_simulator.exchange.events import RANK, Agenda, Event
from ibkr_simulator.exchange.exchange import Changed, Exchange
from ibkr_simulator.exchange.market import Market, Watch
from ibkr_simulator.exchange.orders import Order, Side, Ticket
from ibkr_simulator.instants import DAY, HOUR, Instant, parse
from ibkr_simulator.switches import Switches
from simulator.tests.small_tape import small_market
from simulator.tests.support import AAPL, IBM

START = parse("2012-01-03T15:00:00Z")
DAYS = 250
RESTING = 50


class Counting(Market):
    """Counts how often it is asked to look ahead."""

    searches = 0

    def first_crossing(self, watch: Watch, after: Instant, until: Instant | None) -> Instant | None:
        """As its parent, counted."""
        self.searches += 1
        return super().first_crossing(watch, after, until)


def quiet() -> tuple[Exchange, Counting, Counter[str]]:
    """An exchange on flat days with fifty orders that never trade, and what it tells."""
    tape = small_market(date(2012, 1, 3), date(2012, 12, 31), [5_000]).tape
    market, told = Counting(tape, 7), Counter[str]()
    exchange = Exchange(market, [Account(account_id="DU1")], Switches(), 7, START)
    exchange.fund(10**9, "start")

    def count(changed: Changed) -> None:
        told[type(changed).__name__] += 1

    for number in range(RESTING):
        side: Side = "BUY" if number % 2 else "SELL"
        price = 4_000 - number if side == "BUY" else 6_000 + number
        ticket = Ticket(conid=AAPL, side=side, kind="LMT", tif="GTC", quantity=1, limit=price)
        exchange.match_now(exchange.book(ticket))
    exchange.listeners.append(count)
    return exchange, market, told


def test_orders_that_rest_are_looked_ahead_once_however_often_time_moves() -> None:
    exchange, market, told = quiet()
    exchange.next_event()
    assert market.searches == RESTING
    for number in range(DAYS * 24):
        exchange.advance(START + number * HOUR // 2)
        exchange.next_event()
    assert market.searches == RESTING
    # A night tells of every account, and nothing else happens.
    assert told == {"Account": DAYS // 2}


def test_a_fill_costs_a_look_at_what_it_changed_and_a_few_rows() -> None:
    exchange, market, told = quiet()
    exchange.next_event()
    market.searches = 0
    trades = 0
    for day in range(1, 100):
        exchange.advance(START + day * DAY)
        for number in range(10):
            side: Side = "BUY" if number % 2 else "SELL"
            ticket = Ticket(conid=IBM, side=side, kind="MKT", tif="IOC", quantity=1)
            exchange.match_now(exchange.book(ticket))
        exchange.next_event()
        trades = len(exchange.executions)
    assert trades > 600
    assert market.searches == 0
    assert told["Execution"] == trades
    assert told["CashEntry"] <= 3 * trades
    assert told["Order"] <= 2 * 990


def test_only_the_contract_that_moved_is_looked_ahead_again() -> None:
    exchange, market, _ = quiet()
    ticket = Ticket(conid=IBM, side="BUY", kind="LMT", tif="GTC", quantity=10, limit=4_500)
    order = exchange.book(ticket)
    exchange.next_event()
    market.searches = 0
    for change in range(20):
        exchange.modify(order, quantity=10, limit=4_500 - change, stop=None, tif="GTC")
        exchange.next_event()
    assert market.searches == 20


def some_order(number: int) -> Order:
    return Order(
        order_id=number,
        sequence=number,
        account="DU1",
        conid=AAPL,
        symbol="AAPL",
        side="BUY",
        kind="LMT",
        tif="GTC",
        quantity=1,
        placed_at=0,
        updated_at=0,
    )


steps = st.lists(st.tuples(st.integers(1, 6), st.none() | st.integers(0, 50)), max_size=40)


@given(steps)
def test_the_agenda_names_the_earliest_event_of_all_whatever_changed(
    changes: list[tuple[int, int | None]],
) -> None:
    times: dict[int, int | None] = {}
    orders = {number: some_order(number) for number in range(1, 7)}

    def look(order: Order) -> Event | None:
        at = times.get(order.order_id)
        return None if at is None else Event(at, RANK["match"], order.sequence, "match", order.order_id)

    agenda = Agenda(look)
    for number, at in changes:
        times[number] = at
        agenda.changed(orders[number])
        expected = min((event for order in orders.values() if (event := look(order))), default=None)
        assert agenda.first() == expected
