"""Several faults at once: whatever comes together, one decision is at most one order at the broker."""

from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.orders.model import OrderState, Role
from ibkr_simulator.scenarios.catalogue import CATALOGUE
from tests.faults.conftest import Make
from tests.faults.stage import AAPL, MINUTE, SECOND, Stage

BAD_MORNING = """
[[fault]]
number = 54            # a second order under the same id would be taken

[[fault]]
number = 22            # the answer to the entry is lost
[[fault]]
number = 40            # and for two minutes the list shows nothing
seconds = 120
[[fault]]
number = 67            # nor do the trades
seconds = 120

[[fault]]
number = 25            # the next write is answered with half a page
after = 150
manner = "truncated"
endpoint = "writes"

[[fault]]
number = 3             # ten minutes in, the brokerage session drops
after = 600
[[fault]]
number = 6             # and does not come back at the first try
after = 600

[[fault]]
number = 19            # twenty minutes in, a 429
after = 1200
"""
NUMBERS = sorted(set(CATALOGUE) - {21})
"""All but the one that ends everything for good."""


def orders_of(stage: Stage, coid: str) -> int:
    """How many orders the broker ever took under one client id."""
    return len(stage.truth(coid))


def promised(stage: Stage) -> int:
    """Shares that stops and targets of the desk would sell, the larger of each group."""
    sells = [one for one in stage.world.exchange.live() if one.side == "SELL" and one.coid]
    groups: dict[object, int] = {}
    for one in sells:
        groups[one.oca or one.order_id] = max(groups.get(one.oca or one.order_id, 0), one.remaining)
    return sum(groups.values())


def test_a_bad_morning_leaves_one_entry_and_a_live_stop(make: Make) -> None:
    stage = make(poll=10 * SECOND)
    stage.run(10 * SECOND)
    stage.ask_control("POST", "/faults", {"scenario": BAD_MORNING})
    reservation = stage.reserve_entry()
    stage.run(5 * MINUTE)
    assert stage.states(reservation)[Role.ENTRY] is OrderState.FILLED
    stage.run(45 * MINUTE)
    assert len(stage.entries()) == 1
    assert (stage.held(), stage.owned()) == (10, Decimal(10))
    assert stage.states(reservation)[Role.STOP] is OrderState.WORKING
    stops = [one for one in stage.world.exchange.live() if one.kind == "STP"]
    assert [one.remaining for one in stops] == [10]


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    numbers=st.lists(st.sampled_from(NUMBERS), min_size=2, max_size=4, unique=True),
    far=st.booleans(),
    late=st.integers(min_value=1, max_value=120),
    seconds=st.integers(min_value=5, max_value=400),
)
def test_whatever_faults_come_together_a_decision_is_at_most_one_order(
    make: Make, numbers: list[int], far: bool, late: int, seconds: int
) -> None:
    stage = make(poll=15 * SECOND)
    stage.run(10 * SECOND)
    stage.arm(54)
    for number in numbers:
        lasts = {"seconds": seconds} if "seconds" in CATALOGUE[number].takes else {}
        stage.arm(number, after=late, **lasts)
    reservation = stage.reserve_entry(limit=stage.price() - 5 if far else None)
    stage.run(12 * MINUTE)
    assert [orders_of(stage, leg.coid) <= 1 for leg in reservation.orders] == [True] * 3, numbers
    assert stage.held(AAPL) >= 0
    assert promised(stage) <= max(10, stage.held(AAPL)), numbers
    # What is bought has a live stop, or a person knows.
    bare = stage.held(AAPL) > 0 and not any(one.kind == "STP" for one in stage.world.exchange.live())
    assert not bare or any(one.severity is Severity.ALARM for one in stage.told()), numbers
