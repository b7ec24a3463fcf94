"""Laws of the order store: at most one order for each intent, and none without its lineage."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from glassdesk.adapters.database import Stores
from glassdesk.kernel.errors import Conflict, IntegrityViolation, LeaseLost, NotFound
from glassdesk.kernel.leases import Lease
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.orders.model import (
    IntentState,
    Order,
    OrderState,
    Outcome,
    OutcomeKind,
    Role,
    WhatIfRow,
)
from glassdesk.workflow.risk.model import WhatIf
from tests.adapters.laws.makers import (
    AAPL,
    ACCOUNT,
    HOUR,
    MINUTE,
    MSFT,
    NOON,
    a_manual_run,
    a_node,
    a_run,
    a_signal,
    an_intent,
    an_order,
    store_lineage,
    store_order,
    store_run,
    write,
)


def move(stores: Stores, order: Order, *states: OrderState) -> Order:
    for state in states:
        with stores.transactions.begin() as t:
            order = stores.orders.move(t, order, replace(order, state=state), lease=None)
    return order


def test_a_bracket_is_reserved_whole_and_read_back_the_same(stores: Stores) -> None:
    run = a_run()
    main = an_intent(run)
    legs = [
        main,
        an_intent(run, "stop", role=Role.STOP, parent=main.intent),
        an_intent(run, "target", role=Role.TARGET, parent=main.intent),
    ]
    orders = [an_order(leg) for leg in legs]
    with stores.transactions.begin() as t:
        store_run(stores, t, run)
        for leg in legs:
            store_lineage(stores, t, leg)
        stores.orders.reserve(t, legs, orders, state=IntentState.QUEUED)
    with stores.transactions.read() as t:
        stored = stores.orders.intents(t, run=run.run)
        assert {intent.leg: (intent, state) for intent, state in stored} == {
            leg.leg: (leg, IntentState.QUEUED) for leg in legs
        }
        assert stores.orders.order(t, main.intent) == orders[0]
        assert {child.role for child in stores.orders.children(t, main.intent)} == {Role.STOP, Role.TARGET}


def test_reserving_the_same_again_is_harmless(stores: Stores) -> None:
    order = store_order(stores, a_run())
    later = an_intent(a_run())
    with stores.transactions.begin() as t:
        stores.orders.reserve(t, [replace(later, reserved_at=NOON + HOUR)], [order], state=IntentState.QUEUED)
    with stores.transactions.read() as t:
        assert len(stores.orders.orders(t)) == 1


def test_a_second_answer_cannot_make_a_second_order(stores: Stores) -> None:
    store_order(stores, a_run())
    other = replace(an_intent(a_run()), quantity=Decimal(9))
    with pytest.raises(Conflict, match="other values"), stores.transactions.begin() as t:
        stores.orders.reserve(t, [other], [], state=IntentState.QUEUED)


@pytest.mark.parametrize("role", [Role.ENTRY, Role.EXIT])
def test_T_20_one_open_decision_per_contract_whatever_its_side(stores: Stores, role: Role) -> None:
    first = store_order(stores, a_run())
    second = an_intent(a_run(slot=NOON + HOUR), role=role)

    def reserve_second(t: Transaction) -> None:
        store_run(stores, t, a_run(slot=NOON + HOUR))
        store_lineage(stores, t, second)
        stores.orders.reserve(t, [second], [], state=IntentState.QUEUED)

    with pytest.raises(Conflict, match="T-20"):
        write(stores, reserve_second)
    write(stores, lambda t: stores.orders.set_intent(t, first.intent, IntentState.DONE, at=NOON))
    write(stores, reserve_second)


def test_T_20_another_contract_is_another_decision(stores: Stores) -> None:
    store_order(stores, a_run())
    store_order(stores, a_run(conid=MSFT))


def test_an_order_without_a_run_is_refused(stores: Stores) -> None:
    with pytest.raises(IntegrityViolation, match="run that is not stored"), stores.transactions.begin() as t:
        stores.orders.reserve(
            t, [an_intent(a_run())], [an_order(an_intent(a_run()))], state=IntentState.QUEUED
        )


def test_an_order_without_an_intent_is_refused(stores: Stores) -> None:
    order = an_order(an_intent(write(stores, lambda t: store_run(stores, t, a_run()))))
    with pytest.raises(IntegrityViolation):
        write(stores, lambda t: stores.orders.reserve(t, [], [order], state=IntentState.QUEUED))


def test_an_intent_without_its_node_is_refused_at_commit(stores: Stores) -> None:
    run = write(stores, lambda t: store_run(stores, t, a_run()))
    write(stores, lambda t: stores.signals.add(t, a_signal(run)))
    with pytest.raises(IntegrityViolation, match="not stored"):
        write(stores, lambda t: stores.orders.reserve(t, [an_intent(run)], [], state=IntentState.QUEUED))


def test_a_scheduled_intent_without_a_signal_is_refused_at_commit(stores: Stores) -> None:
    run = write(stores, lambda t: store_run(stores, t, a_run()))
    write(stores, lambda t: stores.lineage.add_node(t, a_node("intent", an_intent(run).intent)))
    with pytest.raises(IntegrityViolation, match="not stored"):
        write(stores, lambda t: stores.orders.reserve(t, [an_intent(run)], [], state=IntentState.QUEUED))


def test_an_act_of_a_person_needs_its_act_instead_of_a_signal(stores: Stores) -> None:
    intent = an_intent(a_manual_run(), role=Role.EXIT)
    write(stores, lambda t: store_run(stores, t, a_manual_run()))
    write(stores, lambda t: stores.lineage.add_node(t, a_node("intent", intent.intent)))

    def reserve(t: Transaction) -> None:
        stores.orders.reserve(t, [intent], [an_order(intent)], state=IntentState.QUEUED)

    with pytest.raises(IntegrityViolation, match="not stored"):
        write(stores, reserve)
    write(stores, lambda t: store_lineage(stores, t, intent))
    write(stores, reserve)


def test_answers_to_a_what_if_are_kept_with_the_intent_by_number(stores: Stores) -> None:
    intent = store_order(stores, a_run()).intent
    told = WhatIf(initial_after=Decimal("855.5"), commission=Decimal("1.05"), warning="21/no market data")
    rows = [
        WhatIfRow(
            intent=intent,
            number=number,
            moment=moment,
            asked_at=NOON + number * MINUTE,
            quantity=Decimal(10),
            price=None if number == 1 else Decimal("170.01"),
            told=told,
        )
        for number, moment in ((1, "approve"), (2, "send"))
    ]
    with stores.transactions.begin() as t:
        assert stores.orders.what_ifs(t, intent) == []
        for row in reversed(rows):
            stores.orders.add_what_if(t, row)
        assert stores.orders.what_ifs(t, intent) == rows
    with pytest.raises(Conflict, match="what-if 2 of intent"):
        write(stores, lambda t: stores.orders.add_what_if(t, rows[1]))
    with pytest.raises(IntegrityViolation):
        write(stores, lambda t: stores.orders.add_what_if(t, replace(rows[0], intent="nobody")))


def test_an_intent_that_ended_stays_as_it_is(stores: Stores) -> None:
    order = store_order(stores, a_run())
    with stores.transactions.begin() as t:
        stores.orders.set_intent(t, order.intent, IntentState.CANCELLED, at=NOON, note="by hand")
    with pytest.raises(Conflict, match="cancelled"), stores.transactions.begin() as t:
        stores.orders.set_intent(t, order.intent, IntentState.SENT, at=NOON)
    with pytest.raises(NotFound), stores.transactions.begin() as t:
        stores.orders.set_intent(t, "nobody", IntentState.SENT, at=NOON)


def test_a_move_answers_the_row_as_it_is_stored(stores: Stores) -> None:
    order = store_order(stores, a_run())
    sending = replace(order, state=OrderState.SENDING, sends=1, last_sent_at=NOON + MINUTE)
    with stores.transactions.begin() as t:
        moved = stores.orders.move(t, order, sending, lease=None)
    assert moved.version == order.version + 1
    with stores.transactions.read() as t:
        assert stores.orders.order(t, order.order) == moved


def test_a_row_changed_meanwhile_is_not_overwritten(stores: Stores) -> None:
    order = store_order(stores, a_run())
    move(stores, order, OrderState.SENDING)
    with pytest.raises(Conflict, match="changed meanwhile"), stores.transactions.begin() as t:
        stores.orders.move(t, order, replace(order, state=OrderState.CANCELLED), lease=None)


def test_an_illegal_change_of_state_is_refused_by_name(stores: Stores) -> None:
    order = store_order(stores, a_run())
    with pytest.raises(Conflict, match="reserved does not become filled"), stores.transactions.begin() as t:
        stores.orders.move(t, order, replace(order, state=OrderState.FILLED), lease=None)


def test_what_an_order_is_about_never_changes(stores: Stores) -> None:
    order = store_order(stores, a_run())
    with pytest.raises(Conflict, match="conid never changes"), stores.transactions.begin() as t:
        stores.orders.move(t, order, replace(order, conid=MSFT), lease=None)


def test_a_stale_holder_of_the_lease_moves_nothing(stores: Stores) -> None:
    order = store_order(stores, a_run())
    with stores.transactions.begin() as t:
        old = stores.leases.acquire(t, "dealer", "one", now=NOON, ttl=MINUTE)
        new = stores.leases.acquire(t, "dealer", "two", now=NOON + HOUR, ttl=MINUTE)
    assert old is not None
    assert new is not None
    sending = replace(order, state=OrderState.SENDING)
    with pytest.raises(LeaseLost), stores.transactions.begin() as t:
        stores.orders.move(t, order, sending, lease=old)
    with stores.transactions.begin() as t:
        assert stores.orders.move(t, order, sending, lease=new).state is OrderState.SENDING


def test_an_order_is_found_by_every_name_it_has(stores: Stores) -> None:
    order = move(stores, store_order(stores, a_run()), OrderState.SENDING)
    with stores.transactions.begin() as t:
        known = replace(order, state=OrderState.WORKING, broker_order_id="1370093239")
        known = stores.orders.move(t, order, known, lease=None)
    with stores.transactions.read() as t:
        assert stores.orders.by_coid(t, order.coid) == known
        assert stores.orders.by_broker_id(t, ACCOUNT, "1370093239") == known
        assert stores.orders.by_broker_id(t, "another", "1370093239") is None
        for name in (order.order[:8], order.coid[:10], "13700"):
            assert stores.orders.by_prefix(t, name) == [known]
        assert stores.orders.by_prefix(t, "") == []
        assert stores.orders.orders(t, states=[OrderState.WORKING], conid=AAPL, run=order.run) == [known]
        assert stores.orders.orders(t, strategy="another") == []


def test_one_broker_id_belongs_to_one_order(stores: Stores) -> None:
    first = move(stores, store_order(stores, a_run()), OrderState.SENDING)
    second = move(stores, store_order(stores, a_run(conid=MSFT)), OrderState.SENDING)
    with stores.transactions.begin() as t:
        stores.orders.move(t, first, replace(first, broker_order_id="7"), lease=None)
    with pytest.raises(Conflict, match="broker id"), stores.transactions.begin() as t:
        stores.orders.move(t, second, replace(second, broker_order_id="7"), lease=None)


def test_a_late_order_row_needs_its_intent_and_the_lease(stores: Stores) -> None:
    run = a_run()
    intent = an_intent(run, role=Role.EXIT)
    with stores.transactions.begin() as t:
        lease = stores.leases.acquire(t, "dealer", "one", now=NOON, ttl=timedelta(seconds=30))
        store_run(stores, t, run)
        store_lineage(stores, t, intent)
        stores.orders.reserve(t, [intent], [], state=IntentState.SENT)
    assert lease is not None
    stale = Lease(name="dealer", owner="one", fence=lease.fence - 1, until=lease.until)
    with pytest.raises(LeaseLost), stores.transactions.begin() as t:
        stores.orders.add_order(t, an_order(intent), lease=stale)
    with pytest.raises(NotFound), stores.transactions.begin() as t:
        stores.orders.add_order(t, an_order(an_intent(a_run(conid=MSFT))), lease=lease)
    for _ in range(2):
        with stores.transactions.begin() as t:
            stores.orders.add_order(t, an_order(intent), lease=lease)
    with stores.transactions.read() as t:
        assert stores.orders.order(t, intent.intent) == an_order(intent)


def add_send(stores: Stores, order: Order, number: int) -> None:
    with stores.transactions.begin() as t:
        stores.orders.add_send(
            t,
            order.order,
            number,
            verb="place",
            payload_sha256="0" * 64,
            fence=1,
            epoch=2,
            started_at=NOON,
            not_after=NOON + MINUTE,
        )


def test_a_send_is_written_once_and_told_once(stores: Stores) -> None:
    order = store_order(stores, a_run())
    add_send(stores, order, 1)
    with pytest.raises(Conflict):
        add_send(stores, order, 1)
    add_send(stores, order, 2)
    outcome = Outcome(kind=OutcomeKind.UNKNOWN, text="no answer", questions=("o163:yes",))
    with stores.transactions.begin() as t:
        stores.orders.add_outcome(t, order.order, 1, outcome, at=NOON + MINUTE)
    with pytest.raises(Conflict), stores.transactions.begin() as t:
        stores.orders.add_outcome(t, order.order, 1, outcome, at=NOON)
    with stores.transactions.read() as t:
        assert stores.orders.open_sends(t) == [(order.order, 2, "place", NOON)]
        first, second = stores.orders.sends(t, order.order)
    assert (first.outcome, first.answered_at, first.epoch) == (outcome, NOON + MINUTE, 2)
    assert (second.outcome, second.answered_at) == (None, None)


def test_a_send_needs_its_order_and_an_outcome_its_send(stores: Stores) -> None:
    order = store_order(stores, a_run())
    with pytest.raises(IntegrityViolation):
        add_send(stores, replace(order, order="nobody"), 1)
    with pytest.raises(IntegrityViolation), stores.transactions.begin() as t:
        stores.orders.add_outcome(t, order.order, 1, Outcome(kind=OutcomeKind.UNKNOWN), at=NOON)
