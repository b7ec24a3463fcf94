"""Signing in at the command line: the gateway's certificate, the missing step, feeds explained."""

from datetime import timedelta
from pathlib import Path

import pytest

from glassdesk.settings import load
from glassdesk.workflow.session.model import Account, SessionState, SessionStatus
from tests.adapters.gateway.standin import free_port, listening
from tests.cli import world
from tests.cli.conftest import Typed


@pytest.fixture
def pointed(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home, its broker a gateway that does not run."""
    monkeypatch.setenv("GLASSDESK_BROKER_URL", f"https://localhost:{free_port()}")
    monkeypatch.delenv("GLASSDESK_BROKER_CA_FILE", raising=False)
    return home


def see(home: Path, state: SessionState, *, account: str = world.ACCOUNT) -> None:
    """What the dealer would have written down just now."""
    with world.opened(home) as (ground, _), ground.stores.transactions.begin() as t:
        status = SessionStatus(state=state, seen_at=ground.clock.now() - timedelta(seconds=5))
        ground.stores.session.put_status(t, status, epoch=1)
        ground.stores.session.put_accounts(t, [Account(account=account, is_paper=True)])


def test_a_certificate_is_accepted_by_its_fingerprint_and_leaves_an_audit_row(
    type_in: Typed, pointed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening(tmp_path / "gw") as port:
        monkeypatch.setenv("GLASSDESK_BROKER_URL", f"https://localhost:{port}")
        unasked = type_in("session", "trust")
        shown = next(line.split()[1] for line in unasked.out.splitlines() if line.startswith("SHA-256"))
        other = type_in("session", "trust", "--fingerprint", "AB:CD")
        taken = type_in("session", "trust", "--fingerprint", shown.lower())
        again = type_in("session", "trust")
    assert (unasked.code, other.code, taken.code, again.code) == (2, 2, 0, 0)
    assert f"--fingerprint {shown}" in unasked.err
    assert "another one" in other.err
    assert "accepted already" in again.out
    assert (pointed / "gateway.pem").stat().st_mode & 0o777 == 0o600
    rows = type_in("audit", "list", "--limit", "10000", "--json").json
    assert [row["actor"] for row in rows if row["kind"] == "session.trusted"] == ["owner"]


def test_nothing_is_accepted_where_nothing_listens_or_the_broker_is_no_gateway(
    type_in: Typed, pointed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = type_in("session", "trust")
    assert (told.code, "start the gateway first" in told.err) == (1, True)
    monkeypatch.setenv("GLASSDESK_BROKER_URL", "memory:")
    assert type_in("session", "trust").code == 2
    assert not (pointed / "gateway.pem").exists()


def test_status_and_login_name_the_step_that_is_missing(
    type_in: Typed, pointed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    see(pointed, SessionState.UNREACHABLE)
    monkeypatch.setenv("SSH_CONNECTION", "203.0.113.9 50122 192.0.2.7 22")
    told = type_in("session", "login", "--no-wait")
    port = load(pointed).gateway[1]
    assert told.code == 0
    assert f"Sign in at https://localhost:{port}" in told.out
    assert f"ssh -L {port}:localhost:{port} " in told.out
    assert "• The gateway runs" in told.out
    asked = type_in("session", "login", "--no-wait", "--json").json
    assert asked["missing"]["problem"] == "gateway_not_running"
    assert asked["port_forward"].endswith("@192.0.2.7")
    assert type_in("session", "status", "--json").json["missing"]["problem"] == "gateway_not_running"


def test_a_ready_session_asks_the_dealer_for_nothing(type_in: Typed, home: Path) -> None:
    see(home, SessionState.READY)
    answer = type_in("session", "login", "--json").json
    assert answer["ready"]
    assert answer["asked"] is None


def test_another_session_is_explained_before_a_take_over_is_offered(type_in: Typed, home: Path) -> None:
    see(home, SessionState.COMPETING)
    told = type_in("session", "login", "--no-wait").out
    assert "Whoever signs in last wins" in told
    assert "Stops and targets that rest at IBKR stay there" in told
    assert "session login --take-over" in told


def test_signed_out_each_position_says_when_its_stop_was_last_seen_live_and_where(
    type_in: Typed, home: Path
) -> None:
    see(home, SessionState.SIGNED_OUT)
    told = type_in("session", "status").out
    assert "at risk" in told
    assert "1 position, all protected" in told
    assert "AAPL 41: stop at" in told
    assert "last seen live at IBKR Mon 01 Oct 09:40 ET" in told


def test_the_login_counts_down_to_the_next_forced_one(
    type_in: Typed, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSDESK_ACCOUNT_KIND", "paper")
    see(home, SessionState.READY)
    told = type_in("session", "status").out
    assert "next forced sign-in  00:00 ET, in " in told
    assert "23:50 ET to 01:10 ET" in told


def test_feeds_are_explained_per_ticker(type_in: Typed, with_broker: None) -> None:
    told = type_in("doctor", "--symbols", "aapl,MSFT", "--symbols", "NOPE", "--json")
    found = {one["check"]: one["feed"] for one in told.json if one["feed"]}
    assert list(found) == ["AAPL", "MSFT", "NOPE"]
    assert found["AAPL"]["letters"] == "DPB"
    assert found["AAPL"]["problem"] == "feed_delayed"
    assert "Market Data Subscriptions" in found["AAPL"]["remedy"]
    assert found["MSFT"]["problem"] == "feed_none"
    assert found["NOPE"]["problem"] == "not_found"
    assert told.code == 1


@pytest.mark.parametrize(
    "given", ["A B!", ",", "AAPL,,MSFT", "<script>", ",".join(f"A{n}" for n in range(60))]
)
def test_what_is_no_ticker_is_refused(type_in: Typed, given: str) -> None:
    told = type_in("doctor", "--symbols", given)
    assert told.code == 2
    assert told.err.startswith("error: --symbols: ")


def test_without_a_dealer_a_feed_says_so(type_in: Typed) -> None:
    told = type_in("doctor", "--symbols", "AAPL", "--json")
    feed = told.json[-1]["feed"]
    assert (feed["problem"], told.code) == ("unavailable", 1)
    assert "glassdesk up" in feed["remedy"]


def test_a_folder_that_is_no_gateway_ends_up_with_one_line(
    type_in: Typed, pointed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gw").mkdir()
    monkeypatch.setenv("GLASSDESK_GATEWAY_DIR", str(tmp_path / "gw"))
    told = type_in("up")
    assert told.code == 2
    assert told.err.startswith("error: GLASSDESK_GATEWAY_DIR: ")
    assert "has no bin/run.sh" in told.err
    assert told.err.count("\n") == 1
