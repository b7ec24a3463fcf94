"""The rules of tests/conftest.py hold themselves: no network, and nothing left out on CI."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

BEYOND = ("192.0.2.1", 443)


def test_another_machine_cannot_be_reached() -> None:
    with socket.socket() as plain, pytest.raises(RuntimeError, match="do not leave this machine"):
        plain.connect(BEYOND)


def test_another_machine_is_not_even_looked_up() -> None:
    with pytest.raises(RuntimeError, match="do not leave this machine"):
        socket.create_connection(("example.com", 443))


def test_this_machine_can_be_reached() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert client.getpeername() == server.getsockname()


@pytest.mark.process
@pytest.mark.parametrize(("ci", "exit_code"), [("true", 1), ("false", 0)])
def test_a_skipped_test_is_a_failure_on_ci_and_nowhere_else(tmp_path: Path, ci: str, exit_code: int) -> None:
    (tmp_path / "conftest.py").write_text((ROOT / "tests/conftest.py").read_text())
    (tmp_path / "test_one.py").write_text(
        "import pytest\ndef test_done(): ...\n@pytest.mark.skip\ndef test_not(): ...\n"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    done = subprocess.run(
        command, env=os.environ | {"CI": ci}, cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == exit_code, done.stdout
