"""One bracket's life under every setting of what nobody could settle: placed, filled in part, its entry
ended, the next day, its stop filled.

Every two settings of different switches meet in some row; what holds, holds after every phase of every row.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal

import pytest

from glassdesk.workflow.orders.bracket import Reservation
from glassdesk.workflow.orders.model import OrderState, Role
from ibkr_simulator.switches import REGISTRY
from tests.faults.conftest import Make
from tests.faults.looking import owned
from tests.faults.stage import ACCOUNT, HOUR, IBM, MINUTE, SECOND, Stage

SETTINGS: dict[str, tuple[str, ...]] = {
    "duplicate_coid": ("200", "400", "off"),
    "child_coid": ("kept", "dropped", "refused"),
    "child_order_ref": ("yes", "no"),
    "bracket_ids": ("all", "parent"),
    "children": ("full", "scaled", "held_until_full"),
    "on_parent_cancel": ("kept", "cancelled"),
    "gtc_visible_next_day": ("listed", "listed_new_id", "hidden"),
    "answer": ("heard", "lost"),
}
"""Switches of the simulator, and whether the answer to the order arrives."""

Row = Mapping[str, str]


def every_pair() -> list[Row]:
    """Rows in which every two settings of different switches meet at least once; few, and always the same."""
    names = list(SETTINGS)
    rows = [dict(zip(names, values, strict=True)) for values in itertools.product(*SETTINGS.values())]
    open_pairs = {pair for row in rows for pair in pairs(row)}
    chosen: list[Row] = []
    while open_pairs:
        best = max(rows, key=lambda row: len(open_pairs & set(pairs(row))))
        open_pairs -= set(pairs(best))
        chosen.append(best)
    return chosen


def pairs(row: Row) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    return itertools.combinations(row.items(), 2)


def test_the_rows_name_settings_that_the_simulator_takes() -> None:
    for row in every_pair():
        for name in row.keys() - {"answer"}:
            REGISTRY[name].check(row[name])


def assert_it_holds(stage: Stage, reservation: Reservation) -> None:
    """Never two orders for one intent, no share without stop or alarm, never more sold than held."""
    sent = Counter(one.coid for one in stage.truth() if one.coid is not None)
    assert set(sent.values()) <= {1}
    assert len(stage.entries()) == 1
    stops = sum(one.remaining for one in stage.truth() if one.live and one.kind == "STP")
    alarmed = any("lost its stop" in title or "not protected" in title for title in stage.titles())
    assert stops == stage.held(IBM) or alarmed
    # T-36: a group sells its largest remainder at most, a single order all of its own.
    groups = {one.oca or str(one.order_id): 0 for one in stage.truth() if one.live and one.side == "SELL"}
    for one in stage.truth():
        if one.live and one.side == "SELL":
            key = one.oca or str(one.order_id)
            groups[key] = max(groups[key], one.remaining)
    assert sum(groups.values()) <= stage.held(IBM)
    assert stage.held(IBM) >= 0


def assert_the_books_are_the_brokers(stage: Stage) -> None:
    books = stage.read(lambda t: stage.desk.portfolio.books(t, ACCOUNT, stage.now))
    assert books.cash == Decimal(stage.world.account.cash) / 100
    assert owned(stage, IBM) == stage.held(IBM)
    assert stage.read(stage.desk.positions.breaks) == []
    fills = stage.read(lambda t: stage.desk.tracking.fills(t, ACCOUNT))
    assert len(fills) == len(stage.world.exchange.effective())


@pytest.mark.slow
@pytest.mark.parametrize("row", every_pair(), ids=lambda row: "-".join(row.values()))
def test_a_brackets_life_is_the_same_whatever_the_broker_does(make: Make, row: Row) -> None:
    switches = {name: setting for name, setting in row.items() if name != "answer"}
    stage = make(poll=6 * SECOND, **switches)
    stage.run(10 * SECOND)
    stage.arm(58, quantity=4)
    seconds = 60
    if row["answer"] == "lost":
        seconds = 240
        # Nothing says that it arrived until long after it would have been sent again.
        stage.arm(22, endpoint="reply")
        stage.arm(43, seconds=200)
        stage.arm(67, seconds=200)
    reservation = stage.reserve_entry(IBM, ttl_seconds=seconds)
    stage.run_until(lambda: stage.entry_state(reservation).final, within=20 * MINUTE)
    stage.run(40 * SECOND)
    assert stage.legs(reservation)[Role.ENTRY].filled == Decimal(4)
    assert_it_holds(stage, reservation)

    stage.travel(stage.now + 24 * HOUR)
    stage.run(70 * SECOND)
    assert_it_holds(stage, reservation)
    assert owned(stage, IBM) == 4

    [stop] = [one for one in stage.truth() if one.live and one.kind == "STP"]
    assert stop.remaining == 4
    stage.ask_control(
        "POST", "/person/modify", {"order_id": stop.order_id, "stop": str(stage.price(IBM) + 1)}
    )
    stage.run(MINUTE)
    assert stage.held(IBM) == 0
    assert [one for one in stage.truth() if one.live] == []
    assert all(order.state.final for order in stage.legs(reservation).values())
    assert stage.entry_state(reservation) is OrderState.CANCELLED
    assert_the_books_are_the_brokers(stage)
