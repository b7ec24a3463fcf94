"""The gate for other processes.

Reads with the secret, nothing else, and waits stay with the caller (`design.md` §4).
"""

import json
import socket
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from glassdesk.adapters.clocks import ManualClock
from glassdesk.adapters.ibkr import gate_client
from glassdesk.adapters.ibkr.broker import BrokerReads
from glassdesk.adapters.ibkr.calls import serving
from glassdesk.adapters.ibkr.gate_client import Endpoint, connect_through, endpoint_of
from glassdesk.adapters.ibkr.gate_server import GateServer, is_read
from glassdesk.kernel.errors import NotFound, ReadFailed, SessionNotReady, Unavailable
from tests.adapters.ibkr.gateway import ACCOUNT, START, Desk, answer, desk
from tests.facts import order_tracking, session

pytestmark = pytest.mark.slow

ORDERS = "/iserver/account/orders"


@dataclass
class Apart:
    """A dealer with its gate open, and the reading ports of another process."""

    dealer: Desk
    server: GateServer
    reads: BrokerReads
    clock: ManualClock
    file: Path


@pytest.fixture
def apart(certificate: Path, tmp_path: Path) -> Iterator[Apart]:
    file = tmp_path / "gate.json"
    with desk(certificate, auto=False) as dealer:
        server = GateServer(dealer.broker.gate)
        server.start()
        server.announce(file)
        clock = ManualClock(START, auto=True)
        reads, client = connect_through(lambda: endpoint_of(file), clock, ACCOUNT)
        yield Apart(dealer, server, reads, clock, file)
        client.close()
        server.stop()


def test_the_secret_is_readable_by_its_owner_alone(apart: Apart) -> None:
    assert stat.S_IMODE(apart.file.stat().st_mode) == 0o600
    assert json.loads(apart.file.read_text()) == {
        "address": apart.server.address,
        "secret": apart.server.secret,
    }
    assert apart.server.address.startswith("http://127.0.0.1:")


def test_a_worker_reads_through_the_dealers_gate(apart: Apart) -> None:
    apart.dealer.gateway.on("GET", ORDERS, order_tracking.LIVE_ORDERS.example)
    with serving("run:1:orders"):
        assert len(apart.reads.order_tracking.live_orders().rows) == 1
    assert [call.purpose for call in apart.dealer.calls] == ["priming", "run:1:orders"]


def test_parameters_and_bodies_go_through(apart: Apart) -> None:
    def search(request: httpx2.Request) -> httpx2.Response:
        return answer([] if dict(request.url.params) != {"symbol": "A B&C"} else [{"conid": "-1"}])

    apart.dealer.gateway.on("GET", "/iserver/secdef/search", search)
    assert apart.reads.contracts.search("A B&C") == ()
    with pytest.raises(NotFound, match="nothing here"):
        apart.reads.contracts.rules(1, fetched_at=START)
    assert apart.dealer.gateway.asked[-1][2]["conid"] == 1


def test_the_caller_waits_in_its_own_market_time_and_the_gate_never_does(apart: Apart) -> None:
    apart.dealer.gateway.on("GET", ORDERS, order_tracking.LIVE_ORDERS.example)
    apart.reads.order_tracking.live_orders()
    done = threading.Event()

    def read() -> None:
        # The dealer's clock stands in this test; the worker's own wait is what moves on.
        apart.clock.wait_until(START + timedelta(seconds=5))
        apart.dealer.clock.advance(timedelta(seconds=5))
        apart.reads.order_tracking.live_orders()
        done.set()

    thread = threading.Thread(target=read)
    thread.start()
    thread.join(timeout=10)
    assert done.is_set()
    assert apart.clock.now() == START + timedelta(seconds=5)


def test_a_turn_that_has_not_come_is_answered_with_the_instant(apart: Apart) -> None:
    apart.dealer.gateway.on("GET", ORDERS, order_tracking.LIVE_ORDERS.example)
    apart.reads.order_tracking.live_orders()
    found = asked(apart, "GET", ORDERS)
    assert (found.status_code, found.json()) == (
        425,
        {"wait_until": "2012-10-01T14:00:05Z", "seconds": 5.0},
    )


def test_a_caller_whose_clock_is_ahead_waits_as_long_as_the_gate_asks(apart: Apart) -> None:
    apart.dealer.gateway.on("GET", ORDERS, order_tracking.LIVE_ORDERS.example)
    apart.reads.order_tracking.live_orders()
    ahead = ManualClock(START + timedelta(minutes=1), auto=True)
    reads, client = connect_through(lambda: endpoint_of(apart.file), ahead, ACCOUNT)
    # The dealer's clock stands in this test: the read comes back every five seconds until it gives up.
    with pytest.raises(ReadFailed, match="never had a turn"):
        reads.order_tracking.live_orders()
    client.close()
    assert ahead.now() - START == timedelta(minutes=3, seconds=5)


