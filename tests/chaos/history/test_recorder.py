"""The journal holds what was committed, in order, and nothing of what was rolled back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.turn import Dealer
from glassdesk.workflow.lineage.model import AuditEntry
from glassdesk.workflow.orders.model import OrderState
from tests.chaos.history.journal import Journal
from tests.chaos.history.recorder import recorded
from tests.workflow.dealing.desk import TestDesk, a_desk, parts_of
from tests.workflow.dealing.makers import WINDOW


def a_recorded_desk() -> tuple[TestDesk, Journal]:
    desk, journal = a_desk(), Journal()
    desk.stores = recorded(desk.stores, journal, "dealer.1", desk.clock.now)
    desk.parts = parts_of(desk.stores, desk.clock, desk.broker, dedupe_proven=True)
    desk.dealers.append(Dealer(desk.parts))
    return desk, journal


def test_the_journal_has_every_version_of_an_order_and_its_send_before_the_answer() -> None:
    desk, journal = a_recorded_desk()
    reservation = desk.reserve_entry()
    entry = reservation.orders[0].order
    desk.at(WINDOW)
    desk.turn()
    states = [order.state for _, order in journal.life(entry)]
    assert states[:3] == [OrderState.RESERVED, OrderState.SENDING, OrderState.WORKING]
    assert journal.life(entry)[-1][1] == desk.order(entry)
    [(commit, sent)] = [(c, s) for c, s in journal.sends() if s.order == entry]
    [sending] = [c for c, o in journal.life(entry) if o.state is OrderState.SENDING]
    assert (sent.verb, commit.step) == ("place", sending.step)


def test_audit_rows_stand_in_the_commit_of_their_change() -> None:
    desk, journal = a_recorded_desk()
    desk.reserve_entry()
    desk.at(WINDOW)
    desk.turn()
    told = [row for commit in journal.commits for row in commit.rows if isinstance(row, AuditEntry)]
    stored = desk.read(lambda t: desk.stores.audit.entries(t, after=0, limit=1000))
    assert told == list(stored)


def test_what_is_rolled_back_is_not_in_the_journal() -> None:
    desk, journal = a_recorded_desk()
    reservation = desk.reserve_entry()
    before = len(journal.commits)
    order = desk.order(reservation.orders[0].order)

    def change_and_fail(t: Transaction) -> None:
        desk.stores.orders.move(t, order, replace(order, note="never"), lease=None)
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        desk.write(change_and_fail)
    assert len(journal.commits) == before
