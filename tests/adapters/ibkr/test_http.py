"""The wire: one attempt, the pinned certificate, and the truth about whether a byte left."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx2
import pytest

from glassdesk.adapters.clocks import SystemStopwatch
from glassdesk.adapters.ibkr.calls import Answer, Request
from glassdesk.adapters.ibkr.http import Lost, NeverLeft, Wire, pinned
from glassdesk.kernel.errors import InvalidInput
from tests.adapters.ibkr.gateway import Gateway

ORDER = Request(method="POST", path="/iserver/account/DU1/orders", body={"orders": []})


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[int]]]:
    """A port that treats each connection as `serve` does; counts connections."""
    taken: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                taken.append(1)
                with connection:
                    serve(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", taken
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@contextmanager
def wire(url: str, certificate: Path, gateway: Gateway | None = None) -> Iterator[Wire]:
    transport = httpx2.MockTransport(gateway) if gateway else None
    made = Wire(url, pinned(str(certificate)), SystemStopwatch(), transport=transport)
    try:
        yield made
    finally:
        made.close()


def test_a_closed_port_means_that_no_byte_left(certificate: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with wire(f"http://127.0.0.1:{port}", certificate) as made, pytest.raises(NeverLeft):
        made.send(ORDER, fresh=True)


def test_a_connection_cut_after_the_request_is_lost_and_not_sent_again(certificate: Path) -> None:
    def swallow(connection: socket.socket) -> None:
        connection.recv(65536)

    with listening(swallow) as (url, taken), wire(url, certificate) as made, pytest.raises(Lost):
        made.send(ORDER, fresh=True)
    assert len(taken) == 1


def test_an_answer_cut_half_way_is_lost(certificate: Path) -> None:
    def half(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[{"order_id"')

    with listening(half) as (url, taken), wire(url, certificate) as made, pytest.raises(Lost):
        made.send(ORDER, fresh=True)
    assert len(taken) == 1


def test_every_write_opens_its_own_connection_and_reads_share_one(certificate: Path) -> None:
    def polite(connection: socket.socket) -> None:
        heard = b""
        while chunk := connection.recv(65536):
            heard += chunk
            if heard.endswith(ORDER.content):
                heard = b""
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    with listening(polite) as (url, taken), wire(url, certificate) as made:
        for _ in range(3):
            assert made.send(ORDER, fresh=True) == Answer(status=200, body=b"{}")
        assert len(taken) == 3
        for _ in range(3):
            made.send(ORDER, fresh=False)
        assert len(taken) == 4


def test_a_port_that_cannot_prove_itself_is_told_nothing(certificate: Path) -> None:
    def mute(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with (
        listening(mute) as (url, _),
        wire(url.replace("http:", "https:"), certificate) as made,
        pytest.raises(NeverLeft),
    ):
        made.send(ORDER, fresh=True)


def test_a_missing_certificate_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot read the gateway's certificate"):
        pinned(str(tmp_path / "none.pem"))


def test_every_request_says_who_asks_and_how_long_it_is(certificate: Path) -> None:
    gateway = Gateway()
    gateway.on("POST", "/tickle", {})
    with wire("https://localhost/v1/api", certificate, gateway) as made:
        made.send(Request(method="POST", path="/tickle"), fresh=False)
        made.send(ORDER, fresh=True)
    assert all(headers["user-agent"].startswith("glassdesk/") for headers in gateway.headers)
    assert [headers["content-length"] for headers in gateway.headers] == ["0", "13"]
    assert "content-type" not in gateway.headers[0]


def answering(*headers: str) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        lines = ["HTTP/1.1 200 OK", "Content-Length: 2", "Connection: close", *headers, "", "{}"]
        connection.sendall("\r\n".join(lines).encode())

    return serve


@pytest.mark.parametrize("seconds", [0, 90, -90])
def test_RF_81_the_date_of_an_answer_says_how_far_the_brokers_clock_is_ahead(
    certificate: Path, seconds: int
) -> None:
    dated = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)
    with listening(answering(f"Date: {dated}")) as (url, _), wire(url, certificate) as made:
        assert made.skew() is None
        made.send(Request(method="GET", path="/tickle"), fresh=False)
        skew = made.skew()
    assert skew is not None
    # The header has whole seconds, and a busy machine takes a while to answer.
    assert abs(skew - timedelta(seconds=seconds)) < timedelta(seconds=30)


@pytest.mark.parametrize("headers", [(), ("Date: yesterday",), ("Date: ",)])
def test_an_answer_without_a_readable_date_says_nothing_about_the_clock(
    certificate: Path, headers: tuple[str, ...]
) -> None:
    with listening(answering(*headers)) as (url, _), wire(url, certificate) as made:
        assert made.send(Request(method="GET", path="/tickle"), fresh=False).status == 200
        assert made.skew() is None
