"""`glassdesk up` with an unpacked gateway: from nothing to a ready session, as a person goes through it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from glassdesk.adapters.simulation import ControlPlane
from glassdesk.adapters.simulation.endpoint import read_endpoint
from tests.adapters.gateway.standin import unpacked

pytestmark = [pytest.mark.process, pytest.mark.slow, pytest.mark.journey]
PROGRAM = Path(sys.executable).with_name("glassdesk")


class Person:
    """Types commands into a home whose broker is a gateway of its own folder."""

    def __init__(self, folder: Path) -> None:
        self.gateway, port = unpacked(folder / "gw")
        self.home = folder / "home"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("GLASSDESK_", "SSH_"))}
        self.environment = kept | {
            "GLASSDESK_HOME": str(self.home),
            "GLASSDESK_BROKER_URL": f"https://localhost:{port}",
            "GLASSDESK_GATEWAY_DIR": str(self.gateway),
            "GLASSDESK_ACCOUNT_KIND": "paper",
            "GLASSDESK_WEB_PORT": "0",
        }

    def begin(self, *words: str) -> subprocess.Popen[str]:
        command = [str(PROGRAM), *words]
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True)

    def answer(self, *words: str) -> Any:
        with self.begin(*words, "--json") as asked:
            out, _ = asked.communicate(timeout=90)
        return json.loads(out)

    @contextmanager
    def up(self) -> Iterator[None]:
        with self.begin("up") as running:
            try:
                assert running.stdout is not None
                assert "Glassdesk is at" in running.stdout.readline()
                yield
            finally:
                running.send_signal(signal.SIGTERM)
                running.communicate(timeout=60)

    def sign_in(self) -> None:
        """At the gateway's own page; here through its control plane."""
        control = ControlPlane(read_endpoint(self.gateway / "home/endpoint.json"))
        control.sign_in()
        control.close()

    def missing(self, problem: str) -> Any:
        """What `session status` says once it is `problem` that is missing."""
        seen: Any = None
        for _ in range(60):
            seen = self.answer("session", "status")
            if seen["missing"] and seen["missing"]["problem"] == problem:
                return seen
            time.sleep(0.5)
        raise AssertionError(f"never {problem}: {seen['missing']}")


def test_from_an_unpacked_gateway_to_a_ready_session(tmp_path: Path) -> None:
    person = Person(tmp_path)
    with person.up():
        unknown = person.missing("unknown_certificate")
        shown = unknown["missing"]["detail"].split("SHA-256 ")[1].rstrip(".")
        assert person.answer("session", "trust", "--fingerprint", shown)["fingerprint"] == shown
        waiting = person.begin("session", "login", "--json")
        person.missing("signed_out")
        person.sign_in()
        out, _ = waiting.communicate(timeout=90)
        login = json.loads(out)
        assert (waiting.returncode, login["ready"], login["missing"]) == (0, True, None)
        assert login["asked"]["kind"] == "session_login"
        feeds = {one["check"]: one["feed"] for one in person.answer("doctor", "--symbols", "AAPL,NOPE")}
        assert feeds["AAPL"]["letters"] == "RpB"
        assert feeds["NOPE"]["problem"] == "not_found"
    state = json.loads((person.home / "gateway/process.json").read_text())
    assert (state["state"], state["starts"]) == ("stopped", 1)


def test_a_folder_without_a_gateway_ends_with_one_line(tmp_path: Path) -> None:
    person = Person(tmp_path)
    (person.gateway / "bin/run.sh").unlink()
    command = [str(PROGRAM), "up"]
    told = subprocess.run(
        command, env=person.environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert told.returncode == 2
    assert told.stderr.startswith("error: GLASSDESK_GATEWAY_DIR: ")
    assert "has no bin/run.sh" in told.stderr
