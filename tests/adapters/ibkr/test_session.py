"""The session's state is read from answers; nothing raises because it is down [§1]."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from glassdesk.adapters.clocks import ManualClock, SystemStopwatch
from glassdesk.adapters.ibkr import connect
from glassdesk.kernel.errors import InvalidInput, SessionNotReady
from glassdesk.workflow.session.model import SessionState
from tests.adapters.ibkr.gateway import ACCOUNT, START, Desk
from tests.facts import session

STATUS = "/iserver/auth/status"
TICKLE = "/tickle"
VALIDATE = "/sso/validate"
INIT = "/iserver/auth/ssodh/init"
READY: dict[str, Any] = session.STATUS.example
DOWN = {"authenticated": False, "competing": False, "connected": True}


@pytest.mark.parametrize(
    ("body", "status", "state"),
    [
        (READY, 200, SessionState.READY),
        ({key: value for key, value in READY.items() if key != "established"}, 200, SessionState.READY),
        (READY | {"established": False}, 200, SessionState.HALF_READY),
        (READY | {"connected": False}, 200, SessionState.HALF_READY),
        (READY | {"competing": True}, 200, SessionState.COMPETING),
        (DOWN, 200, SessionState.NO_BRIDGE),
        (session.LOGGED_OUT.example, 200, SessionState.SIGNED_OUT),
        (session.NO_BRIDGE.example, 400, SessionState.NO_BRIDGE),
        (session.NO_BRIDGE.example, 401, SessionState.NO_BRIDGE),
        (b"Access Denied", 401, SessionState.SIGNED_OUT),
        (b"", 503, SessionState.UNREACHABLE),
        (b"<html>", 200, SessionState.UNREACHABLE),
        ({"authenticated": "yes"}, 200, SessionState.UNREACHABLE),
        (httpx2.ConnectError("refused"), 0, SessionState.UNREACHABLE),
        (httpx2.ReadTimeout("slow"), 0, SessionState.UNREACHABLE),
        ({"error": "slow down"}, 429, SessionState.UNREACHABLE),
    ],
)
def test_an_answer_is_read_as_its_state(over: Desk, body: Any, status: int, state: SessionState) -> None:
    over.gateway.on("POST", STATUS, body, status=status)
    seen = over.broker.session.status(seen_at=START)
    assert seen.state is state
    assert seen.seen_at == START
    confirmed = [TICKLE, VALIDATE] if state is SessionState.SIGNED_OUT else []
    assert over.gateway.paths() == [STATUS, *confirmed]


@pytest.mark.parametrize(
    ("status", "outer", "state"),
    [
        (b"", {"authenticated": True, "competing": False, "connected": True}, SessionState.HALF_READY),
        (b"", {"authenticated": True, "competing": True, "connected": True}, SessionState.COMPETING),
        (b"", {"authenticated": False, "competing": False, "connected": True}, SessionState.NO_BRIDGE),
        (b"", {}, SessionState.NO_BRIDGE),
    ],
)
def test_F_07_a_401_alone_signs_nobody_out(
    over: Desk, status: bytes, outer: dict[str, bool], state: SessionState
) -> None:
    over.gateway.on("POST", STATUS, status, status=401)
    over.gateway.on("POST", TICKLE, session.TICKLE.example | {"iserver": {"authStatus": outer}})
    assert over.broker.session.status(seen_at=START).state is state
    assert INIT not in over.gateway.paths()


def test_a_dropped_link_with_the_sign_in_alive_is_worth_an_init(over: Desk) -> None:
    over.gateway.on("POST", STATUS, session.LOGGED_OUT.example)
    gone = {"authStatus": {"authenticated": False, "competing": False, "connected": False}}
    over.gateway.on("POST", TICKLE, session.TICKLE.example | {"iserver": gone})
    assert over.broker.session.status(seen_at=START).state is SessionState.NO_BRIDGE


@pytest.mark.parametrize(
    ("stated", "state"),
    [
        ({"RESULT": False, "SF_ENABLED": True}, SessionState.TWO_FACTOR),
        ({"RESULT": True, "SF_ENABLED": True}, SessionState.SIGNED_OUT),
        ({"RESULT": False, "SF_ENABLED": False}, SessionState.SIGNED_OUT),
        ({"RESULT": "no"}, SessionState.SIGNED_OUT),
        (b"<html>Two-Factor Authentication</html>", SessionState.TWO_FACTOR),
        (b"Access Denied", SessionState.SIGNED_OUT),
    ],
)
def test_a_second_factor_that_is_open_is_told_from_signed_out(
    over: Desk, stated: Any, state: SessionState
) -> None:
    over.gateway.on("POST", STATUS, b"", status=401)
    over.gateway.on("POST", TICKLE, b"", status=401)
    over.gateway.on("GET", VALIDATE, stated)
    assert over.broker.session.status(seen_at=START).state is state


def test_the_sign_in_is_asked_about_once_a_minute_and_nobody_waits_for_it(over: Desk) -> None:
    over.gateway.on("POST", STATUS, b"", status=401)
    over.gateway.on("POST", TICKLE, b"", status=401)
    for _ in range(3):
        over.broker.session.status(seen_at=START)
    assert over.gateway.paths().count(VALIDATE) == 1
    assert over.clock.now() - START < timedelta(seconds=5)


def test_an_init_that_only_a_take_over_would_help_is_left_to_a_person(over: Desk) -> None:
    over.gateway.on("POST", INIT, session.INIT_REFUSED.example)
    over.gateway.on("POST", STATUS, DOWN)
    assert over.broker.session.repair(seen_at=START).state is SessionState.COMPETING


def test_F_20_in_the_penalty_box_the_session_is_still_tickled(over: Desk) -> None:
    over.gateway.on("POST", STATUS, {"error": "slow down"}, status=429)
    over.gateway.on("POST", TICKLE, session.TICKLE.example)
    over.broker.session.status(seen_at=START)
    over.broker.session.status(seen_at=START)
    assert over.gateway.paths() == [STATUS, TICKLE]


def test_F_04_a_session_without_accounts_is_not_ready_and_is_primed_again(over: Desk) -> None:
    over.gateway.on("GET", "/iserver/accounts", {"accounts": [], "selectedAccount": "", "isPaper": True})
    with pytest.raises(SessionNotReady, match="not loaded"):
        over.broker.session.accounts()
    over.gateway.on("GET", "/iserver/account/trades", [])
    over.broker.order_tracking.trades(1)
    assert over.gateway.paths().count("/iserver/accounts") == 2


def test_in_the_penalty_box_the_status_says_until_when(over: Desk) -> None:
    over.gateway.on("POST", STATUS, {"error": "slow down"}, status=429)
    over.broker.session.status(seen_at=START)
    seen = over.broker.session.status(seen_at=START)
    assert seen.state is SessionState.UNREACHABLE
    assert "2012-10-01T14:15:00Z" in seen.message


def test_keeping_alive_tickles_once_and_reads_the_whole_status(over: Desk) -> None:
    over.gateway.on("POST", "/tickle", session.TICKLE.example)
    over.gateway.on("POST", STATUS, READY | {"established": False})
    seen = over.broker.session.keep_alive(seen_at=START)
    assert seen.state is SessionState.HALF_READY
    assert seen.sso_expires_at == START + timedelta(milliseconds=587312)
    assert over.gateway.paths() == ["/tickle", STATUS]


@pytest.mark.parametrize(
    ("body", "status", "state"),
    [(session.NO_SESSION.example, 200, SessionState.SIGNED_OUT), (b"", 401, SessionState.SIGNED_OUT)],
)
def test_a_tickle_without_a_session_says_so(over: Desk, body: Any, status: int, state: SessionState) -> None:
    over.gateway.on("POST", "/tickle", body, status=status)
    over.gateway.on("POST", STATUS, b"", status=401)
    assert over.broker.session.keep_alive(seen_at=START).state is state


def test_a_repair_is_one_init_then_a_look_then_the_accounts(over: Desk) -> None:
    over.gateway.on("POST", INIT, session.INIT.example)
    over.gateway.on("POST", STATUS, READY)
    assert over.broker.session.repair(seen_at=START).ready
    assert over.gateway.paths() == [INIT, STATUS, "/iserver/accounts"]
    assert over.gateway.asked[0][2] == {"publish": True, "compete": False}


def test_a_repair_primes_again_what_the_old_session_had_primed(over: Desk) -> None:
    over.broker.session.accounts()
    over.gateway.on("POST", INIT, session.INIT.example)
    over.gateway.on("POST", STATUS, READY | {"established": False})
    over.broker.session.repair(seen_at=START)
    over.gateway.on("GET", "/iserver/account/trades", [])
    over.broker.order_tracking.trades(1)
    assert over.gateway.paths().count("/iserver/accounts") == 2


def test_a_refused_init_gives_the_brokers_reason_and_is_not_repeated(over: Desk) -> None:
    over.gateway.on("POST", INIT, session.INIT_REFUSED.example)
    over.gateway.on("POST", STATUS, DOWN)
    seen = over.broker.session.repair(seen_at=START, compete=True)
    assert (seen.state, seen.message) == (SessionState.NO_BRIDGE, session.INIT_REFUSED.example["fail"])
    assert over.gateway.asked[0][2] == {"publish": True, "compete": True}
    assert over.gateway.paths().count(INIT) == 1


def test_an_init_that_fails_is_tried_once(over: Desk) -> None:
    over.gateway.on("POST", INIT, httpx2.ReadTimeout("slow"))
    over.gateway.on("POST", STATUS, httpx2.ReadTimeout("slow"))
    assert over.broker.session.repair(seen_at=START).state is SessionState.UNREACHABLE
    assert over.gateway.paths() == [INIT, STATUS]


def test_logging_out_of_a_session_that_is_gone_does_not_raise(over: Desk) -> None:
    over.gateway.on("POST", "/logout", httpx2.ConnectError("refused"))
    over.broker.session.logout()
    assert over.gateway.paths() == ["/logout"]


def test_accounts_carry_paper_and_currency(over: Desk) -> None:
    over.gateway.on("GET", "/portfolio/accounts", [{"accountId": ACCOUNT, "currency": "EUR"}])
    (account,) = over.broker.session.accounts()
    assert (account.account, account.is_paper, account.currency) == (ACCOUNT, True, "EUR")


def test_accounts_without_a_session_are_not_ready(over: Desk) -> None:
    over.gateway.on("GET", "/iserver/accounts", session.NO_BRIDGE.example, status=400)
    with pytest.raises(SessionNotReady):
        over.broker.session.accounts()


def test_the_person_signs_in_at_the_gateways_own_page(over: Desk) -> None:
    assert over.broker.session.login_url == "https://localhost:5000/"


@pytest.mark.parametrize("url", ["http://localhost:5000", "localhost:5000", ""])
def test_an_address_without_tls_is_refused(certificate: Path, url: str) -> None:
    with pytest.raises(InvalidInput, match="no gateway address"):
        connect(url, str(certificate), ManualClock(START), SystemStopwatch(), print, None)
