"""Placing orders: F-45 to F-54, F-64 to F-66."""

from collections import Counter

import pytest

from glassdesk.kernel.errors import ReadFailed
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.orders.bracket import Reservation
from glassdesk.workflow.orders.model import IntentState, OrderState, OutcomeKind, Role, SendRow
from ibkr_simulator.exchange.orders import Ticket
from tests.faults.conftest import Make
from tests.faults.looking import facts, live_stops, orders_sent, told
from tests.faults.stage import AAPL, IBM, MINUTE, SECOND, Stage


def sends(stage: Stage, reservation: Reservation) -> list[SendRow]:
    """Every write of an entry, with its outcome."""
    order = reservation.orders[0].order
    return list(stage.read(lambda t: stage.ground.stores.orders.sends(t, order)))


def questions(stage: Stage, reservation: Reservation) -> tuple[str, ...]:
    """What was answered to what was asked."""
    outcome = sends(stage, reservation)[0].outcome
    assert outcome is not None
    return outcome.questions


def assert_refused_for_good(stage: Stage, reservation: Reservation) -> None:
    """Nothing is at the broker, the decision is over, a person knows, and it is not tried again."""
    stage.run(4 * MINUTE)
    assert set(stage.states(reservation).values()) == {OrderState.REJECTED}
    assert stage.intent_state(reservation) is IntentState.DONE
    assert told(stage, "Order rejected") is Severity.WARNING
    assert orders_sent(stage) == (1, 0)


