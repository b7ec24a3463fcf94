"""Laws of the unit of work: whole or not at all, and nothing lost between writers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from glassdesk.adapters.database import Stores, open_database
from glassdesk.kernel.errors import IntegrityViolation, InvalidInput
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.access.model import Owner
from glassdesk.workflow.portfolio.model import BrokerBalances
from tests.adapters.laws.makers import NOON, a_move, a_node, a_run, a_slot, store_run, write


def test_what_was_written_is_there_after_the_block(stores: Stores) -> None:
    with stores.transactions.begin() as t:
        stores.access.put_owner(t, Owner(password_hash="hash", session_generation=3))
    with stores.transactions.read() as t:
        assert stores.access.owner(t) == Owner(password_hash="hash", session_generation=3)


def test_nothing_is_there_when_the_block_raised(stores: Stores) -> None:
    def fail(t: Transaction) -> None:
        stores.access.put_owner(t, Owner(password_hash="hash"))
        raise KeyError("on the way")

    with pytest.raises(KeyError):
        write(stores, fail)
    with stores.transactions.read() as t:
        assert stores.access.owner(t).password_hash is None


def test_bells_ring_once_the_change_is_durable_and_not_before(stores: Stores) -> None:
    heard: list[str | None] = []

    def ring() -> None:
        with stores.transactions.read() as t:
            heard.append(stores.access.owner(t).password_hash)

    with stores.transactions.begin() as t:
        stores.access.put_owner(t, Owner(password_hash="new"))
        t.after_commit(ring)
        assert heard == []
    assert heard == ["new"]


def test_no_bell_rings_for_what_was_rolled_back(stores: Stores) -> None:
    heard: list[str] = []

    def fail(t: Transaction) -> None:
        t.after_commit(lambda: heard.append("rung"))
        raise KeyError

    with pytest.raises(KeyError):
        write(stores, fail)
    assert heard == []


def test_a_reading_unit_of_work_does_not_write(stores: Stores) -> None:
    with pytest.raises(RuntimeError, match="does not write"), stores.transactions.read() as t:
        stores.access.put_owner(t, Owner(password_hash="hash"))


def test_a_second_unit_of_work_in_the_same_thread_is_refused_at_once(stores: Stores) -> None:
    with stores.transactions.read(), pytest.raises(RuntimeError, match="open in this thread"):
        stores.transactions.begin().__enter__()


def test_a_handle_of_something_else_is_refused(stores: Stores) -> None:
    class Stranger:
        def after_commit(self, ring: Callable[[], None]) -> None:
            ring()

    with pytest.raises(TypeError, match="not a unit of work"):
        stores.access.owner(Stranger())


def test_a_failed_unit_of_work_cannot_be_committed(stores: Stores) -> None:
    """PostgreSQL forces this; the others follow, so that no program works on one database only."""

    def swallow(t: Transaction) -> None:
        stores.access.put_owner(t, Owner(password_hash="hash"))
        with pytest.raises(IntegrityViolation, match="not stored"):
            stores.prompts.add_move(t, a_move("none", 1))
        with pytest.raises(IntegrityViolation, match="already failed"):
            stores.access.owner(t)

    with pytest.raises(IntegrityViolation, match="failed unit of work"):
        write(stores, swallow)
    with stores.transactions.read() as t:
        assert stores.access.owner(t).password_hash is None


def test_a_missing_parent_is_told_in_words_when_the_transaction_commits(stores: Stores) -> None:
    run = a_run()
    with pytest.raises(IntegrityViolation, match="not stored"), stores.transactions.begin() as t:
        stores.runs.add(t, run)
    with stores.transactions.begin() as t:
        store_run(stores, t, run)
    with stores.transactions.read() as t:
        assert stores.runs.run(t, run.run) == run


def test_four_threads_of_a_hundred_increments_lose_nothing(stores: Stores) -> None:
    """Read, then write what was read plus one: the picture read must still hold at the write."""
    with stores.transactions.begin() as t:
        stores.access.put_owner(t, Owner(password_hash=None, session_generation=0))

    def increment(_: int) -> None:
        with stores.transactions.begin() as t:
            seen = stores.access.owner(t).session_generation
            stores.access.put_owner(t, Owner(password_hash=None, session_generation=seen + 1))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(increment, range(400)))
    with stores.transactions.read() as t:
        assert stores.access.owner(t).session_generation == 400


def test_a_limit_checked_in_a_transaction_still_holds_when_it_commits(stores: Stores) -> None:
    """Eight writers each add a slot if fewer than three are there: never more than three (no write skew)."""
    with stores.transactions.begin() as t:
        store_run(stores, t, a_run())

    def add(number: int) -> None:
        with stores.transactions.begin() as t:
            if len(stores.slots.slots(t)) < 4:
                stores.slots.add(t, a_slot(instant=NOON.replace(minute=number + 1)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(8)))
    with stores.transactions.read() as t:
        assert len(stores.slots.slots(t)) == 4


def test_a_reader_sees_one_picture_while_a_writer_commits(lasting: Stores) -> None:
    stores = lasting
    reading, written = threading.Event(), threading.Event()

    def write() -> None:
        reading.wait(10)
        with stores.transactions.begin() as t:
            stores.access.put_owner(t, Owner(password_hash="later"))
        written.set()

    writer = threading.Thread(target=write)
    writer.start()
    with stores.transactions.read() as t:
        before = stores.access.owner(t)
        reading.set()
        assert written.wait(10)
        assert stores.access.owner(t) == before
    writer.join()
    with stores.transactions.read() as t:
        assert stores.access.owner(t).password_hash == "later"


def test_every_store_survives_being_opened_again(lasting_url: str) -> None:
    first = open_database(lasting_url)
    with first.transactions.begin() as t:
        first.access.put_owner(t, Owner(password_hash="kept"))
    first.close()
    second = open_database(lasting_url)
    with second.transactions.read() as t:
        assert second.access.owner(t).password_hash == "kept"
    second.close()


def test_an_amount_that_no_database_keeps_is_refused(stores: Stores) -> None:
    for impossible in (Decimal("NaN"), Decimal("Infinity"), Decimal(10) ** 12):
        balances = BrokerBalances(
            account="DU1",
            net_liquidation=impossible,
            cash=Decimal(0),
            settled_cash=None,
            available_funds=None,
            currency="USD",
        )
        with pytest.raises(InvalidInput, match="amount"), stores.transactions.begin() as t:
            stores.portfolio.put_balances(t, balances, seen_at=NOON)


def test_a_node_needs_no_run_but_a_named_run_must_be_there(stores: Stores) -> None:
    with pytest.raises(IntegrityViolation), stores.transactions.begin() as t:
        stores.lineage.add_node(t, a_node("run", "r", run="nobody"))
    with stores.transactions.begin() as t:
        stores.lineage.add_node(t, a_node("code", "1.0"))
