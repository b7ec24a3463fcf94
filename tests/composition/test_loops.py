"""A role on its thread, from its start to an end that was asked for or not."""

from __future__ import annotations

import logging
import threading

import pytest

from glassdesk.composition.loops import RunningRole


def test_what_begins_with_a_role_and_what_ends_with_it_comes_in_order_and_once() -> None:
    told: list[str] = []
    over = threading.Event()
    role = RunningRole(
        "worker",
        lambda: told.append("loop ended" if over.wait(10) else "stuck"),
        begin=[lambda: told.append("begun")],
        end=[lambda: told.append("leaving"), over.set],
    )
    role.start()
    role.stop()
    role.stop()
    assert told == ["begun", "leaving", "loop ended"]
    assert role.failure is None


def test_what_ends_a_role_before_its_time_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise RuntimeError("half a desk")

    role = RunningRole("dealer", fail, end=[])
    with caplog.at_level(logging.ERROR):
        role.start()
        role.stop()
    assert str(role.failure) == "half a desk"
    assert "the role dealer ended" in caplog.text


def test_a_role_that_never_began_can_be_stopped() -> None:
    RunningRole("worker", lambda: None, end=[]).stop()