def test_F_45_question(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    # The risk of a stop is asked for our stop leg: known, and wanted.
    first = stage.reserve_entry(limit=stage.price() - 5)
    stage.run(20 * SECOND)
    assert questions(stage, first) == ("o10331:yes",)
    assert orders_sent(stage) == (1, 1)
    # The size of the order is not.
    stage.arm(45, message_id="o451")
    second = stage.reserve_entry(IBM, limit=stage.price(IBM) - 5)
    stage.run(3 * MINUTE)
    assert "o451:no" in questions(stage, second)
    assert set(stage.states(second).values()) == {OrderState.REJECTED}
    assert told(stage, "Order rejected") is Severity.WARNING
    assert orders_sent(stage) == (2, 1)


def test_F_46_chained_questions(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    stage.arm(46, depth=3)
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run(20 * SECOND)
    # Every link of the chain is looked at: the second one ends it.
    assert questions(stage, reservation) == ("o10331:yes", "o354:no")
    assert_refused_for_good(stage, reservation)


def test_a_chain_of_known_questions_is_answered_to_its_end(make: Make) -> None:
    stage = make(poll=6 * SECOND, questions="o10331,o163")
    stage.run(10 * SECOND)
    reservation = stage.reserve_entry()
    stage.run(20 * SECOND)
    # The stop's risk, and the price of a target that waits far away.
    assert questions(stage, reservation) == ("o10331:yes", "o163:yes")
    assert stage.entry_state(reservation) is OrderState.FILLED
    assert orders_sent(stage) == (1, 1)


def test_F_47_unknown_question(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    stage.arm(47, message_id="o77777")
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run(20 * SECOND)
    assert questions(stage, reservation)[-1] == "o77777:no"
    assert_refused_for_good(stage, reservation)


def test_F_48_reply_expired(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    stage.arm(48)
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run(MINUTE)
    # That it was not taken is believed only once nothing of it was seen often enough.
    assert set(stage.states(reservation).values()) == {OrderState.UNKNOWN}
    assert orders_sent(stage) == (1, 0)
    stage.run(3 * MINUTE)
    assert len(facts(stage, reservation.orders[0], "negative")) == 8
    again = sends(stage, reservation)
    assert [send.payload_sha256 for send in again] == [again[0].payload_sha256] * 2
    assert set(stage.states(reservation).values()) == {OrderState.WORKING}
    assert Counter(one.coid for one in stage.entries()) == {reservation.orders[0].coid: 1}


def test_F_49_shape_drift(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    stage.arm(49, count=5)
    reservation = stage.reserve_entry()
    stage.run(20 * SECOND)
    assert stage.entry_state(reservation) is OrderState.FILLED
    assert (live_stops(stage), orders_sent(stage)) == ([10], (1, 1))


def test_F_50_rejected_with_200(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    text = "The order could not be accepted for a reason that nobody has listed."
    stage.arm(50, text=text)
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run(MINUTE)
    # Words that nobody knows prove nothing: of unknown fate until it is seen that nothing lives.
    assert set(stage.states(reservation).values()) == {OrderState.UNKNOWN}
    assert_refused_for_good(stage, reservation)
    assert stage.legs(reservation)[Role.ENTRY].note == text


def test_F_51_advanced_reject(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    stage.arm(51)
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run(20 * SECOND)
    assert questions(stage, reservation) == ("p12:no",)
    [answer] = stage.requests("/iserver/notification", "POST")
    assert answer["body"]["text"] == "No"
    assert_refused_for_good(stage, reservation)


def test_F_52_bracket_half_live(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    stage.arm(52)
    reservation = stage.reserve_entry()
    stage.run(20 * SECOND)
    # The parent was filled before its stop failed: the position has one stop, an order of its own.
    stop = stage.legs(reservation)[Role.STOP]
    assert (stop.state, stop.note) == (OrderState.REJECTED, "Invalid child order")
    assert told(stage, "A leg of a bracket failed") is Severity.ALARM
    assert stop.ticket.price is not None
    [live] = [one for one in stage.truth() if one.live]
    assert (live.kind, live.remaining, live.stop) == ("STP", 10, int(stop.ticket.price * 100))
    stage.run(3 * MINUTE)
    assert (live_stops(stage), len(stage.entries())) == ([10], 1)
    assert not any("not protected" in title for title in stage.titles())


def test_an_unfilled_entry_whose_stop_failed_is_cancelled(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    stage.arm(52)
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run(20 * SECOND)
    assert stage.entry_state(reservation) is OrderState.CANCELLED
    assert [one.state for one in stage.entries()] == ["cancelled"]
    stage.run(5 * MINUTE)
    assert not [one for one in stage.truth() if one.live]


def test_without_the_probe_a_lost_stop_is_told_and_nothing_is_placed(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.unproven()
    stage.run(10 * SECOND)
    stage.arm(52)
    stage.reserve_entry()
    stage.run(2 * MINUTE)
    assert stage.placements() == 1
    assert live_stops(stage) == []
    assert {"AAPL has lost its stop", "AAPL is not protected"} <= set(stage.titles())


def test_F_53_duplicate_coid(make: Make) -> None:
    for status in (200, 400):
        stage = make(poll=6 * SECOND)
        stage.run(10 * SECOND)
        stage.arm(53, status=status)
        stage.arm(40, seconds=20)
        reservation = stage.reserve_entry(limit=stage.price() - 5)
        stage.run(10 * SECOND)
        [send] = sends(stage, reservation)
        assert send.outcome is not None
        assert send.outcome.kind is OutcomeKind.EXISTS
        # It was accepted earlier: looked up, neither over nor sent under another id.
        assert set(stage.states(reservation).values()) == {OrderState.UNKNOWN}
        stage.run(2 * MINUTE)
        assert set(stage.states(reservation).values()) == {OrderState.WORKING}
        assert Counter(one.coid for one in stage.entries()) == {reservation.orders[0].coid: 1}
        assert orders_sent(stage) == (1, 1)


def test_F_54_duplicate_coid_not_refused(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.arm(54)
    stage.run(10 * SECOND)
    # The broker has it, shows it nowhere, and would take it again: our own rows forbid it.
    stage.arm(22, endpoint="reply")
    stage.arm(43, seconds=900)
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run(10 * MINUTE)
    assert stage.entry_state(reservation) is OrderState.ABANDONED
    assert told(stage, "Order abandoned") is Severity.WARNING
    assert orders_sent(stage) == (1, 1)
    # Given up is watched: the broker shows it after all.
    stage.run(10 * MINUTE)
    assert told(stage, "Order adopted") is Severity.ALARM
    assert stage.entry_state(reservation) is OrderState.CANCELLED
    assert orders_sent(stage) == (1, 1)


def test_F_64_more_than_15_orders_a_side(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    owners_orders(stage, 14)
    stage.run(MINUTE)
    reservation = stage.reserve_entry()
    stage.run(20 * SECOND)
    # Counted here, before the broker has to refuse it.
    assert stage.intent_state(reservation) is IntentState.DENIED
    assert orders_sent(stage) == (0, 0)
    verdicts = stage.read(lambda t: stage.desk.risk.verdicts(t, reservation.intents[0].run))
    assert [v.rule for _, v in verdicts if not v.passed and v.denies] == ["WORKING_ORDERS"]


def test_a_refusal_for_too_many_orders_is_final(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    stage.arm(64)
    reservation = stage.reserve_entry()
    assert_refused_for_good(stage, reservation)


def owners_orders(stage: Stage, number: int) -> None:
    """Sells of the owner's far above the market."""
    for each in range(number):
        ticket = Ticket(conid=AAPL, side="SELL", kind="LMT", tif="GTC", quantity=1, limit=90_000 + each)
        stage.world.exchange.book(ticket).source = "person"


REFUSALS = (
    "No trading permissions.",
    "The price does not conform to the minimum price variation for this contract.",
    "YOUR EQUITY WITH LOAN VALUE [1000.00 USD] MUST EXCEED THE INITIAL MARGIN [2000.00 USD]",
)


def test_F_65_no_permission_or_funds(make: Make) -> None:
    for text in REFUSALS:
        stage = make(poll=6 * SECOND)
        stage.run(10 * SECOND)
        stage.arm(65, text=text)
        reservation = stage.reserve_entry()
        assert_refused_for_good(stage, reservation)
        assert stage.legs(reservation)[Role.ENTRY].note == text


def test_F_66_what_if_without_numbers(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    stage.arm(66)
    ticket = stage.reserve_entry(limit=stage.price() - 5).orders[0].ticket
    # Numbers that are none are no answer, and nothing follows from them.
    with pytest.raises(ReadFailed, match="NA"):
        stage.broker.probe.preview(ticket)
    assert stage.truth() == []
