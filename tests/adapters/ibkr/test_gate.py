"""The gate: exclusive orders, pacing, priming, retries, the penalty box, the record (`design.md` §4)."""

import itertools
import threading
from datetime import datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from glassdesk.adapters.ibkr.calls import Request
from glassdesk.kernel.errors import InvalidInput, ReadFailed, SessionNotReady, Unavailable
from glassdesk.workflow.orders.model import OutcomeKind
from tests.adapters.ibkr.gateway import ACCOUNT, START, Desk, answer, desk
from tests.adapters.ibkr.tickets import BRACKET, ENTRY
from tests.facts import order_tracking, orders, session

PLACE = f"/iserver/account/{ACCOUNT}/orders"
SEARCH = Request(method="GET", path="/iserver/secdef/search", params={"symbol": "A"})
TICKLE = Request(method="POST", path="/tickle")
ORDERS = "/iserver/account/orders"
SUPPRESS = "/iserver/questions/suppress"


def test_no_iserver_request_comes_between_an_order_and_its_questions(over: Desk) -> None:
    question = orders.QUESTION.example[0] | {"messageIds": ["o10331"]}
    reply = f"/iserver/reply/{question['id']}"
    asked_first, others_tried = threading.Event(), threading.Event()

    def ask(request: httpx2.Request) -> httpx2.Response:
        asked_first.set()
        # The readers have every chance to come between before the question is answered.
        others_tried.wait(timeout=0.3)
        return answer([question])

    over.gateway.on("POST", PLACE, ask)
    over.gateway.on("POST", reply, [{"order_id": str(n), "order_status": "Submitted"} for n in (1, 2, 3)])
    over.gateway.on("GET", SEARCH.path, [])
    over.gateway.on("POST", TICKLE.path, {})

    def read() -> None:
        asked_first.wait(timeout=5)
        over.broker.gate.read(TICKLE)
        over.broker.gate.read(SEARCH)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    outcome = over.broker.orders.place(BRACKET)
    for reader in readers:
        reader.join()

    assert outcome.kind is OutcomeKind.ACCEPTED
    between = over.gateway.paths()[over.gateway.paths().index(PLACE) :]
    between = between[: between.index(reply)]
    assert set(between[1:]) <= {TICKLE.path}
    assert over.gateway.paths().count(SEARCH.path) == 3


def test_an_order_waits_for_reads_that_are_under_way(over: Desk) -> None:
    reading, ordered, done = threading.Event(), threading.Event(), list[str]()

    def slow(request: httpx2.Request) -> httpx2.Response:
        reading.set()
        ordered.wait(timeout=0.2)
        done.append("read")
        return answer([])

    def place(request: httpx2.Request) -> httpx2.Response:
        done.append("order")
        return answer(orders.ACCEPTED.example)

    over.gateway.on("GET", SEARCH.path, slow)
    over.gateway.on("POST", PLACE, place)
    reader = threading.Thread(target=over.broker.gate.read, args=(SEARCH,))
    reader.start()
    reading.wait(timeout=5)
    over.broker.orders.place((ENTRY,))
    ordered.set()
    reader.join()
    assert done == ["read", "order"]


def test_the_ninth_request_waits_in_market_time(over: Desk) -> None:
    over.gateway.on("POST", "/iserver/auth/status", session.STATUS.example)
    for _ in range(9):
        over.broker.session.status(seen_at=START)
    assert [call.started_at for call in over.calls[:8]] == [START] * 8
    assert over.calls[8].started_at == START + timedelta(seconds=1)


def test_live_orders_wait_five_seconds_of_market_time_rather_than_answer_from_memory(over: Desk) -> None:
    over.gateway.on("GET", ORDERS, order_tracking.LIVE_ORDERS.example)
    over.broker.order_tracking.live_orders()
    over.broker.order_tracking.live_orders()
    times = [call.started_at for call in over.calls if call.path == ORDERS]
    assert times[1] - times[0] == timedelta(seconds=5)


def test_a_request_that_waits_when_the_clock_stops_gives_up(certificate: Path) -> None:
    with desk(certificate, auto=False) as made:
        made.gateway.on("GET", ORDERS, order_tracking.LIVE_ORDERS.example)
        made.broker.order_tracking.live_orders()
        failures: list[Exception] = []

        def read() -> None:
            try:
                made.broker.order_tracking.live_orders()
            except Unavailable as failure:
                failures.append(failure)

        reader = threading.Thread(target=read)
        reader.start()
        assert made.clock.until_waiting(1, at_most=5)
        made.clock.stop()
        reader.join()
        assert "clock was stopped" in str(failures[0])


