"""The broker in memory: predictable, honest about what it was told, and no kinder than the real one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from glassdesk.adapters.memory import MemoryBell, MemoryBroker, MemoryChannel
from glassdesk.kernel.errors import Conflict, NotFound, SessionNotReady, Unavailable
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.market_data.model import Bar, BarSize
from glassdesk.workflow.notifications.messages import compose
from glassdesk.workflow.notifications.model import Notification, Severity
from glassdesk.workflow.orders.model import Outcome, OutcomeKind, Role, Ticket
from glassdesk.workflow.session.model import Account, SessionState
from tests.adapters.laws.makers import AAPL, ACCOUNT, MINUTE, NOON, a_run, an_intent, an_order

APPLE = Contract(
    conid=AAPL, symbol="AAPL", name="APPLE INC", sec_type="STK", exchange="NASDAQ", currency="USD"
)
RUN = a_run()
MAIN = an_intent(RUN)
ENTRY = an_order(MAIN).ticket
STOP = an_order(an_intent(RUN, "stop", role=Role.STOP, parent=MAIN.intent)).ticket
TARGET = an_order(an_intent(RUN, "target", role=Role.TARGET, parent=MAIN.intent)).ticket
BRACKET = (ENTRY, STOP, TARGET)


@pytest.fixture
def broker() -> MemoryBroker:
    return MemoryBroker(Account(account=ACCOUNT, is_paper=True), [APPLE])


def statuses(broker: MemoryBroker) -> list[str]:
    return [row.status for row in broker.live_orders().rows]


def buy(broker: MemoryBroker, *tickets: Ticket, quantity: int | None = None) -> None:
    broker.place(tickets)
    part = None if quantity is None else Decimal(quantity)
    broker.fill(tickets[0].coid, Decimal(170), at=NOON, quantity=part)


def test_a_bracket_rests_with_numbers_in_order_and_its_children_wait(broker: MemoryBroker) -> None:
    outcome = broker.place(BRACKET)
    assert outcome.kind is OutcomeKind.ACCEPTED
    assert [told.broker_order_id for told in outcome.acknowledged] == ["1001", "1002", "1003"]
    assert statuses(broker) == ["Submitted", "PreSubmitted", "PreSubmitted"]
    assert [row.parent_id for row in broker.live_orders().rows] == [None, "1001", "1001"]


def test_a_filled_entry_wakes_its_children_and_moves_shares_and_cash(broker: MemoryBroker) -> None:
    buy(broker, *BRACKET)
    assert statuses(broker) == ["Filled", "Submitted", "Submitted"]
    (held,) = broker.positions(ACCOUNT)
    assert (held.quantity, held.average_cost) == (Decimal(5), Decimal(170))
    assert broker.balances(ACCOUNT).cash == Decimal(100_000) - 5 * 170 - 1
    assert broker.balances(ACCOUNT).net_liquidation == Decimal(99_999)


def test_one_child_cancels_the_other(broker: MemoryBroker) -> None:
    buy(broker, *BRACKET)
    broker.fill(STOP.coid, Decimal(160), at=NOON, quantity=Decimal(2))
    assert statuses(broker) == ["Filled", "Submitted", "Submitted"]
    rest = broker.order_status("1003")
    assert rest is not None
    assert rest.remaining == 3
    broker.fill(STOP.coid, Decimal(160), at=NOON)
    assert statuses(broker) == ["Filled", "Filled", "Cancelled"]
    assert [held.quantity for held in broker.positions(ACCOUNT)] == [0]


def test_the_same_client_id_is_not_taken_twice(broker: MemoryBroker) -> None:
    broker.place([ENTRY])
    assert broker.place([ENTRY]).kind is OutcomeKind.EXISTS
    assert len(broker.live_orders().rows) == 1


def test_an_unknown_answer_hides_an_order_that_lives(broker: MemoryBroker) -> None:
    broker.answers.append(Outcome(kind=OutcomeKind.UNKNOWN))
    assert broker.place([ENTRY]) == Outcome(kind=OutcomeKind.UNKNOWN)
    assert [row.order_ref for row in broker.live_orders().rows] == [ENTRY.coid]


@pytest.mark.parametrize("kind", [OutcomeKind.REJECTED, OutcomeKind.NOT_SENT, OutcomeKind.DECLINED])
def test_any_other_answer_means_that_nothing_arrived(broker: MemoryBroker, kind: OutcomeKind) -> None:
    broker.answers.append(Outcome(kind=kind, text="no"))
    assert broker.place([ENTRY]).kind is kind
    assert broker.live_orders().rows == ()
    assert broker.writes == [("place", (ENTRY,))]


def test_a_cancelled_parent_takes_its_waiting_children_along(broker: MemoryBroker) -> None:
    broker.place(BRACKET)
    assert broker.cancel(ACCOUNT, "1001").kind is OutcomeKind.ACCEPTED
    assert statuses(broker) == ["Cancelled"] * 3
    assert broker.cancel(ACCOUNT, "1001").kind is OutcomeKind.UNKNOWN


def test_a_partly_filled_parent_leaves_its_children(broker: MemoryBroker) -> None:
    buy(broker, *BRACKET, quantity=2)
    broker.cancel(ACCOUNT, "1001")
    assert statuses(broker) == ["Cancelled", "Submitted", "Submitted"]


def test_a_modification_replaces_price_and_quantity(broker: MemoryBroker) -> None:
    broker.place([ENTRY])
    broker.modify("1001", replace(ENTRY, price=Decimal(99)))
    row = broker.order_status("1001")
    assert row is not None
    assert row.price == Decimal(99)
    assert broker.modify("7", ENTRY).kind is OutcomeKind.UNKNOWN


def test_a_fill_beyond_what_remains_is_refused(broker: MemoryBroker) -> None:
    broker.place([ENTRY])
    with pytest.raises(Conflict, match="remain"):
        broker.fill(ENTRY.coid, Decimal(170), at=NOON, quantity=Decimal(6))
    broker.end("1001")
    with pytest.raises(Conflict, match="Cancelled"):
        broker.fill(ENTRY.coid, Decimal(170), at=NOON)
    with pytest.raises(NotFound):
        broker.fill("nobody", Decimal(170), at=NOON)


def test_the_first_list_of_a_session_can_be_made_unknown(broker: MemoryBroker) -> None:
    broker.place([ENTRY])
    broker.complete = False
    assert broker.live_orders().complete is False
    assert broker.live_orders().rows == ()


def test_a_session_that_is_down_reads_and_sends_nothing(broker: MemoryBroker) -> None:
    broker.logout()
    for read in (
        broker.accounts,
        broker.live_orders,
        lambda: broker.trades(1),
        lambda: broker.balances(ACCOUNT),
    ):
        with pytest.raises(SessionNotReady, match="signed_out"):
            read()
    assert broker.place([ENTRY]).kind is OutcomeKind.NOT_SENT
    assert broker.repair(seen_at=NOON).state is SessionState.SIGNED_OUT


def test_a_session_without_a_bridge_is_repaired_and_a_competing_one_on_request(broker: MemoryBroker) -> None:
    broker.state = SessionState.NO_BRIDGE
    assert broker.repair(seen_at=NOON).ready
    broker.state = SessionState.COMPETING
    assert not broker.repair(seen_at=NOON).ready
    assert broker.repair(seen_at=NOON, compete=True).ready
    assert [account.account for account in broker.accounts()] == [ACCOUNT]


def test_contracts_bars_and_quotes_are_the_ones_given(broker: MemoryBroker) -> None:
    bars = tuple(
        Bar(
            start=NOON + timedelta(days=day),
            session=(NOON + timedelta(days=day)).date(),
            open=Decimal(1),
            high=Decimal(2),
            low=Decimal(1),
            close=Decimal(2),
            volume=Decimal(100),
        )
        for day in range(5)
    )
    broker.bars[AAPL, BarSize.DAY] = bars
    broker.quote(AAPL, Decimal(170), Decimal("170.02"), at=NOON)
    assert broker.search("apple") == broker.stocks(["AAPL"])["AAPL"] == [APPLE]
    assert broker.rules(AAPL, fetched_at=NOON).tick_at(Decimal(170)) == Decimal("0.01")
    later = NOON + timedelta(days=2)
    assert broker.history(AAPL, BarSize.DAY, 2, read_at=later).bars == tuple(bars[1:3])
    assert not broker.history(7, BarSize.DAY, 2, read_at=NOON).bars
    assert broker.quotes([AAPL, 7], read_at=NOON + MINUTE)[AAPL].read_at == NOON + MINUTE
    with pytest.raises(NotFound):
        broker.contract(7)


def test_the_same_story_gives_the_same_books() -> None:
    def told() -> tuple[object, ...]:
        fresh = MemoryBroker(Account(account=ACCOUNT, is_paper=True), [APPLE])
        buy(fresh, *BRACKET, quantity=3)
        return fresh.trades(1), fresh.live_orders(), fresh.balances(ACCOUNT)

    assert told() == told()


def test_a_bell_and_a_channel_remember() -> None:
    bell, channel = MemoryBell(), MemoryChannel()
    bell.ring("run")
    told = Notification(key="k", severity=Severity.INFO, title="t", body="", ref="", created_at=NOON)
    note = compose([told], "row 1")
    channel.check()
    channel.send(note)
    channel.broken = True
    with pytest.raises(Unavailable):
        channel.send(note)
    assert (bell.rung, channel.sent, channel.tries) == (["run"], [note], 2)
