"""A short form of `python -m tests.soak.slots`: a late person, deaths and a long sleep in two days."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path

import pytest

from tests.soak.slots.plan import SIGNS_IN, Plan, at, drawn, expected
from tests.soak.slots.play import played
from tests.soak.slots.verdict import judged


@pytest.mark.slow
def test_days_with_a_late_human_and_a_desk_that_dies_lose_only_what_the_plan_took(tmp_path: Path) -> None:
    """On the first day the desk comes back at 10:50 and the person at 11:05; on the second it sleeps from
    9:40 to noon."""
    first, second = drawn(1, 2).days[:2]
    midnights = [at(day, time()) for day in (first, second, second + timedelta(days=1))]
    plan = Plan(
        days=[first, second],
        signed_in=[(at(first, time(11, 5)), midnights[1]), (at(second, SIGNS_IN), midnights[2])],
        up=[
            (midnights[0], at(first, time(8, 40))),
            (at(first, time(10, 50)), at(second, time(9, 40))),
            (at(second, time(12)), midnights[2]),
        ],
        commits=[2, 0],
    )
    with played(tmp_path / "home", plan) as made:
        verdict = judged(made, plan)
    assert verdict.wrong == []
    assert (verdict.eligible, verdict.complete) == (14, 14)
    assert verdict.lost == {"asleep": 1, "late sign-in": 1}


def test_a_person_who_comes_at_the_last_instant_is_a_close_call_and_a_second_later_none() -> None:
    [day] = drawn(1, 1).days
    midnights = (at(day, time()), at(day + timedelta(days=1), time()))
    for late, most in ((timedelta(0), timedelta(0)), (timedelta(seconds=1), timedelta(seconds=-1))):
        plan = Plan(
            days=[day],
            signed_in=[(at(day, time(11)) + late, midnights[1])],
            up=[midnights],
            commits=[],
        )
        [nine] = [one for one in expected(plan) if one.strategy == "daily"]
        assert plan.possible(nine) == most
