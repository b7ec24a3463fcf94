"""The real process: TLS, the sign-in page, headers, lost answers, the sockets, a restart."""

import asyncio
import http.client
import json
import os
import socket
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from websockets.asyncio.client import ClientConnection as StreamConnection
from websockets.asyncio.client import connect as stream
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from ibkr_simulator.truth import TruthLog
from simulator.tests.support import ACCOUNT, Wire, bracket, launch, limit

pytestmark = pytest.mark.process


@contextmanager
def join(wire: Wire, name: str, role: str) -> Iterator[ClientConnection]:
    """A participant of the round, on the plain port: this client reads and writes from two threads."""
    control = wire.endpoint["control"].replace("http://", "ws://")
    with connect(f"{control}/control/clock/join?name={name}&role={role}") as seat:
        yield seat


def heard(seat: ClientConnection) -> dict[str, Any]:
    """The next message."""
    return dict(json.loads(seat.recv(timeout=5)))


def test_time_does_not_jump_while_the_connections_of_a_dead_process_end_one_by_one(wire: Wire) -> None:
    """The one that worked is noticed first; those that waited would let time go to what they waited for."""
    with join(wire, "dead-dealer", "dealer") as dealer, join(wire, "dead-person", "person") as person:
        before = heard(dealer)["now"]
        heard(person)
        person.send(json.dumps({"wait_until": "2012-10-15T20:15:00Z"}))
        while [p["state"] for p in wire.control("GET", "/clock")["participants"]].count("WAITING") != 1:
            time.sleep(0.01)
        dealer.socket.shutdown(socket.SHUT_RDWR)
        time.sleep(0.1)
        person.socket.shutdown(socket.SHUT_RDWR)
        while wire.control("GET", "/clock")["participants"]:
            time.sleep(0.01)
    assert wire.control("GET", "/clock")["now"] == before


def test_the_endpoint_file_names_a_certificate_to_pin_and_the_key_is_private(wire: Wire) -> None:
    cert = Path(wire.endpoint["cert"])
    assert stat.S_IMODE((cert.parent / "key.pem").stat().st_mode) == 0o600
    assert wire.endpoint["pid"] != os.getpid()
    stranger = http.client.HTTPSConnection(
        "localhost", wire.endpoint["port"], context=ssl.create_default_context()
    )
    with pytest.raises(ssl.SSLCertVerificationError):
        stranger.request("GET", "/")


def test_it_makes_a_home_where_it_is_started_and_begins_a_year_into_the_tape(tmp_path: Path) -> None:
    tape = "synthetic:SYMBOLS=5,START=2023-01-03,DAYS=800"
    command = [sys.executable, "-m", "ibkr_simulator", "serve", "--port", "0", "--tape", tape]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        process.terminate()
    assert f"tape={tape} seed=7 now=2024-01-04T05:00:00Z" in said
    assert {"cert.pem", "endpoint.json", "truth.sqlite"} <= set(os.listdir(tmp_path / ".ibkr-simulator"))


def test_a_person_signs_in_at_the_page(wire: Wire) -> None:
    wire.control("POST", "/switches", {"pacing": "off"})
    status, form = wire.exchange("GET", "/")
    assert (status, "<form" in form) == (200, True)
    headers = {"User-Agent": "browser", "Content-Type": "application/x-www-form-urlencoded"}
    wrong = urlencode({"username": "somebody", "password": "x"})
    assert wire.send("POST", "/sso/Login", wrong, headers | {"Content-Length": str(len(wrong))})[0] == 401
    right = urlencode({"username": "paper", "password": "x"})
    answer = wire.send("POST", "/sso/Login", right, headers | {"Content-Length": str(len(right))})
    assert answer == (200, "Client login succeeds")
    assert wire.get("/iserver/auth/status")["authenticated"] is True


def test_no_user_agent_is_403_and_no_content_length_is_411(wire: Wire) -> None:
    assert wire.send("GET", "/v1/api/tickle", None, {})[0] == 403
    assert wire.send("POST", "/v1/api/tickle", None, {"User-Agent": "test"})[0] == 411
    wire.close()


def test_a_lost_answer_leaves_an_accepted_order_behind(wire: Wire) -> None:
    wire.ready()
    wire.control("POST", "/faults", {"number": 22})
    with pytest.raises((http.client.HTTPException, OSError)):
        wire.ask(limit("lost", 600.0))
    assert "lost" in wire.orders()
    cut = [row for row in wire.control("GET", "/truth/requests") if row["cut"]]
    assert [(row["method"], row["faults"]) for row in cut] == [("POST", [22])]


def test_a_truncated_answer_breaks_off_in_the_middle(wire: Wire) -> None:
    wire.ready()
    wire.control("POST", "/faults", {"number": 25, "endpoint": "tickle", "manner": "truncated"})
    with pytest.raises(http.client.IncompleteRead):
        wire.get("/tickle")


def test_a_503_though_accepted_leaves_an_order_behind(wire: Wire) -> None:
    wire.ready()
    wire.control("POST", "/faults", {"number": 23})
    assert wire.api("POST", f"{ACCOUNT}/orders", {"orders": [limit("late", 600.0)]})[0] == 503
    assert "late" in wire.orders()


