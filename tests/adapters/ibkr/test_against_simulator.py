"""The broker against a simulated gateway over real TLS: a morning of a desk, and what may go wrong in it."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from glassdesk.adapters.clocks import SystemStopwatch
from glassdesk.adapters.ibkr import Broker, Call, connect
from glassdesk.adapters.ibkr.http import pinned
from glassdesk.adapters.simulation import ControlPlane, Endpoint, SimulatedClock
from glassdesk.kernel.errors import InvalidInput, NotFound
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.market_data.model import BarSize, Quote
from glassdesk.workflow.order_tracking.model import OrderRow
from glassdesk.workflow.orders.model import OutcomeKind, Ticket
from glassdesk.workflow.session.model import SessionState
from tests.adapters.ibkr.gateway import ACCOUNT
from tests.adapters.ibkr.tickets import AAPL, ENTRY, STOP, TARGET
from tests.adapters.simulation.running import simulator

pytestmark = pytest.mark.process
OPEN = datetime(2012, 10, 1, 14, 0, tzinfo=UTC)


@dataclass
class Morning:
    """Signed in, half an hour after the open, with a quote."""

    broker: Broker
    control: ControlPlane
    clock: SimulatedClock
    calls: list[Call]
    quote: Quote
    endpoint: Endpoint

    def entry(self, name: str, *, below: str = "5") -> Ticket:
        """A BUY that does not fill at once, with a client id of its own per test."""
        assert self.quote.ask is not None
        price = self.quote.ask - Decimal(below)
        return replace(ENTRY, coid=f"gd1s{name:a<20}", price=price, quantity=Decimal(5))

    def bracket(self, name: str) -> tuple[Ticket, Ticket, Ticket]:
        entry = self.entry(name)
        assert entry.price is not None
        stop = replace(STOP, coid=f"gd1s{name:b<20}", price=entry.price - 20)
        target = replace(TARGET, coid=f"gd1s{name:c<20}", price=entry.price + 15)
        stop, target = (
            replace(child, parent_coid=entry.coid, quantity=entry.quantity) for child in (stop, target)
        )
        return entry, stop, target

    def row(self, number: str) -> OrderRow:
        rows = self.broker.order_tracking.live_orders().rows
        return next(row for row in rows if row.broker_order_id == number)

    def by_ref(self, coid: str) -> list[OrderRow]:
        return [row for row in self.broker.order_tracking.live_orders().rows if row.order_ref == coid]


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    switches = {"pacing": "full", "questions": "o10331,o163"}
    with simulator(tmp_path_factory.mktemp("home"), start=date(2012, 10, 1), switches=switches) as running:
        yield running


@pytest.fixture(scope="module")
def desk(endpoint: Endpoint) -> Iterator[tuple[Broker, ControlPlane, SimulatedClock, list[Call]]]:
    clock, control, calls = SimulatedClock(endpoint), ControlPlane(endpoint), list[Call]()
    broker = connect(endpoint.url, endpoint.cert, clock, SystemStopwatch(), calls.append, ACCOUNT)
    with ExitStack() as stack:
        stack.callback(control.close)
        stack.callback(clock.close)
        stack.callback(broker.close)
        yield broker, control, clock, calls


@pytest.fixture
def morning(
    desk: tuple[Broker, ControlPlane, SimulatedClock, list[Call]], endpoint: Endpoint
) -> Iterator[Morning]:
    broker, control, clock, calls = desk
    with clock.working("desk", "dealer"):
        if not control.health()["signed_in"]:
            assert broker.session.status(seen_at=clock.now()).state is SessionState.SIGNED_OUT
            control.switch(two_factor_seconds="300")
            control.sign_in()
            clock.wait_until(clock.now() + timedelta(seconds=60))
            assert broker.session.status(seen_at=clock.now()).state is SessionState.TWO_FACTOR
            control.switch(two_factor_seconds="0")
            control.sign_in()
        clock.wait_until(OPEN)
        assert broker.session.status(seen_at=clock.now()).ready
        quote = broker.market_data.quotes([AAPL], read_at=clock.now())[AAPL]
        yield Morning(broker, control, clock, calls, quote, endpoint)
        control.disarm()


def test_signed_in_the_account_is_paper(morning: Morning) -> None:
    (account,) = morning.broker.session.accounts()
    assert (account.account, account.is_paper, account.currency) == (ACCOUNT, True, "USD")
    assert morning.broker.session.keep_alive(seen_at=OPEN).ready
    assert morning.broker.portfolio.balances(ACCOUNT).currency == "USD"


def test_apple_is_found_among_its_foreign_listings(morning: Morning) -> None:
    found = morning.broker.contracts.search("AAPL")
    apple = next(one for one in found if one.currency == "USD")
    assert apple == Contract(
        conid=AAPL, symbol="AAPL", name="APPLE INC", sec_type="STK", exchange="NASDAQ", currency="USD"
    )
    assert apple in morning.broker.contracts.stocks(["AAPL"])["AAPL"]
    assert morning.broker.contracts.contract(AAPL) == apple
    rules = morning.broker.contracts.rules(AAPL, fetched_at=OPEN)
    assert rules.can_trade
    assert rules.tick_at(Decimal(600)) == Decimal("0.01")
    hours = morning.broker.contracts.hours(AAPL, "NASDAQ")
    assert hours[0].session == date(2012, 10, 1)
    assert hours[0].contains(OPEN)
    with pytest.raises(NotFound):
        morning.broker.contracts.contract(1)


def test_daily_bars_end_with_the_running_day(morning: Morning) -> None:
    bars = morning.broker.market_data.history(AAPL, BarSize.DAY, 300, read_at=OPEN).bars
    assert len(bars) >= 300
    assert [bar.session for bar in bars[-2:]] == [date(2012, 9, 28), date(2012, 10, 1)]
    assert all(bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high for bar in bars)
    assert bars[-2].volume > 1_000_000


@pytest.mark.parametrize("size", [BarSize.MIN_5, BarSize.MIN_15, BarSize.HOUR_1, BarSize.WEEK, BarSize.MONTH])
def test_every_bar_size_pages_without_gaps_or_repetition(morning: Morning, size: BarSize) -> None:
    bars = morning.broker.market_data.history(AAPL, size, 120, read_at=OPEN).bars
    starts = [bar.start for bar in bars]
    assert starts == sorted(set(starts))
    assert len(starts) >= 120


def test_a_quote_is_real_time_and_fresh(morning: Morning) -> None:
    quote = morning.quote
    assert quote.real_time
    assert quote.mid is not None
    assert quote.updated_at is not None
    assert timedelta(0) <= quote.read_at - quote.updated_at < timedelta(seconds=30)


def test_a_bracket_is_accepted_after_its_questions_and_seen_leg_by_leg(morning: Morning) -> None:
    legs = morning.bracket("bracket")
    outcome = morning.broker.orders.place(legs)
    assert outcome.kind is OutcomeKind.ACCEPTED, outcome
    assert set(outcome.questions) <= {"o10331:yes", "o163:yes"}
    assert "o10331:yes" in outcome.questions
    assert [one.coid for one in outcome.acknowledged] == [leg.coid for leg in legs]

    listed = morning.broker.order_tracking.live_orders()
    assert listed.complete
    entry, stop, target = (morning.row(one.broker_order_id) for one in outcome.acknowledged)
    assert (entry.order_ref, entry.price, entry.order_type) == (legs[0].coid, legs[0].price, "LMT")
    assert (stop.order_type, stop.tif, stop.price) == ("STP", "GTC", legs[1].price)
    assert stop.parent_id == target.parent_id == entry.broker_order_id
    status = morning.broker.order_tracking.order_status(stop.broker_order_id)
    assert status is not None
    assert (status.order_type, status.price) == ("STP", legs[1].price)
    assert status.remaining == stop.remaining == 5
    assert morning.broker.order_tracking.order_status("999999999") is None


def test_the_first_list_of_a_session_is_not_believed(morning: Morning) -> None:
    accepted = morning.broker.orders.place((morning.entry("first"),))
    morning.control.sign_out()
    morning.control.sign_in()
    assert accepted.acknowledged[0].broker_order_id in [
        row.broker_order_id for row in morning.broker.order_tracking.live_orders().rows
    ]


def test_a_modified_price_is_seen_and_a_cancelled_order_ends(morning: Morning) -> None:
    ticket = morning.entry("change")
    (placed,) = morning.broker.orders.place((ticket,)).acknowledged
    assert ticket.price is not None
    lower = replace(ticket, price=ticket.price - 1)
    assert morning.broker.orders.modify(placed.broker_order_id, lower).kind is OutcomeKind.ACCEPTED
    assert morning.row(placed.broker_order_id).price == lower.price
    assert morning.broker.orders.cancel(ACCOUNT, placed.broker_order_id).kind is OutcomeKind.ACCEPTED
    morning.clock.wait_until(morning.clock.now() + timedelta(seconds=5))
    assert morning.row(placed.broker_order_id).status == "Cancelled"
    again = morning.broker.orders.cancel(ACCOUNT, placed.broker_order_id)
    assert (again.kind, again.http_status) == (OutcomeKind.REJECTED, 400)


@pytest.mark.parametrize("status", ["200", "400"])
def test_a_client_id_used_before_exists(morning: Morning, status: str) -> None:
    morning.control.switch(duplicate_coid=status)
    ticket = morning.entry(f"twice{status}".replace("200", "x").replace("400", "y"))
    assert morning.broker.orders.place((ticket,)).kind is OutcomeKind.ACCEPTED
    assert morning.broker.orders.place((ticket,)).kind is OutcomeKind.EXISTS
    morning.control.switch(duplicate_coid="200")


def test_a_lost_answer_is_unknown_and_the_order_is_found_by_its_client_id(morning: Morning) -> None:
    ticket = morning.entry("lost")
    before = len(morning.control.truth("orders"))
    morning.control.arm(22)
    assert morning.broker.orders.place((ticket,)).kind is OutcomeKind.UNKNOWN
    assert len(morning.control.truth("orders")) == before + 1
    assert [row.status for row in morning.by_ref(ticket.coid)] == ["Submitted"]


def test_a_half_live_bracket_names_its_parent(morning: Morning) -> None:
    legs = morning.bracket("half")
    morning.control.arm(52)
    outcome = morning.broker.orders.place(legs)
    assert outcome.kind is OutcomeKind.UNKNOWN
    assert legs[0].coid in [one.coid for one in outcome.acknowledged]
    assert len(outcome.acknowledged) < 3


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (45, OutcomeKind.DECLINED),
        (46, OutcomeKind.DECLINED),
        (47, OutcomeKind.DECLINED),
        (50, OutcomeKind.REJECTED),
        (51, OutcomeKind.UNKNOWN),
    ],
)
def test_a_fault_at_the_broker_leads_to_its_outcome_and_no_order(
    morning: Morning, fault: int, kind: OutcomeKind
) -> None:
    before = len(morning.control.truth("orders"))
    morning.control.arm(fault)
    assert morning.broker.orders.place((morning.entry(f"fault{fault}".translate(_LETTERS)),)).kind is kind
    assert len(morning.control.truth("orders")) == before


_LETTERS = str.maketrans("0123456789", "abcdefghij")


def test_a_limit_order_that_fills_is_an_execution_with_its_commission(morning: Morning) -> None:
    ticket = morning.entry("fills", below="-1")
    assert morning.broker.orders.place((ticket,)).kind is OutcomeKind.ACCEPTED
    morning.clock.wait_until(morning.clock.now() + timedelta(minutes=2))
    fills = [one for one in morning.broker.order_tracking.trades(1) if one.order_ref == ticket.coid]
    assert sum(one.quantity for one in fills) == 5
    assert all(one.commission is not None and one.account == ACCOUNT for one in fills)
    held = {one.conid: one.quantity for one in morning.broker.positions.positions(ACCOUNT)}
    assert held[AAPL] == 5
    assert morning.broker.portfolio.balances(ACCOUNT).cash < 100_000


def test_a_session_that_ended_is_repaired_once_and_serves_again(morning: Morning) -> None:
    morning.control.arm(2)
    state = morning.broker.session.status(seen_at=morning.clock.now()).state
    assert state is not SessionState.READY
    assert morning.broker.session.repair(seen_at=morning.clock.now(), compete=True).ready
    assert morning.broker.order_tracking.live_orders().complete


def test_a_desk_that_keeps_to_its_pace_never_meets_a_429(morning: Morning) -> None:
    for _ in range(20):
        morning.broker.session.status(seen_at=morning.clock.now())
    assert [call for call in morning.calls if call.status == 429] == []


def test_three_restarts_within_one_simulated_second_wait_and_meet_no_429(
    morning: Morning, tmp_path: Path
) -> None:
    for _ in range(4):
        calls: list[Call] = []
        life = connect(
            morning.endpoint.url,
            morning.endpoint.cert,
            morning.clock,
            SystemStopwatch(),
            calls.append,
            ACCOUNT,
            memory=tmp_path,
        )
        for _ in range(5):
            assert life.session.status(seen_at=morning.clock.now()).ready
        life.close()
        assert [call.status for call in calls] == [200] * 5


def test_no_write_was_ever_sent_twice(morning: Morning) -> None:
    writes = [(call.path, call.request) for call in morning.calls if call.write and call.method == "POST"]
    once = [one for one in writes if one[0].startswith("/iserver/reply/")]
    assert len(once) == len(set(once))


def test_another_certificate_is_not_trusted(morning: Morning, certificate: Path, tmp_path: Path) -> None:
    stranger = connect(
        morning.endpoint.url,
        str(certificate),
        morning.clock,
        SystemStopwatch(),
        morning.calls.append,
        ACCOUNT,
    )
    assert stranger.session.status(seen_at=OPEN).state is SessionState.UNREACHABLE
    assert stranger.orders.place((morning.entry("tls"),)).kind is OutcomeKind.NOT_SENT
    stranger.close()
    with pytest.raises(InvalidInput):
        pinned(str(tmp_path / "missing.pem"))


def test_threads_that_share_the_gate_in_simulated_time_all_come_through(morning: Morning) -> None:
    """A thread that waits for its turn must not hold up time for the others: nothing here may stand still."""
    seen: list[int] = []

    def worker(number: int) -> None:
        with (
            morning.clock.working(f"worker-{number}", "worker"),
            morning.broker.gate.purpose(f"run:{number}"),
        ):
            for _ in range(6):
                morning.broker.market_data.history(AAPL, BarSize.DAY, 20, read_at=OPEN)
            morning.broker.order_tracking.live_orders()
            seen.append(number)

    threads = [threading.Thread(target=worker, args=(number,), daemon=True) for number in range(6)]
    for thread in threads:
        thread.start()
    for name in ("betweena", "betweenb", "betweenc"):
        assert morning.broker.orders.place(morning.bracket(name)).kind is OutcomeKind.ACCEPTED
    # This thread is in the round too, so it waits there and not in `join`, which would stop time for all.
    until = morning.clock.now() + timedelta(minutes=2)
    morning.clock.wait_until(until)
    for thread in threads:
        thread.join(timeout=10)
    assert sorted(seen) == list(range(6))
    assert [call for call in morning.calls if call.status == 429] == []
    assert {call.purpose for call in morning.calls} >= {f"run:{number}" for number in range(6)}


def test_a_sign_in_that_waits_for_the_phone_is_told_from_signed_out(morning: Morning) -> None:
    morning.control.switch(two_factor_seconds="90")
    morning.control.sign_out()
    morning.control.sign_in()
    begun = morning.clock.now()
    assert morning.broker.session.status(seen_at=begun).state is SessionState.TWO_FACTOR
    morning.clock.wait_until(begun + timedelta(seconds=90))
    assert morning.broker.session.status(seen_at=morning.clock.now()).ready
    morning.control.switch(two_factor_seconds="0")
