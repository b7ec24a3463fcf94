"""The simulator's process: started once per home, found again, and clear when it dies."""

from pathlib import Path

import pytest

from glassdesk.adapters.simulation import ControlPlane, attach, start_or_attach
from glassdesk.kernel.errors import InvalidInput, Unavailable
from tests.adapters.simulation.running import START, alive, end, simulator

pytestmark = pytest.mark.process


def test_a_second_start_attaches_to_the_first_and_a_dead_one_is_started_anew(tmp_path: Path) -> None:
    with simulator(tmp_path) as first:
        assert start_or_attach(tmp_path, start=START) == first
        assert attach(tmp_path) == first
        end(first)
        assert not alive(first.pid)
        with simulator(tmp_path) as second:
            assert second.pid != first.pid
            assert second.cert == first.cert


def test_a_simulator_that_refuses_gives_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="nonsense"):
        start_or_attach(tmp_path, start=START, tape="nonsense")


def test_where_none_runs_attaching_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="ibkr-simulator serve"):
        attach(tmp_path)


def test_the_control_plane_plays_the_person_and_tells_the_truth(tmp_path: Path) -> None:
    with simulator(tmp_path, switches={"start_cash": "5000.00"}) as running:
        control = ControlPlane(running)
        assert control.health()["signed_in"] is False
        control.sign_in()
        assert control.health()["signed_in"] is True
        assert control.equity()["equity"] == "5000.00"
        assert control.truth("orders") == []
        assert control.switch(duplicate_coid="400")["duplicate_coid"] == "400"
        assert control.arm(22)["number"] == 22
        assert [one["number"] for one in control.faults()["armed"]] == [22]
        control.disarm()
        assert control.faults()["armed"] == []
        control.sign_out()
        with pytest.raises(InvalidInput, match="no switch"):
            control.switch(nonsense="1")
        control.close()


def test_a_control_plane_that_is_gone_is_unavailable(tmp_path: Path) -> None:
    with simulator(tmp_path) as running:
        control = ControlPlane(running)
        end(running)
        with pytest.raises(Unavailable, match="does not answer"):
            control.now()
        control.close()
