"""A person changes an order at the broker: one attempt, within I-53, T-36 and the decision's own bounds."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from glassdesk.kernel.canonical import canonical_text
from glassdesk.workflow.dealing.model import CommandKind, Modification
from glassdesk.workflow.dealing.service import Dealing
from glassdesk.workflow.orders.bracket import Reservation
from glassdesk.workflow.orders.model import Order, OrderState, Role
from glassdesk.workflow.risk.model import HaltLevel
from tests.workflow.dealing.desk import TestDesk, a_desk
from tests.workflow.dealing.makers import WINDOW

MINUTE = timedelta(minutes=1)
TARGET = Decimal(200)


def working() -> tuple[TestDesk, Reservation]:
    """A bracket whose entry works at 170.17, its stop at 165.01, its target at 200."""
    desk = a_desk()
    reservation = desk.reserve_entry(target=TARGET)
    desk.run_until(WINDOW + MINUTE)
    return desk, reservation


def holding() -> tuple[TestDesk, dict[Role, Order]]:
    """Ten shares with their stop and target."""
    desk, reservation = working()
    desk.broker.fill(reservation.orders[0].coid, 10, "170.00")
    desk.run_until(WINDOW + 3 * MINUTE)
    return desk, desk.legs(reservation)


def wish(desk: TestDesk, order: Order, *, price: str | None = None, quantity: str | None = None) -> str:
    """Write a person's wish down; answers its identity."""
    wanted = Modification(
        order=order.order,
        price=None if price is None else Decimal(price),
        quantity=None if quantity is None else Decimal(quantity),
    )
    desk.at(desk.clock.now() + timedelta(seconds=21))
    dealing = Dealing(desk.stores.commands, desk.parts.audit, desk.clock)
    argument = canonical_text(wanted)
    return desk.write(lambda t: dealing.ask(t, CommandKind.MODIFY_ORDER, argument, "owner")).command


def asked(desk: TestDesk, order: Order, **change: str) -> str:
    """What the dealer answers."""
    command = wish(desk, order, **change)
    desk.turn()
    found = desk.read(lambda t: desk.stores.commands.get(t, command))
    assert found is not None
    return found.result


def test_a_person_loosens_a_stop_once_and_the_desk_keeps_it() -> None:
    desk, legs = holding()
    assert asked(desk, legs[Role.STOP], price="160.00") == "changed"
    desk.run_until(WINDOW + 8 * MINUTE)
    stop = desk.order(legs[Role.STOP])
    assert (stop.ticket.price, stop.state, stop.note) == (
        Decimal(160),
        OrderState.WORKING,
        "changed by owner",
    )
    assert [ticket.price for _, ticket in desk.broker.modified] == [Decimal(160)]


@pytest.mark.parametrize(
    ("role", "change", "why"),
    [
        (Role.STOP, {"quantity": "11"}, "stops for 11 shares, and 10 are held or being bought [I-53]"),
        (Role.STOP, {"quantity": "9"}, "1 shares would have no stop"),
        (Role.STOP, {"price": "169.95"}, "the bid is 169.9: it would sell at once"),
        (Role.STOP, {"price": "200.00"}, "it would sell at once"),
        (Role.STOP, {"price": "165.01"}, "it is so already"),
        (Role.STOP, {"price": "160.005"}, "160.005 is not on the grid of 0.01"),
        (Role.TARGET, {"quantity": "11"}, "11 shares, and 10 are held or being bought [T-36]"),
        (Role.TARGET, {"price": "165.00"}, "its stop is at 165.01"),
        (Role.ENTRY, {"price": "170.00"}, "the order is filled"),
    ],
)
def test_what_the_rules_forbid_is_refused_and_never_sent(
    role: Role, change: dict[str, str], why: str
) -> None:
    desk, legs = holding()
    answer = asked(desk, legs[role], **change)
    assert answer.startswith("refused: ")
    assert why in answer
    assert desk.broker.modified == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"quantity": "11"}, "an entry only shrinks"),
        ({"price": "171.01"}, "the decision pays 171.004 at most [T-21]"),
        ({"price": "165.01"}, "its stop is at 165.01"),
        ({"quantity": "0.5"}, "no whole number"),
    ],
)
def test_T_21_an_entry_pays_no_more_and_buys_no_more_than_was_decided(
    change: dict[str, str], why: str
) -> None:
    desk, reservation = working()
    assert why in asked(desk, desk.legs(reservation)[Role.ENTRY], **change)
    assert desk.broker.modified == []


def test_an_entry_is_moved_within_its_decision() -> None:
    desk, reservation = working()
    assert asked(desk, desk.legs(reservation)[Role.ENTRY], price="168.50") == "changed"
    assert desk.legs(reservation)[Role.ENTRY].ticket.price == Decimal("168.50")


def test_a_lost_answer_is_not_tried_again_and_the_next_reading_shows_it() -> None:
    desk, legs = holding()
    desk.broker.next_modify = ["lost_after"]
    answer = asked(desk, legs[Role.STOP], price="160.00")
    assert answer == "sent once; what became of it is not known: the next reading shows it"
    assert desk.order(legs[Role.STOP]).ticket.price == Decimal("165.01")
    desk.run_until(WINDOW + 6 * MINUTE)
    assert desk.order(legs[Role.STOP]).ticket.price == Decimal(160)
    assert len(desk.broker.modified) == 1


def test_a_command_that_a_dying_dealer_had_begun_is_not_begun_again() -> None:
    desk, legs = holding()
    command = wish(desk, legs[Role.STOP], price="160.00")
    done = type(desk.stores.commands).done
    with pytest.MonkeyPatch.context() as patch:

        def die(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(type(desk.stores.commands), "done", die)
        with pytest.raises(KeyboardInterrupt):
            desk.turn()
    assert type(desk.stores.commands).done is done
    assert len(desk.broker.modified) == 1
    desk.restart()
    desk.run_until(WINDOW + 5 * MINUTE)
    found = desk.read(lambda t: desk.stores.commands.get(t, command))
    assert found is not None
    assert found.result == "changed"
    assert len(desk.broker.modified) == 1


def test_T_50_nothing_is_changed_while_the_desk_is_frozen() -> None:
    desk, legs = holding()
    desk.write(lambda t: desk.parts.risk.set_halt(t, HaltLevel.FREEZE, "storm", "owner"))
    assert "the kill switch says FREEZE" in asked(desk, legs[Role.STOP], price="160.00")
    assert desk.broker.modified == []


def test_an_order_that_an_exit_moves_is_left_to_it() -> None:
    desk, legs = holding()
    desk.reserve_exit(legs[Role.TARGET])
    answer = asked(desk, legs[Role.TARGET], price="190.00")
    assert "an exit moves this order" in answer
