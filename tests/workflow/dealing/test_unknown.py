"""Stories of lost answers, crashes and duplicates: at most one order per intent, whatever happens."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import timedelta

import pytest

from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.dealing.service import Dealing
from glassdesk.workflow.orders.bracket import Reservation, payload_digest
from glassdesk.workflow.orders.model import IntentState, Order, OrderState, Outcome, Role, Ticket
from glassdesk.workflow.risk.model import HaltLevel
from tests.workflow.dealing.desk import TestDesk, a_desk
from tests.workflow.dealing.makers import MSFT, WINDOW

MINUTE = timedelta(minutes=1)
NOT_REMEDIED = "S265598: no new stop is placed"


class KilledError(Exception):
    """The process ends here."""


def killed_around_the_call(desk: TestDesk, *, arrived: bool) -> None:
    """The next placement kills the desk, before or after the broker took it."""
    place = desk.broker.place

    def die(tickets: Sequence[Ticket]) -> Outcome:
        if arrived:
            place(tickets)
        raise KilledError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(desk.broker), "place", lambda _, tickets: die(tickets))
        with pytest.raises(KilledError):
            desk.run_until(WINDOW)


def test_a_lost_answer_is_found_by_the_client_order_id() -> None:
    desk = a_desk()
    desk.broker.next_place = ["lost_after"]
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW)
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.UNKNOWN
    assert "Order of unknown fate" in desk.told()
    desk.run_until(WINDOW + timedelta(seconds=10))
    legs = desk.legs(reservation)
    assert {order.state for order in legs.values()} == {OrderState.WORKING}
    # T-31: the children were found by their parent's broker id.
    assert len({order.broker_order_id for order in legs.values()}) == 3
    assert len(desk.broker.placed) == 1


def test_an_order_that_never_arrived_is_sent_again_with_the_same_payload_after_the_quorum() -> None:
    desk = a_desk()
    desk.broker.next_place = ["lost_before"]
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW + timedelta(seconds=70))
    assert desk.broker.placed == []
    desk.run_until(WINDOW + 3 * MINUTE)
    entry = desk.legs(reservation)[Role.ENTRY]
    assert (entry.state, entry.sends) == (OrderState.WORKING, 2)
    [tickets] = desk.broker.placed
    assert tickets[0].coid == reservation.orders[0].coid
    sends = desk.read(lambda t: desk.stores.orders.sends(t, entry.order))
    assert {send.payload_sha256 for send in sends} == {payload_digest(tickets)}
    negatives = [
        f for f in desk.read(lambda t: desk.parts.tracking.facts(t, entry.order)) if f.kind == "negative"
    ]
    assert len(negatives) == 8
    # §2.6: the first at least 60 s after the send could last have arrived, all at least 6 s apart.
    assert negatives[0].observed_at >= WINDOW + timedelta(seconds=75)
    gaps = [b.observed_at - a.observed_at for a, b in itertools.pairwise(negatives)]
    assert min(gaps) >= timedelta(seconds=6)


def test_a_canary_halves_the_quorum() -> None:
    desk = a_desk()
    desk.reserve_entry()
    desk.run_until(WINDOW)
    desk.broker.next_place = ["lost_before"]
    lost = desk.reserve_entry(conid=272093)
    desk.run_until(WINDOW + 3 * MINUTE)
    entry = desk.legs(lost)[Role.ENTRY]
    negatives = [
        f for f in desk.read(lambda t: desk.parts.tracking.facts(t, entry.order)) if f.kind == "negative"
    ]
    assert (entry.state, len(negatives)) == (OrderState.WORKING, 4)


def test_without_proof_of_duplicate_refusal_what_never_arrived_is_given_up_watched_and_told() -> None:
    desk = a_desk(dedupe_proven=False)
    desk.broker.next_place = ["lost_before"]
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW + 10 * MINUTE)
    legs = desk.legs(reservation)
    assert {order.state for order in legs.values()} == {OrderState.ABANDONED}
    assert "sending again is off until the probe has run" in legs[Role.ENTRY].note
    assert desk.intent_state(reservation) is IntentState.EXPIRED
    assert desk.broker.placed == []
    assert "Order abandoned" in desk.told()
    assert "An order needs a person" not in desk.told()


def test_without_proof_an_order_that_arrives_after_all_is_adopted_and_cancelled() -> None:
    desk = a_desk(dedupe_proven=False)
    desk.broker.next_place = ["lost_after"]
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW)
    late = list(desk.broker.orders.values())
    for one in late:
        one.listed = False
    desk.run_until(WINDOW + 10 * MINUTE)
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.ABANDONED
    for one in late:
        one.listed = True
    desk.read_again()
    assert "Order adopted" in desk.told()
    desk.run_until(WINDOW + 12 * MINUTE)
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.CANCELLED


def test_T_36_without_proof_an_exit_that_never_arrived_keeps_its_shares_promised_and_a_person_is_asked() -> (
    None
):
    desk = a_desk(dedupe_proven=False)
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW)
    desk.broker.fill(desk.legs(reservation)[Role.ENTRY].coid, 10, "170.10")
    desk.run_until(WINDOW + 10 * MINUTE)
    desk.broker.next_modify = ["reject"]
    desk.broker.next_place = ["lost_before"]
    leaving = desk.reserve_exit(desk.legs(reservation)[Role.TARGET])
    desk.run_until(WINDOW + 20 * MINUTE)
    sell = desk.order(leaving.intents[0].intent)
    # Were it given up, a new stop could sell what a late arrival of it sells as well (chaos: E2, seed 3001).
    assert (sell.role, sell.state) == (Role.EXIT, OrderState.NEEDS_OPERATOR)
    assert "An order needs a person" in desk.told()
    assert len(desk.broker.placed) == 1


def an_exit_that_never_arrives(desk: TestDesk, times: int) -> Order:
    """Its window is over long before the verdict; the target cannot be moved, so it is a sell of its own."""
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW)
    desk.broker.fill(desk.legs(reservation)[Role.ENTRY].coid, 10, "170.10")
    desk.run_until(WINDOW + 10 * MINUTE)
    desk.broker.next_modify = ["reject"]
    desk.broker.next_place = ["lost_before"] * times
    leaving = desk.reserve_exit(desk.legs(reservation)[Role.TARGET], window=MINUTE)
    desk.run_until(WINDOW + 30 * MINUTE)
    return desk.order(leaving.intents[0].intent)


def test_T_36_a_sell_that_never_arrived_goes_out_again_with_the_same_id_whatever_its_window() -> None:
    desk = a_desk()
    sell = an_exit_that_never_arrives(desk, 1)
    assert (sell.role, sell.state) == (Role.EXIT, OrderState.WORKING)
    assert [ticket.coid for tickets in desk.broker.placed[1:] for ticket in tickets] == [sell.coid]
    assert "Order abandoned" not in desk.told()


def test_T_36_a_sell_that_never_arrives_is_a_persons_and_nothing_is_placed_beside_it() -> None:
    desk = a_desk()
    sell = an_exit_that_never_arrives(desk, 3)
    assert (sell.state, sell.sends) == (OrderState.NEEDS_OPERATOR, 3)
    assert len(desk.broker.placed) == 1
    assert "An order needs a person" in desk.told()


def test_failing_reads_never_make_a_verdict_and_a_person_is_asked_after_five_minutes() -> None:
    desk = a_desk()
    desk.broker.next_place = ["lost_after"]
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW)
    desk.broker.broken_reads = True
    desk.run_until(WINDOW + 4 * MINUTE)
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.UNKNOWN
    desk.broker.broken_reads = False
    desk.run_until(WINDOW + 5 * MINUTE)
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.WORKING


def test_after_the_window_an_order_that_never_arrived_is_given_up_not_sent() -> None:
    desk = a_desk()
    reservation = desk.reserve_entry()
    desk.at(WINDOW + 54 * MINUTE)
    desk.broker.next_place = ["lost_before"]
    desk.run_until(WINDOW + 60 * MINUTE)
    assert {order.state for order in desk.legs(reservation).values()} == {OrderState.ABANDONED}
    assert desk.intent_state(reservation) is IntentState.EXPIRED
    assert desk.broker.placed == []


def test_an_abandoned_order_that_shows_up_late_is_adopted_and_cancelled() -> None:
    desk = a_desk()
    reservation = desk.reserve_entry()
    desk.at(WINDOW + 54 * MINUTE)
    desk.broker.next_place = ["lost_after"]
    desk.turn()
    late = list(desk.broker.orders.values())
    for one in late:
        one.listed = False
    desk.run_until(WINDOW + 60 * MINUTE)
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.ABANDONED
    for one in late:
        one.listed = True
    desk.read_again()
    assert "Order adopted" in desk.told()
    desk.run_until(WINDOW + 62 * MINUTE)
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.CANCELLED


def test_T_20_no_second_decision_while_an_entry_that_was_given_up_may_still_arrive() -> None:
    """Chaos, E2 seed 1797: the first one arrived five minutes after it was given up, beside another."""
    desk = a_desk(dedupe_proven=False)
    desk.broker.next_place = ["lost_before"]
    first = desk.reserve_entry()
    desk.run_until(WINDOW + 20 * MINUTE)
    assert desk.legs(first)[Role.ENTRY].state is OrderState.ABANDONED
    second, other = desk.reserve_entry(), desk.reserve_entry(MSFT)
    desk.run_until(WINDOW + 30 * MINUTE)
    assert desk.legs(second)[Role.ENTRY].note == "denied at send: LATE_ARRIVAL"
    assert desk.legs(other)[Role.ENTRY].state is OrderState.WORKING


def test_an_entry_that_surely_never_left_is_in_nobodys_way() -> None:
    desk = a_desk(dedupe_proven=False)
    desk.broker.next_place = ["not_sent"]
    first = desk.reserve_entry()
    desk.run_until(WINDOW)
    dealing = Dealing(desk.stores.commands, desk.parts.audit, desk.clock)
    desk.write(lambda t: dealing.ask(t, CommandKind.CANCEL_INTENT, first.intents[0].intent, "owner"))
    desk.turn()
    entry = desk.legs(first)[Role.ENTRY]
    assert (entry.state, entry.sends) == (OrderState.CANCELLED, 1)
    second = desk.reserve_entry()
    desk.run_until(WINDOW + 10 * MINUTE)
    assert desk.legs(second)[Role.ENTRY].state is OrderState.WORKING


def test_R_WATCH_a_late_arrival_is_seen_within_a_minute_while_nothing_else_is_under_way() -> None:
    """Chaos: whole desk, seed 43: it worked on for 196 s until the next look at what was given up."""
    desk = a_desk(dedupe_proven=False)
    desk.broker.next_place = ["lost_before"]
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW + 50 * MINUTE)
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.ABANDONED
    assert desk.turn() == desk.clock.now() + MINUTE
    desk.run_until(WINDOW + 70 * MINUTE)
    assert desk.turn() == desk.clock.now() + 5 * MINUTE


def test_R_WATCH_an_entry_that_was_denied_when_it_should_go_out_again_is_watched_too() -> None:
    desk = a_desk()
    desk.broker.next_place = ["lost_before"]
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW + MINUTE)
    desk.write(lambda t: desk.parts.risk.set_halt(t, HaltLevel.HALT_CANCEL_ENTRIES, "test", "owner"))
    desk.run_until(WINDOW + 10 * MINUTE)
    entry = desk.legs(reservation)[Role.ENTRY]
    assert (entry.state, entry.sends, entry.broker_order_id) == (OrderState.CANCELLED, 1, None)
    assert desk.turn() == desk.clock.now() + MINUTE


def test_R_ABSENT_what_the_second_look_shows_is_taken_in_at_once() -> None:
    """Chaos: E2, seed 1085: it had just arrived; the lists before and after that look showed nothing."""
    desk = a_desk(dedupe_proven=False)
    desk.broker.next_place = ["lost_after"]
    reservation = desk.reserve_entry()
    desk.broker.shown_to_the_second_look = True
    desk.run_until(WINDOW + 4 * MINUTE)
    assert {order.state for order in desk.legs(reservation).values()} == {OrderState.WORKING}


def given_up_and_filled(desk: TestDesk, *later: str, ended: OrderState = OrderState.ABANDONED) -> Reservation:
    """An entry that was over arrives late and fills; trades show it before any list does. `later`: what
    becomes of the requests after the first."""
    desk.broker.next_place = ["lost_after", *later]
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW)
    late = list(desk.broker.orders.values())
    for one in late:
        one.listed = False
    desk.broker.forgets_unlisted = True
    desk.run_until(WINDOW + 10 * MINUTE)
    assert {order.state for order in desk.legs(reservation).values()} == {ended}
    desk.broker.fill(late[0].ticket.coid, 10, "170.10")
    desk.read_again()
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.FILLED
    return reservation


def test_T_32_the_stop_that_arrives_with_a_late_entry_gets_no_second_beside_it() -> None:
    """Chaos: E1, seed 1: its entry's fill was read before the list showed the bracket."""
    desk = a_desk(dedupe_proven=False)
    reservation = given_up_and_filled(desk)
    for one in desk.broker.orders.values():
        one.listed = True
    desk.read_again()
    desk.run_until(WINDOW + 13 * MINUTE)
    assert desk.legs(reservation)[Role.STOP].state is OrderState.WORKING
    assert len(desk.broker.placed) == 1
    assert NOT_REMEDIED not in desk.told()


