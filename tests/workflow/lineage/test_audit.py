"""The audit chain grows by one row at a time and shows where it was touched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from glassdesk.adapters.clocks import ManualClock
from glassdesk.adapters.database import Stores, open_database
from glassdesk.adapters.database.transactions import unit
from glassdesk.kernel.errors import IntegrityViolation
from glassdesk.workflow.lineage.audit import Audit


@pytest.fixture
def stores() -> Iterator[Stores]:
    opened = open_database("memory:")
    yield opened
    opened.close()


@pytest.fixture
def audit(stores: Stores) -> Audit:
    chain = Audit(stores.audit, ManualClock(datetime(2012, 10, 1, tzinfo=UTC)))
    with stores.transactions.begin() as t:
        for number in range(5):
            chain.append(t, "owner", "strategy.enable", f"s{number}", {"n": number})
    return chain


def test_a_whole_chain_verifies_and_says_how_long_it_is(stores: Stores, audit: Audit) -> None:
    with stores.transactions.read() as t:
        assert audit.verify(t) == 5


def test_rows_cannot_be_changed_through_the_database(stores: Stores, audit: Audit) -> None:
    with pytest.raises(Exception, match="append"), stores.transactions.begin() as t:
        unit(t).execute(text("update audit set actor = 'somebody' where seq = 3"))


def test_a_row_changed_behind_the_triggers_is_named(stores: Stores, audit: Audit) -> None:
    with stores.transactions.begin() as t:
        session = unit(t)
        names = session.execute(
            text("select name from sqlite_master where type='trigger' and tbl_name='audit'")
        )
        for (name,) in names.all():
            session.execute(text(f'drop trigger "{name}"'))
        session.execute(text("update audit set actor = 'somebody' where seq = 3"))
    with stores.transactions.read() as t, pytest.raises(IntegrityViolation, match="row 3"):
        audit.verify(t)