def test_four_history_calls_at_once_and_no_more(over: Desk) -> None:
    lock, now, most, full = threading.Lock(), [0], [0], threading.Event()

    def history(request: httpx2.Request) -> httpx2.Response:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        if most[0] >= 4:
            full.set()
        full.wait(timeout=1)
        with lock:
            now[0] -= 1
        return answer({"data": []})

    over.gateway.on("GET", "/iserver/marketdata/history", history)
    request = Request(method="GET", path="/iserver/marketdata/history", params={"conid": "1"})
    threads = [threading.Thread(target=over.broker.gate.read, args=(request,)) for _ in range(7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 4


def test_accounts_are_queried_before_the_first_order_of_a_session_and_not_again(over: Desk) -> None:
    over.gateway.on("POST", PLACE, orders.ACCEPTED.example)
    over.broker.orders.place((ENTRY,))
    over.broker.orders.place((ENTRY,))
    assert over.gateway.paths() == ["/iserver/accounts", PLACE, PLACE]


def test_a_read_refused_as_unprimed_is_primed_and_repeated(over: Desk) -> None:
    over.gateway.on("GET", "/iserver/account/trades", [{"error": "x"}])
    over.gateway.on("GET", "/iserver/account/trades", orders.UNPRIMED.example, status=400)
    over.gateway.then("GET", "/iserver/account/trades", [], 200)
    assert over.broker.order_tracking.trades(7) == ()
    assert over.gateway.paths().count("/iserver/accounts") == 2


def test_an_order_refused_as_unprimed_was_not_sent_and_the_next_one_primes(over: Desk) -> None:
    over.gateway.on("POST", PLACE, orders.UNPRIMED.example, status=400)
    over.gateway.then("POST", PLACE, orders.ACCEPTED.example, 200)
    assert over.broker.orders.place((ENTRY,)).kind is OutcomeKind.NOT_SENT
    assert over.broker.orders.place((ENTRY,)).kind is OutcomeKind.ACCEPTED
    assert over.gateway.paths() == ["/iserver/accounts", PLACE, "/iserver/accounts", PLACE]


def test_the_first_empty_list_of_a_session_is_asked_again(over: Desk) -> None:
    over.gateway.on("GET", ORDERS, order_tracking.FIRST_LIST.example, order_tracking.LIVE_ORDERS.example)
    found = over.broker.order_tracking.live_orders()
    assert found.complete
    assert len(found.rows) == 1
    assert over.clock.now() - START == timedelta(seconds=5)


def test_the_first_empty_trades_of_a_session_are_asked_again_and_later_ones_are_believed(over: Desk) -> None:
    over.gateway.on("GET", "/iserver/account/trades", [])
    over.broker.order_tracking.trades(7)
    over.broker.order_tracking.trades(7)
    assert over.gateway.paths().count("/iserver/account/trades") == 3


def test_another_selected_account_is_changed_to_ours(over: Desk) -> None:
    stated = {"accounts": ["DU9", ACCOUNT], "selectedAccount": "DU9", "isPaper": True}
    over.gateway.on("GET", "/iserver/accounts", stated)
    over.gateway.on("POST", "/iserver/account", session.SWITCH_ACCOUNT.example)
    over.gateway.on("POST", PLACE, orders.ACCEPTED.example)
    over.broker.orders.place((ENTRY,))
    assert ("POST", "/iserver/account", {"acctId": ACCOUNT}) in over.gateway.asked


@pytest.mark.parametrize("failure", [httpx2.ReadTimeout("slow"), httpx2.ConnectError("refused")])
def test_a_read_is_tried_three_times_and_then_fails(over: Desk, failure: Exception) -> None:
    over.gateway.on("GET", SEARCH.path, failure)
    with pytest.raises(ReadFailed):
        over.broker.gate.read(SEARCH)
    assert over.gateway.paths() == [SEARCH.path] * 3


@pytest.mark.parametrize(("body", "status"), [(b"<html>502</html>", 502), (b"", 503), (b'{"a":', 200)])
def test_a_broken_answer_to_a_read_is_asked_again(over: Desk, body: bytes, status: int) -> None:
    over.gateway.on("GET", SEARCH.path, body, status=status)
    over.gateway.then("GET", SEARCH.path, [], 200)
    assert over.gateway.asked == []
    assert over.broker.gate.read(SEARCH).body == b"[]"
    assert len(over.gateway.asked) == 2


def test_no_bridge_is_not_retried_and_forgets_what_was_primed(over: Desk) -> None:
    over.gateway.on("POST", PLACE, orders.ACCEPTED.example)
    over.broker.orders.place((ENTRY,))
    over.gateway.on("GET", ORDERS, session.NO_BRIDGE.example, status=400)
    with pytest.raises(SessionNotReady, match="no bridge"):
        over.broker.order_tracking.live_orders()
    assert over.gateway.paths().count(ORDERS) == 1
    over.broker.orders.place((ENTRY,))
    assert over.gateway.paths().count("/iserver/accounts") == 2


def test_after_a_429_nothing_leaves_but_one_tickle_a_minute(over: Desk) -> None:
    over.gateway.on("GET", SEARCH.path, {"error": "too many"}, status=429)
    over.gateway.on("POST", TICKLE.path, {})
    over.broker.gate.read(SEARCH)
    with pytest.raises(Unavailable, match="2012-10-01T14:15:00Z"):
        over.broker.gate.read(SEARCH)
    assert over.broker.orders.place((ENTRY,)).kind is OutcomeKind.NOT_SENT
    over.broker.gate.read(TICKLE)
    with pytest.raises(Unavailable):
        over.broker.gate.read(TICKLE)
    over.clock.advance(timedelta(minutes=1))
    over.broker.gate.read(TICKLE)
    assert over.gateway.paths() == [SEARCH.path, TICKLE.path, TICKLE.path]
    over.clock.advance(timedelta(minutes=14))
    over.broker.gate.read(SEARCH)
    assert over.gateway.paths()[-1] == SEARCH.path


def test_a_gate_without_permission_sends_neither_a_read_nor_an_order(over: Desk) -> None:
    over.broker.gate.only_while(lambda: False)
    with pytest.raises(Unavailable, match="does not reign"):
        over.broker.gate.read(SEARCH)
    with pytest.raises(Unavailable, match="does not reign"), over.broker.gate.exclusive(1):
        raise AssertionError("nobody comes in here")
    assert over.gateway.asked == []


def test_every_call_is_recorded_with_its_purpose_and_without_secrets(over: Desk) -> None:
    over.gateway.on("POST", TICKLE.path, session.TICKLE.example)
    with over.broker.gate.purpose("run:1:bars"):
        over.broker.gate.read(TICKLE)
    over.broker.gate.read(TICKLE)
    first, second = over.calls
    assert (first.purpose, second.purpose) == ("run:1:bars", "")
    assert (first.method, first.path, first.status, first.write) == ("POST", "/tickle", 200, False)
    assert first.started_at == START
    assert b"0123456789abcdef" not in first.response
    assert b'"session":"[redacted]"' in first.response.replace(b" ", b"")


def test_a_call_without_an_answer_is_recorded_with_its_failure(over: Desk) -> None:
    over.gateway.on("POST", PLACE, httpx2.ReadTimeout("slow"))
    over.broker.orders.place((ENTRY,))
    last = over.calls[-1]
    assert (last.status, last.write, last.path) == (None, True, PLACE)
    assert "ReadTimeout" in last.failure


def test_priming_has_a_purpose_of_its_own(over: Desk) -> None:
    over.gateway.on("POST", PLACE, orders.ACCEPTED.example)
    with over.broker.gate.purpose("dealer:submit"):
        over.broker.orders.place((ENTRY,))
    assert [call.purpose for call in over.calls] == ["priming", "dealer:submit"]


def test_F_15_suppressions_are_sent_with_every_new_session_as_one_list(certificate: Path) -> None:
    with desk(certificate, suppressed=["o10331", "o10152"]) as made:
        made.gateway.on("POST", SUPPRESS, {"status": "submitted"})
        made.gateway.on("GET", "/iserver/account/trades", [])
        made.broker.order_tracking.trades(1)
        made.broker.gate.forget_session()
        made.broker.order_tracking.trades(1)
        sent = [body for _, path, body in made.gateway.asked if path == SUPPRESS]
        assert sent == [{"messageIds": ["o10152", "o10331"]}] * 2


@pytest.mark.parametrize("refused", ["o163", "o354", "o382", "o383", "o403", "o451", "163", "o10331;o163"])
def test_a_question_that_protects_money_cannot_be_suppressed(certificate: Path, refused: str) -> None:
    with (
        pytest.raises(InvalidInput, match=refused.replace(";", ".")),
        desk(certificate, suppressed=[refused]),
    ):
        pass


def test_F_08_a_bare_401_to_a_portfolio_read_is_primed_once_and_signs_nobody_in(over: Desk) -> None:
    path = "/portfolio2/DU9/positions"
    over.gateway.on("GET", path, b"", status=401)
    for _ in range(2):
        assert over.broker.gate.read(Request(method="GET", path=path)).status == 401
    assert over.gateway.paths() == ["/portfolio/accounts", path, "/portfolio/accounts", path, path]


def test_a_restart_within_a_second_goes_on_in_the_windows_of_its_predecessor(
    certificate: Path, tmp_path: Path
) -> None:
    """Three restarts in one simulated second used to end in the penalty box."""
    sent: list[tuple[str, datetime]] = [("", START)]
    for _ in range(4):
        with desk(certificate, memory=tmp_path, at=sent[-1][1]) as made:
            made.gateway.on("GET", SEARCH.path, [])
            made.gateway.on("GET", ORDERS, order_tracking.LIVE_ORDERS.example)
            made.broker.gate.read(Request(method="GET", path=ORDERS))
            for _ in range(5):
                made.broker.gate.read(SEARCH)
            sent += [(call.path, call.started_at) for call in made.calls]
    for index, (_, first) in enumerate(sent[1:]):
        assert len([at for _, at in sent[1 + index :] if at < first + timedelta(seconds=1)]) <= 8
    orders = [at for path, at in sent if path == ORDERS]
    assert all(b - a >= timedelta(seconds=5) for a, b in itertools.pairwise(orders))


def test_windows_of_another_time_or_form_are_forgotten(certificate: Path, tmp_path: Path) -> None:
    with desk(certificate, memory=tmp_path, at=START + timedelta(days=1)) as made:
        made.gateway.on("GET", ORDERS, order_tracking.LIVE_ORDERS.example)
        made.broker.order_tracking.live_orders()
    for content in (None, b"cut", b""):
        if content is not None:
            (tmp_path / "pacing.bin").write_bytes(content)
        with desk(certificate, memory=tmp_path) as made:
            made.gateway.on("GET", ORDERS, order_tracking.LIVE_ORDERS.example)
            made.broker.order_tracking.live_orders()
            assert made.clock.now() == START


def test_F_20_a_penalty_outlives_a_restart_and_the_third_is_told_as_such(
    certificate: Path, tmp_path: Path
) -> None:
    at = START
    for remedy in ("keep their stops", "keep their stops", "ask IBKR"):
        with desk(certificate, memory=tmp_path, at=at) as made:
            made.gateway.on("GET", SEARCH.path, {"error": "too many"}, status=429)
            made.broker.gate.read(SEARCH)
        with desk(certificate, memory=tmp_path, at=at + timedelta(minutes=14)) as made:
            with pytest.raises(Unavailable) as boxed:
                made.broker.gate.read(SEARCH)
            assert remedy in str(boxed.value)
            assert made.gateway.asked == []
        at += timedelta(hours=1)


@pytest.mark.parametrize("content", ["", "{}", '{"boxed_until": ["yesterday"]}', '{"boxed_until": 1}'])
def test_a_penalty_file_that_cannot_be_read_or_is_of_another_time_stops_nothing(
    certificate: Path, tmp_path: Path, content: str
) -> None:
    kept = tmp_path / "penalties.json"
    kept.write_text(content or '{"boxed_until": ["2031-01-01T00:00:00Z"]}')
    with desk(certificate, memory=tmp_path) as made:
        made.gateway.on("GET", SEARCH.path, [])
        assert made.broker.gate.read(SEARCH).body == b"[]"


def test_a_disk_that_cannot_be_written_costs_no_answer(certificate: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with desk(certificate, memory=home) as made:
        made.gateway.on("POST", PLACE, orders.ACCEPTED.example)
        made.gateway.on("GET", SEARCH.path, {"error": "too many"}, status=429)
        (home / "pacing.bin").unlink()
        home.rmdir()
        assert made.broker.orders.place((ENTRY,)).kind is OutcomeKind.ACCEPTED
        assert made.broker.gate.read(SEARCH).status == 429
        assert made.broker.gate.boxed_until == START + timedelta(minutes=15)
