"""Orders of unknown fate as figures: since when, and how long it took to find one out."""

from __future__ import annotations

from datetime import timedelta

from glassdesk.adapters.database.counting import DatabaseCounts
from tests.workflow.dealing.desk import a_desk
from tests.workflow.dealing.makers import WINDOW


def test_an_unknown_fate_is_counted_with_its_age_until_it_is_found_out() -> None:
    desk, counts = a_desk(), DatabaseCounts()
    desk.broker.next_place = ["lost_after"]
    desk.reserve_entry()
    desk.run_until(WINDOW)
    with desk.stores.transactions.read() as t:
        lost = counts.count(t)
    assert (lost.orders, lost.sends) == ({"unknown": 3}, {"unknown": 1})
    assert lost.unknown_since == desk.clock.now()
    assert (lost.resolved, lost.resolving_seconds) == (0, 0)
    desk.clock.advance(timedelta(seconds=7))
    desk.run_until(WINDOW + timedelta(seconds=10))
    with desk.stores.transactions.read() as t:
        found = counts.count(t)
    assert found.unknown_since is None
    assert found.orders == {"working": 3}
    assert found.resolved == 3
    assert found.resolving_seconds == 3 * 7
