"""I-48: a dealer that ends no turn for more than ninety seconds is told, once, by whoever else lives."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from glassdesk.adapters.clocks import ManualClock
from glassdesk.adapters.database import Stores, open_database
from glassdesk.adapters.notify.heartbeat import HeartbeatAddress
from glassdesk.kernel.errors import InvalidInput, Unavailable
from glassdesk.settings import load
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.notifications.dispatching import Channels
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.operations.heart import Heart
from glassdesk.workflow.operations.pulse import Pulse
from glassdesk.workflow.session.model import SessionState
from tests.workflow.dealing.desk import a_desk
from tests.workflow.dealing.makers import WINDOW

NOON = datetime(2024, 3, 4, 12, 0, tzinfo=UTC)


class RealTime(ManualClock):
    wakes_on_events = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Processes of one database."""

    clock: ManualClock
    stores: Stores
    notifications: Notifications

    def process(self, clock: ManualClock | None = None) -> Pulse:
        return Pulse(
            self.stores.transactions, self.stores.signs, self.notifications, clock or self.clock, "dealer:DU1"
        )

    def after(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    def told(self) -> list[tuple[str, Severity]]:
        with self.stores.transactions.read() as t:
            return [(one.title, one.severity) for one in reversed(self.notifications.recent(t))]


@pytest.fixture
def home() -> Iterator[Home]:
    stores, clock = open_database("memory:"), RealTime(NOON)
    audit = Audit(stores.audit, clock)
    notifications = Notifications(stores.transactions, stores.outbox, Channels(), clock, audit)
    yield Home(clock=clock, stores=stores, notifications=notifications)
    stores.close()


QUIET = ("The dealer is quiet", Severity.ALARM)
BACK = ("The dealer is back", Severity.WARNING)


def test_I_48_a_gap_of_more_than_ninety_seconds_is_an_alarm_once_whoever_looks(home: Home) -> None:
    dealer, worker, web = home.process(), home.process(), home.process()
    dealer.turned(reigns=True)
    home.after(90)
    assert not worker.look()
    assert home.told() == []
    home.after(1)
    assert worker.look()
    assert web.look()
    home.after(3600)
    assert worker.look()
    assert home.told() == [QUIET]


def test_I_48_the_next_dealer_tells_of_the_gap_and_a_second_gap_is_told_again(home: Home) -> None:
    home.process().turned(reigns=True)
    home.after(600)
    worker, successor = home.process(), home.process()
    assert worker.look()
    successor.turned(reigns=True)
    assert not worker.look()
    home.after(5)
    successor.turned(reigns=True)
    assert home.told() == [QUIET, BACK]
    home.after(91)
    assert worker.look()
    successor.turned(reigns=True)
    assert home.told() == [QUIET, BACK, QUIET, BACK]


def test_I_48_a_machine_that_slept_is_told_by_the_dealer_itself(home: Home) -> None:
    dealer = home.process()
    dealer.turned(reigns=True)
    home.after(8 * 3600)
    dealer.turned(reigns=True)
    assert home.told() == [BACK]


def test_turns_without_a_gap_are_no_news_and_few_commits(home: Home) -> None:
    dealer, seen = home.process(), []
    for _ in range(60):
        dealer.turned(reigns=True)
        with home.stores.transactions.read() as t:
            seen.append(home.stores.signs.seen(t, "dealer:DU1"))
        home.after(1)
    assert len(set(seen)) == 6
    assert not home.process().look()
    assert home.told() == []


def test_a_dealer_that_stands_by_is_no_pulse(home: Home) -> None:
    home.process().turned(reigns=True)
    home.after(91)
    home.process().turned(reigns=False)
    assert home.process().look()


def test_a_desk_that_never_had_a_dealer_is_not_quiet(home: Home) -> None:
    assert not home.process().look()


def test_simulated_time_has_no_pulse(home: Home) -> None:
    simulated = ManualClock(NOON)
    home.process(simulated).turned(reigns=True)
    with home.stores.transactions.read() as t:
        assert home.stores.signs.seen(t, "dealer:DU1") is None
    home.process().turned(reigns=True)
    simulated.advance(timedelta(hours=5))
    assert not home.process(simulated).look()


class Watch:
    """A stopwatch moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def seconds(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


def test_the_heart_beats_while_whole_turns_end_and_says_once_that_they_do_not() -> None:
    watch, sent = Watch(), list[bool]()
    heart = Heart(watch, sent.append)
    heart.beat()
    assert sent == []  # nobody reigns yet
    heart.turned(reigns=True, whole=True)
    for _ in range(2):
        watch.pause(30)
        heart.turned(reigns=True, whole=True)
        heart.beat()
    assert sent == [True, True]
    for _ in range(5):  # turns end, and nobody is signed in
        watch.pause(30)
        heart.turned(reigns=True, whole=False)
        heart.beat()
    assert sent == [True, True, True, False]
    heart.turned(reigns=True, whole=True)
    heart.beat()
    heart.turned(reigns=False, whole=False)
    heart.beat()
    assert sent == [True, True, True, False, True]


def test_a_failure_that_did_not_arrive_is_said_again() -> None:
    watch, tries = Watch(), list[bool]()

    def send(well: bool) -> None:
        tries.append(well)
        if len(tries) == 1:
            raise Unavailable("no answer")

    heart = Heart(watch, send)
    heart.turned(reigns=True, whole=False)
    watch.pause(91)
    with pytest.raises(Unavailable):
        heart.beat()
    heart.beat()
    heart.beat()
    assert tries == [False, False]


def test_only_a_turn_that_went_whole_watches() -> None:
    desk = a_desk()
    dealer = desk.dealers[0]
    assert (dealer.reigns, dealer.watched) == (False, False)
    desk.run_until(WINDOW)
    assert (dealer.reigns, dealer.watched) == (True, True)
    desk.broker.state = SessionState.SIGNED_OUT
    desk.run_until(WINDOW + timedelta(minutes=2))
    assert (dealer.reigns, dealer.watched) == (True, False)
    dealer.step_down()
    assert (dealer.reigns, dealer.watched) == (False, False)


@pytest.fixture
def service() -> Iterator[tuple[str, list[str]]]:
    """A dead-man's switch on this machine: its address, and what was asked of it."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(500 if "broken" in self.path else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (as the base class)
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_address_is_asked_and_never_named(service: tuple[str, list[str]]) -> None:
    base, asked = service
    HeartbeatAddress(f"{base}/token").send(True)
    HeartbeatAddress(f"{base}/token").send(False)  # nobody knows what failure is there
    HeartbeatAddress(f"{base}/token", f"{base}/token?state=fail").send(False)
    assert asked == ["/token", "/token?state=fail"]
    with pytest.raises(Unavailable, match="HTTP 500") as refused:
        HeartbeatAddress(f"{base}/broken-token").send(True)
    assert "broken-token" not in str(refused.value)


def test_services_that_know_failure_are_told_there() -> None:
    assert HeartbeatAddress("https://hc-ping.com/uuid/")._fail_url == "https://hc-ping.com/uuid/fail"
    assert HeartbeatAddress("https://nosnch.in/c2354d53d2")._fail_url == ""


@pytest.mark.parametrize("url", ["http://hc-ping.com/secret-word", "ftp://x/secret-word", "secret-word"])
def test_an_address_that_is_none_is_refused_without_naming_it(tmp_path: object, url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        load(tmp_path, heartbeat_url=url)  # type: ignore[arg-type]
    assert refused.value.where == "GLASSDESK_HEARTBEAT_URL"
    assert "secret-word" not in str(refused.value)
