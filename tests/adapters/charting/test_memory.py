"""A process that draws charts all day does not grow; `make soak` draws 10,000."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


@pytest.mark.slow
@pytest.mark.process
def test_300_charts_leave_the_memory_as_it_was() -> None:
    program = [sys.executable, "-m", "tests.soak.charts", "--charts", "300", "--warm", "200"]
    run = subprocess.run(program, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    report = json.loads(run.stdout)
    assert report["charts"] == 300
    assert report["grown_kib"] <= report["may_grow_kib"]
