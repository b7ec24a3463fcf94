"""Guards: each trips on its own number, at its own level, never above its ceiling; a missing number trips
none."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from glassdesk.workflow.risk.guards import GUARDS, Guard, Watched, states
from glassdesk.workflow.risk.model import HaltLevel, Limits
from tests.workflow.risk.makers import MSFT, a_working, an_exposure

CALM = Watched(exposure=an_exposure(), rejects=0)


def tripped(watched: Watched) -> list[tuple[str, HaltLevel, str, str]]:
    return [
        (one.guard.name, one.guard.level, one.finding.observed, one.finding.limit)
        for one in states(watched, Limits())
        if one.tripped
    ]


def test_nothing_trips_while_all_is_well() -> None:
    assert tripped(CALM) == []
    at_the_limits = an_exposure(day_pnl=Decimal(-2000), peak=Decimal("111111.11"))
    assert tripped(Watched(exposure=at_the_limits, rejects=4)) == []


def test_each_guard_trips_on_its_number_and_says_number_and_limit() -> None:
    loss = Watched(exposure=an_exposure(day_pnl=Decimal("-2000.01")), rejects=0)
    assert tripped(loss) == [("MAX_DAILY_LOSS", HaltLevel.PAUSE_ENTRIES, "2000.01", "2000")]
    down = Watched(exposure=an_exposure(peak=Decimal("111111.2")), rejects=0)
    assert tripped(down) == [("MAX_DRAWDOWN", HaltLevel.REDUCE_ONLY, "0.100001", "0.1")]
    assert tripped(replace(CALM, rejects=5)) == [("REJECT_STREAK", HaltLevel.REDUCE_ONLY, "5", "below 5")]
    assert tripped(replace(CALM, short=("AAPL",))) == [("SHORT_POSITION", HaltLevel.HALT, "AAPL", "none")]


def test_two_orders_of_unknown_fate_for_five_minutes_trip() -> None:
    def unknown(*minutes: int) -> Watched:
        works = tuple(a_working(MSFT, unknown=True, unknown_minutes=one) for one in minutes)
        return Watched(exposure=an_exposure(working=works), rejects=0)

    assert tripped(unknown(5, 4)) == []
    assert [one[:2] for one in tripped(unknown(5, 6))] == [("UNKNOWN_OUTSTANDING", HaltLevel.REDUCE_ONLY)]


@pytest.mark.parametrize("bad", [None, Decimal("NaN"), Decimal("Infinity")])
def test_a_number_that_is_missing_trips_no_guard_its_rule_denies_entries(bad: Decimal | None) -> None:
    assert tripped(Watched(exposure=an_exposure(day_pnl=bad, peak=bad), rejects=0)) == []
    assert tripped(Watched(exposure=an_exposure(capital=bad), rejects=0)) == []


def test_T_50_no_guard_but_of_a_broken_invariant_reaches_above_reduce_only() -> None:
    assert all(g.level <= HaltLevel.REDUCE_ONLY or g.integrity for g in GUARDS)
    assert all(g.level <= HaltLevel.HALT for g in GUARDS)
    for integrity, level in ((False, HaltLevel.HALT), (True, HaltLevel.HALT_CANCEL_ENTRIES)):
        with pytest.raises(ValueError, match="must not reach"):
            Guard(
                name="EAGER",
                meaning="",
                default="",
                level=level,
                source="",
                look=GUARDS[0].look,
                integrity=integrity,
            )