def test_T_32_a_refusal_of_the_second_send_says_nothing_of_the_stop_that_went_out_with_the_first() -> None:
    """Chaos: E1, seed 24: the first request was of unknown fate, the second was declined, the first came late
    and filled at once."""
    desk = a_desk()
    reservation = given_up_and_filled(desk, "decline", ended=OrderState.REJECTED)
    desk.run_until(desk.clock.now() + timedelta(seconds=20))
    assert len(desk.broker.placed) == 2, "no stop of its own beside the one that came with the entry"
    for one in desk.broker.orders.values():
        one.listed = True
    desk.read_again()
    assert desk.legs(reservation)[Role.STOP].state is OrderState.WORKING
    desk.run_until(desk.clock.now() + 3 * MINUTE)
    assert len(desk.broker.placed) == 2


def test_T_32_the_stop_of_a_late_entry_that_the_broker_never_names_is_a_persons() -> None:
    desk = a_desk(dedupe_proven=False)
    given_up_and_filled(desk)
    desk.run_until(WINDOW + 15 * MINUTE)
    assert len(desk.broker.placed) == 1
    assert desk.told().count(NOT_REMEDIED) == 1
    assert "S265598 is not protected" in desk.told()


@pytest.mark.parametrize("arrived", [True, False])
def test_a_crash_between_the_send_and_its_outcome_leaves_one_order_at_the_broker(arrived: bool) -> None:
    desk = a_desk()
    reservation = desk.reserve_entry()
    killed_around_the_call(desk, arrived=arrived)
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.SENDING
    desk.restart()
    desk.turn()
    assert desk.read(desk.stores.orders.open_sends) == []
    desk.run_until(WINDOW + 4 * MINUTE)
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.WORKING
    entries = [one for one in desk.broker.orders.values() if one.parent is None]
    assert len(entries) == 1


