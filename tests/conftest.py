"""What holds for every test: no network beyond this machine, and on CI nothing is left out quietly."""

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

ON_CI = os.environ.get("CI") == "true"
OVER_A_DESK = (
    "web/",
    "cli/",
    "faults/",
    "workflow/dealing/",
    "workflow/runs/",
    "workflow/schedules/",
    "workflow/prompts/test_prompts.py",
    "workflow/prompts/test_labels.py",
    "workflow/prompts/test_defects.py",
    "workflow/prompts/test_files.py",
    "adapters/laws/",
    "adapters/database/",
)
# What plays whole lives: coverage would cost it half as much time again and shows nothing new.
UNCOVERED = ("architecture/", "chaos/", "faults/", "fuzz/", "journeys/", "mutations/", "oracle/", "soak/")
UNCOVERED_MARKS = ("browser", "process")
# Begun first, so that at the end no core waits for another that has just begun one of them.
LONG = (
    "web/test_browser.py",
    "chaos/test_order_path.py",
    "journeys/test_restart.py",
    "journeys/test_distributed.py",
    "chaos/distributed/",
    "journeys/test_lineage.py",
    "chaos/",
    "deploy/",
    "journeys/",
)
LEFT_OUT = ("skipped", "xfailed", "deselected")

# A shared machine makes any example slow now and then; on CI the same commit always tries the same examples.
settings.register_profile("glassdesk", deadline=None, derandomize=ON_CI, print_blob=True)
settings.load_profile("glassdesk")


class BeyondThisMachineError(RuntimeError):
    """A test tried to reach another machine."""


def is_here(address: Any) -> bool:
    """Is this a Unix socket, or a loopback address or name?"""
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    if host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def refuse_beyond(address: Any) -> None:
    if not is_here(address):
        raise BeyondThisMachineError(f"tests do not leave this machine: {address!r}")


@pytest.fixture(scope="session", autouse=True)
def network_ends_here() -> Iterator[None]:
    """Guards what runs on Python's sockets.

    Libraries that open theirs in C or Rust are given addresses of this machine by the servers' fixtures.
    """
    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        refuse_beyond(address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        refuse_beyond(address)
        return connect_ex(self, address)

    def guarded_look_up(host: Any, *rest: Any, **options: Any) -> Any:
        refuse_beyond((host.decode() if isinstance(host, bytes) else host or "",))
        return look_up(host, *rest, **options)

    with pytest.MonkeyPatch.context() as patch:
        # On the class itself: TLS sockets inherit from it.
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield


@pytest.fixture(scope="session", autouse=True)
def simulators_answer_by_schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every simulator that a test or its desk starts holds each of its answers against its schema."""
    report = tmp_path_factory.mktemp("simulators") / "violations.txt"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IBKR_SIMULATOR_VIOLATIONS", str(report))
        yield
    assert not report.exists(), report.read_text()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--part", choices=("covered", "uncovered"), help="one of the two halves of all tests")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Of the other half only what may hold a test of this one is read: a mark stands in its file."""
    part = config.getoption("part")
    if part is None or collection_path.suffix != ".py":
        return None
    alone = any(f"/tests/{folder}" in collection_path.as_posix() for folder in UNCOVERED)
    if part == "covered":
        return alone or None
    text = "" if alone else collection_path.read_text(encoding="utf-8")
    return None if alone or any(f"mark.{mark}" in text for mark in UNCOVERED_MARKS) else True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is tested over a whole desk is marked so, and left out of the quick tests."""
    for item in items:
        if _is_in(item, OVER_A_DESK):
            item.add_marker("desk")
    if part := config.getoption("part"):
        items[:] = [item for item in items if _is_uncovered(item) == (part == "uncovered")]
    if part == "uncovered":
        items.sort(
            key=lambda item: next((at for at, name in enumerate(LONG) if _is_in(item, (name,))), len(LONG))
        )


def _is_uncovered(item: pytest.Item) -> bool:
    return _is_in(item, UNCOVERED) or any(map(item.get_closest_marker, UNCOVERED_MARKS))


def _is_in(item: pytest.Item, folders: tuple[str, ...]) -> bool:
    return item.nodeid.removeprefix("tests/").startswith(folders)


def left_out(config: pytest.Config) -> dict[str, int]:
    """What was not run, by kind. Whoever names tests by mark or word on the command line wants no others."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    chosen = any(word.startswith(("-m", "-k")) for word in config.invocation_params.args)
    kinds = [kind for kind in LEFT_OUT if not (chosen and kind == "deselected")]
    return {kind: len(reporter.stats[kind]) for kind in kinds if reporter and reporter.stats.get(kind)}


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if ON_CI and exitstatus == pytest.ExitCode.OK and left_out(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if ON_CI and (counts := left_out(config)):
        terminalreporter.write_line(f"On CI no test may be left out: {counts}", red=True)
