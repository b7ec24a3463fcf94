"""`glassdesk up` with an unpacked gateway: from nothing to a ready session, as a person goes through it."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
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

    def lacks(self, problem: str) -> Any:
        """What `session status` says is missing, which has to be `problem`."""
        missing = self.answer("session", "status")["missing"]
        assert missing["problem"] == problem, missing
        return missing

    def wait_for(self, word: str, told: Callable[[], str]) -> None:
        """Until a look that costs nothing holds the word."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(OSError, sqlite3.OperationalError, TypeError):
                if word in told():
                    return
            time.sleep(0.1)
        raise TimeoutError(f"never {word}")

    def gateway_state(self) -> str:
        """What the desk says of its gateway's process."""
        return (self.home / "gateway/process.json").read_text()

    def session_state(self) -> str:
        """What the dealer wrote down last."""
        with closing(sqlite3.connect(self.home / "glassdesk.sqlite")) as link:
            return str(link.execute("select body from session_status").fetchone()[0])


def test_from_an_unpacked_gateway_to_a_ready_session(tmp_path: Path) -> None:
    person = Person(tmp_path)
    with person.up():
        person.wait_for('"running"', person.gateway_state)
        shown = person.lacks("unknown_certificate")["detail"].split("SHA-256 ")[1].rstrip(".")
        assert person.answer("session", "trust", "--fingerprint", shown)["fingerprint"] == shown
        waiting = person.begin("session", "login", "--json")
        person.wait_for('"signed_out"', person.session_state)
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