def test_a_scenario_of_the_command_line_replaces_the_certificate(home: Path, tmp_path: Path) -> None:
    scenario = tmp_path / "day.toml"
    scenario.write_text('[[fault]]\nnumber = 17\nendpoint = "tickle"\nskip = 1\n', encoding="utf-8")
    process, endpoint = launch(home, "2012-10-01T15:00:00Z", "--scenario", str(scenario))
    client = Wire(endpoint)
    try:
        assert [client.api("POST", "/tickle")[0] for _ in range(2)] == [401, 401]
        client.close()
        with pytest.raises(ssl.SSLCertVerificationError):
            client.api("POST", "/tickle")
    finally:
        client.close()
        process.terminate()
        process.wait(5)


def test_two_participants_move_time_together_over_the_wire(wire: Wire) -> None:
    with join(wire, "w", "worker") as worker, join(wire, "d", "dealer") as dealer:
        begun = heard(worker)["now"]
        assert heard(dealer) == {"now": begun}
        worker.send(json.dumps({"ping": 1}))
        assert heard(worker) == {"pong": 1}
        worker.send(json.dumps({"wait_until": "2012-10-02T15:00:00Z", "on_event": False}))
        dealer.send(json.dumps({"wait_until": "2012-10-02T15:00:00Z", "on_event": True}))
        # The lost orders of the tests before end at the close: a tape event, which wakes the dealer only.
        assert heard(dealer) == {"now": "2012-10-01T20:00:00Z", "event": True}
        dealer.send(json.dumps({"wait_until": None, "on_event": True}))
        assert heard(worker) == {"now": "2012-10-02T15:00:00Z", "event": False}
        assert {row["state"] for row in wire.control("GET", "/clock")["participants"]} == {
            "WORKING",
            "WAITING",
        }
    with join(wire, "", "king") as nobody, pytest.raises(ConnectionClosed):
        nobody.recv(timeout=5)


def test_the_stream_greets_and_tells_of_orders_and_trades(wire: Wire) -> None:
    # One thread for reading and writing: two of them on one TLS connection can wait for each other for ever.
    asyncio.run(_listen_to_the_stream(wire))


async def _listen_to_the_stream(wire: Wire) -> None:
    wire.ready()
    session = wire.get("/tickle")["session"]
    url = f"wss://localhost:{wire.endpoint['port']}/v1/api/ws"
    async with stream(url, ssl=wire.tls, additional_headers={"Cookie": f"api={session}"}) as socket:
        assert [(await _next(socket))["topic"] for _ in range(3)] == ["system", "sts", "act"]
        for asked in ("sor+{}", "str+{}", "tic"):
            await socket.send(asked)
        while (await _next(socket))["topic"] != "tic":
            pass
        wire.place(*bracket("ws", 999.0, 500.0, 990.0, quantity=1))
        frames = [await _next(socket) for _ in range(4)]
        assert {frame["topic"] for frame in frames} == {"sor", "str"}
        trade = next(frame for frame in frames if frame["topic"] == "str")["args"][0]
        assert (trade["order_ref"], "commission" in trade) == ("ws", False)
        wire.control("POST", "/faults", {"number": 3})
    with pytest.raises(InvalidStatus):
        await stream(url, ssl=wire.tls)


async def _next(socket: StreamConnection) -> dict[str, Any]:
    return dict(json.loads(await asyncio.wait_for(socket.recv(), 5)))


def test_the_truth_survives_a_restart_of_the_simulator(home: Path) -> None:
    process, endpoint = launch(home, "2012-10-01T15:00:00Z")
    first = Wire(endpoint)
    first.ready()
    first.place(*bracket("b", 999.0, 650.0, 990.0))
    first.advance("2012-10-02T15:00:00Z")
    before = _truth(first)
    first.close()
    process.kill()
    process.wait(5)
    process, endpoint = launch(home, "2012-10-01T15:00:00Z")
    second = Wire(endpoint)
    assert _truth(second) == before
    assert second.api("GET", "/tickle")[0] == 401
    second.advance("2012-10-08T14:00:00Z")
    assert second.executions()[-1]["coid"] == "b-stop"
    second.close()
    process.terminate()
    process.wait(5)


def _truth(client: Wire) -> list[Any]:
    names = ("orders", "executions", "positions", "cash", "equity")
    return [client.control("GET", f"/truth/{name}") for name in names]


def test_a_checking_simulator_lists_answers_that_no_schema_allows(wire: Wire) -> None:
    wire.ready()
    assert wire.control("GET", "/truth/violations") == []


def test_a_home_of_an_earlier_form_is_refused_in_one_line(tmp_path: Path) -> None:
    old = TruthLog(tmp_path / "truth.sqlite")
    old.keep("now", "0")
    old.close()
    refused = subprocess.run(
        [sys.executable, "-m", "ibkr_simulator", "serve", "--port", "0", "--home", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 2
    assert refused.stderr.splitlines() == [
        "ibkr-simulator: this home is of form 1, this version reads form 2; use another --home"
    ]
