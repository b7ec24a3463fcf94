"""The gateway as a child of the desk: started, watched, started again, stopped, and never two of them."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from glassdesk.adapters.gateway import Supervisor, open_folder, read_state
from glassdesk.workflow.session.model import GatewayProcess
from tests.adapters.gateway.standin import listening, unpacked

pytestmark = pytest.mark.process
SOON = (0.05, 0.1, 0.2, 0.9)


@contextmanager
def watching(folder: Path, port: int, home: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(open_folder(folder, port=port), home, pauses=SOON)
    supervisor.start()
    try:
        yield supervisor
    finally:
        supervisor.stop()


def wait_for(supervisor: Supervisor, wanted: Callable[[GatewayProcess], bool]) -> GatewayProcess:
    for _ in range(600):
        seen = read_state(supervisor.state_file)
        if seen is not None and wanted(seen):
            return seen
        time.sleep(0.05)
    raise AssertionError(f"never seen; the last was {read_state(supervisor.state_file)}")


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
def test_it_is_started_watched_started_again_and_stopped_with_the_desk(tmp_path: Path) -> None:
    folder, port = unpacked(tmp_path / "gw")
    with watching(folder, port, tmp_path / "home") as supervisor:
        first = wait_for(supervisor, lambda seen: seen.state == "running")
        assert first.pid is not None
        os.kill(first.pid, signal.SIGKILL)
        second = wait_for(supervisor, lambda seen: seen.state == "running" and seen.starts == 2)
        assert second.pid is not None
        assert "simulated gateway at" in supervisor.log.read_text()
        assert supervisor.log.stat().st_mode & 0o777 == 0o600
    assert not runs(second.pid)
    stopped = read_state(supervisor.state_file)
    assert stopped is not None
    assert (stopped.state, stopped.pid) == ("stopped", None)


def test_a_gateway_that_listens_already_is_used_and_not_doubled(tmp_path: Path) -> None:
    with listening(tmp_path / "other") as port:
        folder, _ = unpacked(tmp_path / "gw", script="#!/bin/sh\ntouch started\n", port=port)
        with watching(folder, port, tmp_path / "home") as supervisor:
            seen = wait_for(supervisor, lambda seen: seen.state == "used")
    assert (seen.pid, seen.starts) == (None, 0)
    assert not (folder / "started").exists()


def test_a_port_that_another_program_has_is_named_and_nothing_started(tmp_path: Path) -> None:
    with listening(None) as port:
        folder, _ = unpacked(tmp_path / "gw", script="#!/bin/sh\ntouch started\n", port=port)
        with watching(folder, port, tmp_path / "home") as supervisor:
            seen = wait_for(supervisor, lambda seen: bool(seen.problem))
    assert f"localhost:{port}" in seen.problem
    assert "AirPlay" in seen.remedy
    assert not (folder / "started").exists()


def test_one_that_dies_at_once_is_started_again_after_growing_pauses_and_says_why(tmp_path: Path) -> None:
    script = "#!/bin/sh\ndate +%s.%N >> starts\necho no memory\nexit 3\n"
    folder, port = unpacked(tmp_path / "gw", script=script)
    with watching(folder, port, tmp_path / "home") as supervisor:
        seen = wait_for(supervisor, lambda seen: seen.starts >= 5 and bool(seen.problem))
    assert "ended with code 3" in seen.problem
    assert "no memory" in seen.problem
    assert str(supervisor.log) in seen.remedy
    times = [float(line) for line in (folder / "starts").read_text().split()]
    gaps = [after - before for before, after in pairwise(times)]
    assert [gap >= pause for gap, pause in zip(gaps, SOON, strict=False)] == [True] * len(SOON)


def test_what_its_script_started_ends_with_it_and_sees_no_key_of_the_desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSDESK_MODEL_KEY", "secret")
    script = "#!/bin/sh\nenv > seen\nsleep 600 &\necho $! > child\nwait\n"
    folder, port = unpacked(tmp_path / "gw", script=script)
    with watching(folder, port, tmp_path / "home") as supervisor:
        wait_for(supervisor, lambda seen: (folder / "child").exists() and bool(seen.pid))
        child = int((folder / "child").read_text())
        assert runs(child)
    for _ in range(100):
        if not runs(child):
            break
        time.sleep(0.02)
    assert not runs(child)
    assert "secret" not in (folder / "seen").read_text()


def test_a_state_whose_desk_is_gone_says_nothing(tmp_path: Path) -> None:
    file = tmp_path / "process.json"
    assert read_state(file) is None
    file.write_text('{"state": "running", "desk": 4194304}')
    assert read_state(file) is None
