"""The stream against a simulated gateway over real TLS: one thread, pinned certificate, real frames."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from glassdesk.adapters.clocks import SystemClock, SystemStopwatch
from glassdesk.adapters.ibkr import Broker, connect
from glassdesk.adapters.ibkr.http import pinned
from glassdesk.adapters.ibkr.line import LineDown
from glassdesk.adapters.ibkr.stream import gateway_line
from glassdesk.adapters.simulation import ControlPlane, Endpoint
from glassdesk.workflow.orders.model import OutcomeKind
from tests.adapters.ibkr.gateway import ACCOUNT
from tests.adapters.ibkr.tickets import AAPL, ENTRY
from tests.adapters.simulation.running import simulator

pytestmark = [pytest.mark.process, pytest.mark.slow]
PATIENCE = 30.0
OPEN = datetime(2012, 10, 1, 14, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    with simulator(tmp_path_factory.mktemp("home"), start=date(2012, 10, 1)) as running:
        yield running


@pytest.fixture(scope="module")
def control(endpoint: Endpoint) -> Iterator[ControlPlane]:
    made = ControlPlane(endpoint)
    made.sign_in()
    made.advance_to(OPEN)
    yield made
    made.close()


@pytest.fixture(scope="module")
def broker(endpoint: Endpoint, control: ControlPlane) -> Iterator[Broker]:
    made = connect(endpoint.url, endpoint.cert, SystemClock(), SystemStopwatch(), lambda _: None, ACCOUNT)
    yield made
    made.close()


def until(true: Callable[[], bool]) -> None:
    """Machine time: the stream lives in it."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


def test_a_stream_tells_of_orders_survives_bad_bytes_and_comes_back_after_a_loss(
    broker: Broker, control: ControlPlane
) -> None:
    stream = broker.stream
    stream.attend(True)
    until(lambda: stream.flowing)
    assert stream.orders_changed(), "what is new since the last reading is read again"
    assert not stream.orders_changed()

    ask = broker.market_data.quotes([AAPL], read_at=datetime.now(UTC))[AAPL].ask
    assert ask is not None
    order = replace(ENTRY, coid="gd1sstreamstreamstream", price=ask - Decimal(5), quantity=Decimal(5))
    assert broker.orders.place((order,)).kind is OutcomeKind.ACCEPTED
    until(stream.orders_changed)
    assert [row.order_ref for row in broker.order_tracking.live_orders().rows] == [order.coid]

    control.arm(82)
    control.person_order(AAPL, "BUY", 1)
    until(stream.orders_changed)
    assert (stream.flowing, stream.opened) == (True, 1)

    control.arm(2)
    control.advance_to(OPEN + timedelta(minutes=1))
    until(stream.session_changed)
    assert broker.session.repair(seen_at=datetime.now(UTC)).ready
    until(lambda: stream.flowing)
    assert stream.opened == 2
    stream.attend(False)
    until(lambda: not stream.flowing)


def test_F_17_a_gateway_with_another_certificate_is_told_no_cookie(
    endpoint: Endpoint, certificate: Path, control: ControlPlane
) -> None:
    with pytest.raises(LineDown, match="cannot connect"):
        gateway_line(endpoint.url + "/v1/api", pinned(str(certificate)), None)("secret")


@pytest.mark.parametrize("cookie", ["", "not-the-session"])
def test_a_wrong_cookie_is_refused_at_the_handshake(
    endpoint: Endpoint, control: ControlPlane, cookie: str
) -> None:
    with pytest.raises(LineDown, match="refused"):
        gateway_line(endpoint.url + "/v1/api", pinned(endpoint.cert), None)(cookie)