def test_a_crash_right_after_the_sending_row_was_written_before_anything_left() -> None:
    desk = a_desk()
    reservation = desk.reserve_entry()
    killed_around_the_call(desk, arrived=False)
    # I-04: the row of the send is durable although the broker never saw it.
    order = desk.legs(reservation)[Role.ENTRY]
    [send] = desk.read(lambda t: desk.stores.orders.sends(t, order.order))
    assert (send.verb, send.outcome) == ("place", None)


def test_a_duplicate_is_refused_by_the_broker_and_resolved_by_looking() -> None:
    desk = a_desk()
    desk.broker.next_place = ["lost_after"]
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW)
    hidden = list(desk.broker.orders.values())
    for one in hidden:
        one.listed = False
    desk.run_until(WINDOW + 150 * timedelta(seconds=1))
    # The quorum was wrong: the same client order id went out again and was refused [F-53].
    assert len(desk.broker.placed) == 2
    assert len([one for one in desk.broker.orders.values() if one.parent is None]) == 1
    for one in hidden:
        one.listed = True
    desk.run_until(WINDOW + 170 * timedelta(seconds=1))
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.WORKING


def test_not_sent_goes_back_to_reserved_and_is_tried_again() -> None:
    desk = a_desk()
    desk.broker.next_place = ["not_sent", "not_sent"]
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW + MINUTE)
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.WORKING
    assert desk.legs(reservation)[Role.ENTRY].sends == 3
    assert len(desk.broker.placed) == 1