def test_the_errors_of_the_broker_reach_the_worker_as_they_are(apart: Apart) -> None:
    apart.dealer.gateway.on("GET", ORDERS, session.NO_BRIDGE.example, status=400)
    with pytest.raises(SessionNotReady, match="no bridge"):
        apart.reads.order_tracking.live_orders()


def test_a_gateway_that_does_not_answer_is_unavailable(apart: Apart) -> None:
    apart.dealer.gateway.on("GET", "/trsrv/stocks", httpx2.ReadTimeout("slow"))
    with pytest.raises(Unavailable, match="ReadTimeout"):
        apart.reads.contracts.stocks(["A"])


@pytest.mark.parametrize("secret", ["none", "wrong"])
def test_without_the_secret_nothing_is_served(apart: Apart, secret: str) -> None:
    assert asked(apart, "GET", "/trsrv/stocks", secret=secret).status_code == 401
    assert apart.dealer.gateway.asked == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"/iserver/account/{ACCOUNT}/orders"),
        ("POST", f"/iserver/account/{ACCOUNT}/order/7"),
        ("DELETE", f"/iserver/account/{ACCOUNT}/order/7"),
        ("POST", "/iserver/reply/7"),
        ("POST", "/iserver/notification"),
        ("POST", "/iserver/questions/suppress"),
        ("POST", "/iserver/auth/ssodh/init"),
        ("POST", "/iserver/account"),
        ("POST", "/logout"),
        ("GET", "/iserver/reauthenticate"),
        ("GET", "/md/regsnapshot"),
        ("GET", "/iserver/account/orders/../../reply/7"),
    ],
)
def test_what_is_no_read_is_refused_with_the_secret_too(apart: Apart, method: str, path: str) -> None:
    assert not is_read(method, path)
    assert asked(apart, method, path).status_code == 403
    assert apart.dealer.gateway.asked == []


def test_a_what_if_counts_as_a_read() -> None:
    assert is_read("POST", f"/iserver/account/{ACCOUNT}/orders/whatif")


def test_a_body_that_is_no_json_or_too_large_is_refused(apart: Apart) -> None:
    assert asked(apart, "POST", "/iserver/contract/rules", content=b"{").status_code == 400
    assert asked(apart, "POST", "/iserver/contract/rules", content=b"1" * 70_000).status_code == 413


def test_after_a_takeover_the_new_gate_is_looked_up(apart: Apart) -> None:
    apart.dealer.gateway.on("GET", "/trsrv/stocks", {})
    apart.reads.contracts.stocks(["A"])
    second = GateServer(apart.dealer.broker.gate)
    second.start()
    second.announce(apart.file)
    apart.server.stop()
    assert apart.reads.contracts.stocks(["B"]) == {"B": []}
    second.stop()


def test_another_secret_is_looked_up_once(apart: Apart) -> None:
    answers = iter([Endpoint(address=apart.server.address, secret="old"), endpoint_of(apart.file)])
    reads, client = connect_through(lambda: next(answers), apart.clock, ACCOUNT)
    apart.dealer.gateway.on("GET", "/trsrv/stocks", {})
    assert reads.contracts.stocks(["A"]) == {"A": []}
    client.close()


def test_a_gate_that_takes_a_read_and_never_answers_is_not_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gate_client, "_TIMEOUT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as stopped:
        endpoint = Endpoint(address=f"http://127.0.0.1:{stopped.getsockname()[1]}", secret="s")
        reads, client = connect_through(lambda: endpoint, ManualClock(START, auto=True), ACCOUNT)
        with pytest.raises(Unavailable, match="does not answer"):
            reads.order_tracking.live_orders()
        client.close()
        stopped.settimeout(0.1)
        stopped.accept()[0].close()
        with pytest.raises(TimeoutError):
            stopped.accept()


def test_without_a_dealer_the_error_says_what_to_start(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"no dealer has opened its gate.*glassdesk dealer"):
        endpoint_of(tmp_path / "gate.json")


def asked(
    apart: Apart, method: str, path: str, *, secret: str | None = None, content: bytes = b""
) -> httpx2.Response:
    given = apart.server.secret if secret is None else secret
    url = httpx2.URL(apart.server.address).copy_with(raw_path=path.encode())
    headers = {} if given == "none" else {"Authorization": f"Bearer {given}"}
    with httpx2.Client(trust_env=False) as client:
        return client.request(method, url, content=content, headers=headers)
