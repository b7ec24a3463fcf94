"""A person's yes is for one exact order, once; it is over by its time, by drift, and never itself a send."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from glassdesk.kernel.errors import Conflict
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.orders.bracket import Reservation
from glassdesk.workflow.orders.model import Approval, IntentState, Role
from glassdesk.workflow.strategies.model import Approval as Policy
from glassdesk.workflow.strategies.model import StrategyRow
from tests.workflow.dealing import desk as desks
from tests.workflow.dealing.desk import TestDesk, a_desk
from tests.workflow.dealing.makers import AAPL, WINDOW, a_strategy

MINUTE = timedelta(minutes=1)


def waiting() -> tuple[TestDesk, Reservation]:
    desk = a_desk()
    return desk, desk.reserve_entry(state=IntentState.AWAITING_APPROVAL)


def denied_by_approval(desk: TestDesk, reservation: Reservation) -> str:
    """What the rule saw right before the send."""
    verdicts = desk.read(lambda t: desk.parts.risk.verdicts(t, reservation.intents[0].run))
    [found] = [v for moment, v in verdicts if (moment, v.rule) == ("send", "APPROVAL")]
    assert not found.passed
    return found.observed


def test_a_yes_is_stored_with_the_digest_of_the_exact_order_and_checked_at_the_send() -> None:
    desk, reservation = waiting()
    main = reservation.intents[0]
    exact = desk.read(lambda t: desk.parts.orders.payload(t, main))
    desk.write(lambda t: desk.parts.orders.approve(t, main.intent, "owner", payload=exact))
    given = desk.read(lambda t: desk.parts.orders.approval(t, main.intent))
    assert given is not None
    assert (given.payload_sha256, given.actor) == (exact, "owner")
    desk.run_until(WINDOW)
    # It went out at the ask, cheaper than the limit that was approved.
    assert desk.legs(reservation)[Role.ENTRY].ticket.price == Decimal("170.17")
    assert len(desk.broker.placed) == 1


def test_a_yes_to_another_order_is_refused() -> None:
    desk, reservation = waiting()
    main = reservation.intents[0]
    with pytest.raises(Conflict, match="not the order that the page showed"):
        desk.write(lambda t: desk.parts.orders.approve(t, main.intent, "owner", payload="0" * 64))
    with pytest.raises(Conflict, match="not the order that the page showed"):
        desk.write(lambda t: desk.parts.orders.decline(t, main.intent, "owner", payload="0" * 64))
    assert desk.intent_state(reservation) is IntentState.AWAITING_APPROVAL


def test_a_yes_is_used_once() -> None:
    desk, reservation = waiting()
    main = reservation.intents[0]
    desk.write(lambda t: desk.parts.orders.approve(t, main.intent, "owner"))
    with pytest.raises(Conflict, match="the intent is queued"):
        desk.write(lambda t: desk.parts.orders.approve(t, main.intent, "owner"))
    given = desk.read(lambda t: desk.parts.orders.approval(t, main.intent))
    assert given is not None
    with pytest.raises(Conflict, match="approved already"):
        desk.write(lambda t: desk.stores.orders.add_approval(t, given))


def test_what_was_approved_as_another_order_is_denied_at_the_send() -> None:
    desk, reservation = waiting()
    main = reservation.intents[0]

    def forge(t: Transaction) -> None:
        forged = Approval(
            intent=main.intent, payload_sha256="0" * 64, actor="owner", approved_at=desk.clock.now()
        )
        desk.stores.orders.add_approval(t, forged)
        for leg in reservation.intents:
            desk.stores.orders.set_intent(t, leg.intent, IntentState.QUEUED, at=desk.clock.now())

    desk.write(forge)
    desk.run_until(WINDOW)
    assert desk.broker.placed == []
    assert desk.intent_state(reservation) is IntentState.DENIED
    assert denied_by_approval(desk, reservation) == "another order was approved"


def test_an_entry_of_a_strategy_that_asks_never_goes_out_without_a_yes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def asking() -> StrategyRow:
        row = a_strategy()
        return replace(row, strategy=replace(row.strategy, approval=Policy.ALL))

    monkeypatch.setattr(desks, "a_strategy", asking)
    desk = a_desk()
    reservation = desk.reserve_entry(state=IntentState.QUEUED)
    desk.run_until(WINDOW)
    assert desk.broker.placed == []
    assert denied_by_approval(desk, reservation) == "no person approved it"


def test_what_nobody_answered_is_over_when_the_price_has_run_away() -> None:
    desk, reservation = waiting()
    desk.run_until(WINDOW + 10 * MINUTE)
    assert desk.intent_state(reservation) is IntentState.AWAITING_APPROVAL
    # Half an ATR of 4 is 2.
    desk.broker.quotes_by_conid[AAPL] = (Decimal("172.00"), Decimal("172.01"))
    desk.run_until(WINDOW + 11 * MINUTE)
    assert desk.intent_state(reservation) is IntentState.EXPIRED
    assert "An approval is over" in desk.told()
    [note] = [
        row.body
        for row in desk.read(lambda t: desk.stores.audit.entries(t, after=0, limit=10_000))
        if row.kind == "intent.expired"
    ]
    assert "the price moved 2.01 since the decision, the limit is 2" in note


def test_a_yes_does_not_save_what_has_run_away_since() -> None:
    desk, reservation = waiting()
    desk.write(lambda t: desk.parts.orders.approve(t, reservation.intents[0].intent, "owner"))
    desk.broker.quotes_by_conid[AAPL] = (Decimal("172.00"), Decimal("172.01"))
    desk.run_until(WINDOW)
    assert desk.intent_state(reservation) is IntentState.DENIED
    assert desk.broker.placed == []
