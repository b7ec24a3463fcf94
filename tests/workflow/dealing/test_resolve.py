"""T-75: what nobody can settle waits for a person, who sees the evidence, names a state and says why."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from glassdesk.kernel.canonical import canonical_text, decode_text
from glassdesk.workflow.dealing.model import Command, CommandKind, Resolution
from glassdesk.workflow.dealing.service import Dealing
from glassdesk.workflow.order_tracking.evidence import Look
from glassdesk.workflow.orders.bracket import Reservation
from glassdesk.workflow.orders.model import IntentState, OrderState, Role
from glassdesk.workflow.session.model import SessionState
from tests.workflow.dealing.desk import TestDesk, a_desk
from tests.workflow.dealing.makers import CLOSE, WINDOW

MINUTE = timedelta(minutes=1)


def handed_over(*, arrived: bool) -> tuple[TestDesk, Reservation]:
    """A lost answer, and reads that fail until the five minutes are over; the order shows nowhere."""
    desk = a_desk(dedupe_proven=False)
    desk.broker.next_place = ["lost_after" if arrived else "lost_before"]
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW - MINUTE)
    desk.at(WINDOW)
    desk.turn()
    for one in desk.broker.orders.values():
        one.listed = False
    desk.broker.broken_reads = True
    desk.run_until(WINDOW + 6 * MINUTE)
    desk.broker.broken_reads = False
    assert {order.state for order in desk.legs(reservation).values()} == {OrderState.NEEDS_OPERATOR}
    return desk, reservation


def asked(desk: TestDesk, order: str, state: OrderState | None = None, reason: str = "") -> Command:
    """What the dealer answers to a person; a second later, so that each wish is one of its own."""
    desk.at(desk.clock.now() + timedelta(seconds=6))
    dealing = Dealing(desk.stores.commands, desk.parts.audit, desk.clock)
    argument = canonical_text(Resolution(order=order, state=state, reason=reason))
    wish = desk.write(lambda t: dealing.ask(t, CommandKind.RESOLVE_ORDER, argument, "owner"))
    desk.turn()
    answer = desk.read(lambda t: dealing.answer(t, wish.command))
    assert answer.done_at is not None
    return answer


def seen(desk: TestDesk, order: str) -> dict[OrderState, str]:
    """What speaks against each state."""
    look = decode_text(Look, asked(desk, order).result)
    return {choice.state: choice.against for choice in look.choices}


def test_T_75_a_person_sees_the_evidence_and_what_each_state_would_mean() -> None:
    desk, reservation = handed_over(arrived=False)
    look = decode_text(Look, asked(desk, reservation.orders[0].order).result)
    assert look.evidence.complete
    assert (look.evidence.row, look.evidence.filled) == (None, Decimal(0))
    allowed = {choice.state for choice in look.choices if not choice.against}
    assert allowed == {OrderState.ABANDONED, OrderState.CANCELLED, OrderState.REJECTED}
    assert all(choice.meaning for choice in look.choices)
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.NEEDS_OPERATOR


def test_T_75_a_person_settles_an_order_that_never_arrived_and_its_legs_go_with_it() -> None:
    desk, reservation = handed_over(arrived=False)
    answer = asked(desk, reservation.orders[0].order, OrderState.ABANDONED, "not in TWS either")
    assert answer.result == "the order is abandoned now, with 2 of its legs"
    assert {order.state for order in desk.legs(reservation).values()} == {OrderState.ABANDONED}
    assert desk.intent_state(reservation) is IntentState.DONE
    entry = desk.legs(reservation)[Role.ENTRY]
    [written] = [
        f for f in desk.read(lambda t: desk.parts.tracking.facts(t, entry.order)) if f.kind == "operator"
    ]
    assert (written.status, written.detail) == ("abandoned", "owner: not in TWS either")
    rows = desk.read(lambda t: desk.stores.audit.entries(t, after=0, limit=10_000))
    [row] = [one for one in rows if one.kind == "order.resolved" and one.ref == f"order:{entry.order}"]
    assert (row.actor, "not in TWS either" in row.body) == ("owner", True)
    assert desk.broker.placed == []


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (OrderState.ABANDONED, "the broker shows it as Submitted, with 10 remaining"),
        (OrderState.CANCELLED, "the broker shows it as Submitted, with 10 remaining"),
        (OrderState.FILLED, "0 of 10 are filled in the ledger; a fill is never invented"),
    ],
)
def test_T_75_what_the_broker_visibly_contradicts_is_refused_with_the_reason(
    state: OrderState, why: str
) -> None:
    desk, reservation = handed_over(arrived=True)
    for one in desk.broker.orders.values():
        one.listed = True
    entry = desk.legs(reservation)[Role.ENTRY]
    answer = asked(desk, entry.order, state, "I say so")
    assert answer.result.startswith("refused: ")
    assert why in answer.result
    assert desk.order(entry).state is OrderState.NEEDS_OPERATOR


def test_T_75_a_visibly_living_order_is_given_back_to_the_desk() -> None:
    desk, reservation = handed_over(arrived=True)
    for one in desk.broker.orders.values():
        one.listed = True
    answer = asked(desk, reservation.orders[0].order, OrderState.WORKING, "it rests in TWS")
    assert answer.result == "the order is working now"
    desk.broker.fill(reservation.orders[0].coid, 10, "169.50")
    desk.run_until(WINDOW + 8 * MINUTE)
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.FILLED


def test_T_75_absence_says_nothing_while_the_broker_holds_shares_that_nothing_explains() -> None:
    desk, reservation = handed_over(arrived=False)
    desk.broker.opening[265598] = Decimal(10)
    against = seen(desk, reservation.orders[0].order)
    assert against[OrderState.ABANDONED] == (
        "the broker holds 10 shares more than the ledger explains: it may have traded"
    )


def test_T_75_a_living_order_in_the_queue_still_ends_with_its_time() -> None:
    desk, reservation = handed_over(arrived=True)
    for one in desk.broker.orders.values():
        one.listed = True
    # The day's end comes: nobody has looked at the queue.
    desk.run_until(CLOSE + 2 * MINUTE)
    entry = desk.legs(reservation)[Role.ENTRY]
    assert (entry.state, len(desk.broker.cancelled)) == (OrderState.NEEDS_OPERATOR, 1)
    assert not any(one.live for one in desk.broker.orders.values())
    # Settled by what the broker says of it now.
    answer = asked(desk, entry.order, OrderState.CANCELLED, "cancelled at the close")
    assert answer.result == "the order is cancelled now"


def test_I_53_living_legs_in_the_queue_shrink_to_what_their_entry_bought() -> None:
    desk, reservation = handed_over(arrived=True)
    for one in desk.broker.orders.values():
        one.listed = True
    desk.broker.fill(reservation.orders[0].coid, 4, "169.50")
    # Its time cancels the entry. The legs were sold for ten: what they sell beyond four would be a short.
    desk.run_until(CLOSE + 2 * MINUTE)
    legs = desk.legs(reservation)
    assert {order.state for order in legs.values()} == {OrderState.NEEDS_OPERATOR}
    sells = [one for one in desk.broker.orders.values() if one.live]
    assert [one.ticket.quantity - one.filled for one in sells] == [4, 4]


def test_T_75_the_alarm_repeats_while_anything_waits() -> None:
    desk, reservation = handed_over(arrived=False)
    desk.run_until(WINDOW + 3 * 60 * MINUTE)
    again = desk.told().count("An order still needs a person")
    assert again == 3 * 2
    asked(desk, reservation.orders[0].order, OrderState.ABANDONED, "not in TWS either")
    desk.run_until(WINDOW + 5 * 60 * MINUTE)
    assert desk.told().count("An order still needs a person") == again


def test_a_word_that_nobody_knows_is_settled_once_not_again_at_each_reading() -> None:
    desk = a_desk()
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW)
    desk.broker.by_coid(reservation.orders[0].coid).status = "WarnState"
    desk.run_until(WINDOW + MINUTE)
    entry = desk.legs(reservation)[Role.ENTRY]
    assert entry.state is OrderState.NEEDS_OPERATOR
    assert asked(desk, entry.order, OrderState.WORKING, "TWS shows it green").result.endswith("working now")
    desk.run_until(WINDOW + 3 * MINUTE)
    assert desk.order(entry).state is OrderState.WORKING
    desk.broker.by_coid(entry.coid).status = "AnotherWord"
    desk.run_until(WINDOW + 5 * MINUTE)
    assert desk.order(entry).state is OrderState.NEEDS_OPERATOR


@pytest.mark.parametrize("state", [OrderState.SENDING, OrderState.UNKNOWN, OrderState.RESERVED])
def test_T_75_a_person_names_only_states_that_an_order_can_be_in(state: OrderState) -> None:
    desk, reservation = handed_over(arrived=False)
    assert "is not for you to say" in asked(desk, reservation.orders[0].order, state, "why not").result


def test_T_75_a_decision_needs_a_reason_and_an_order_that_waits() -> None:
    desk, reservation = handed_over(arrived=False)
    order = reservation.orders[0].order
    assert "no reason given" in asked(desk, order, OrderState.ABANDONED, "  ").result
    asked(desk, order, OrderState.ABANDONED, "not in TWS either")
    assert "it waits for nobody" in asked(desk, order, OrderState.CANCELLED, "once more").result


@pytest.mark.parametrize("broken", ["reads", "session"])
def test_I_52_an_order_of_unknown_fate_reaches_a_person_within_five_minutes_whatever_fails(
    broken: str,
) -> None:
    desk = a_desk()
    desk.broker.next_place = ["lost_after"]
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW)
    if broken == "reads":
        desk.broker.broken_reads = True
    else:
        desk.broker.state = SessionState.COMPETING
    desk.run_until(WINDOW + 5 * MINUTE)
    desk.turn()
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.NEEDS_OPERATOR
    assert "An order needs a person" in desk.told()


def test_I_52_dealers_that_die_within_a_minute_one_after_the_other_hand_over_all_the_same() -> None:
    desk = a_desk()
    desk.broker.next_place = ["lost_after"]
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW)
    desk.broker.broken_reads = True
    for number in range(1, 11):
        desk.run_until(WINDOW + number * timedelta(seconds=40))
        desk.restart()
    # Five minutes, the minute of the first dealer that began after them, and a pass.
    assert desk.clock.now() < WINDOW + 7 * MINUTE
    desk.turn()
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.NEEDS_OPERATOR


def test_I_52_a_dealer_that_begins_later_looks_before_it_hands_over() -> None:
    desk = a_desk()
    desk.broker.next_place = ["lost_after"]
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW)
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.UNKNOWN
    desk.at(WINDOW + 30 * MINUTE)
    desk.restart()
    desk.turn()
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.WORKING
