"""A desk in several processes loses the parts it stands on, one after the other, while it trades: nothing is
doubled or lost, every run ends, and the books are the broker's."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from tests.chaos.distributed.faults import FAULTS, SHORT
from tests.chaos.distributed.judging import one_output_a_step, one_run_a_slot, runs_end
from tests.chaos.distributed.rounds import Played, Report, table
from tests.chaos.kill.evidence import Evidence

ROOT = Path(__file__).resolve().parents[3]
SLOT = datetime(2012, 10, 10, 14, tzinfo=UTC)
RUN = {"run": "r", "strategy": "s", "slot": SLOT, "conid": 1, "state": "reserved", "reason": ""}
STEP = {"run": "r", "name": "bars"}


@pytest.mark.slow
@pytest.mark.process
@pytest.mark.services
def test_every_part_breaks_under_a_trading_desk_and_it_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "chaos.json"
    command = [sys.executable, "-m", "tests.chaos.distributed", "--short", "--out", str(out)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    report = json.loads(out.read_text())
    assert report["violations"] == []
    assert [one["fault"] for one in report["played"]] == list(SHORT)
    assert all(one["runs"] > 0 and one["sends"] > 0 for one in report["played"])


def _seen(**tables: Sequence[Mapping[str, Any]]) -> Evidence:
    engine = create_engine("sqlite://")
    engine.dispose()
    return Evidence(
        desk=lambda name: tables.get(name, ()),
        engine=engine,
        orders=(),
        executions=(),
        positions={},
        requests=(),
        now=SLOT,
    )


def test_a_run_too_many_an_output_too_many_and_a_run_without_an_end_are_seen() -> None:
    other = RUN | {"run": "r2"}
    assert list(one_run_a_slot(_seen(runs=[RUN, other])))
    assert not list(one_run_a_slot(_seen(runs=[RUN, other | {"conid": 2}])))
    assert list(one_output_a_step(_seen(run_steps=[STEP, STEP])))
    assert not list(one_output_a_step(_seen(run_steps=[STEP, STEP | {"name": "signal"}])))
    for state in ("due", "running", "decided", "quarantined"):
        assert list(runs_end(_seen(runs=[RUN | {"state": state}])))
    assert not list(runs_end(_seen(runs=[RUN])))


def _played(fault: str, recovery: float, *violations: str) -> Played:
    return Played(
        fault=fault, seconds=2, recovery=recovery, runs=3, sends=4, note="", violations=tuple(violations)
    )


def test_the_table_has_each_fault_with_its_half_and_its_longest_time() -> None:
    report = Report(speed=1, played=[_played("a", 1.0), _played("b", 9.0), _played("a", 3.0)], end=["books"])
    first, a, b, last, violated = table(report).splitlines()
    assert first.split() == [
        "fault",
        "times",
        "lasted",
        "s",
        "p50",
        "s",
        "max",
        "s",
        "runs",
        "writes",
        "violated",
    ]
    assert a.split() == ["a", "2", "2.0", "2.0", "3.0", "6", "8", "0"]
    assert b.split() == ["b", "1", "2.0", "9.0", "9.0", "3", "4", "0"]
    assert "1 violation(s)" in last
    assert violated == "in the end: books"


def test_what_a_fault_violated_is_told_with_its_name() -> None:
    report = Report(speed=1, played=[_played("a", 1.0, "I-01: twice")])
    assert report.violations == ["a: I-01: twice"]
    assert report.rows()["violations"] == report.violations


def test_each_fault_says_what_it_is_and_the_short_form_is_a_part_of_all() -> None:
    assert all(deed.__doc__ for deed in FAULTS.values())
    assert set(SHORT) < set(FAULTS)
