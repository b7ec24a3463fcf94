"""On a simulated account the simulator says itself what it does (`T-60`)."""

from datetime import date
from pathlib import Path

import pytest

from glassdesk.adapters.simulation.switches import simulated_switches
from glassdesk.workflow.orders.switches import NAMES, UNKNOWN
from tests.adapters.simulation.running import simulator

pytestmark = pytest.mark.process


def test_T_60_every_switch_is_told_by_the_simulator(tmp_path: Path) -> None:
    given = {"duplicate_coid": "400", "child_coid": "dropped", "snapshot_flag": "list_with_false"}
    with simulator(tmp_path, start=date(2012, 10, 1), switches=given) as endpoint:
        told = simulated_switches(endpoint)
    assert {name: getattr(told, name) for name in given} == given
    assert [name for name in NAMES if getattr(told, name) == UNKNOWN] == []
    assert told.may_send_again
    assert told.may_remedy
