"""What a person is told at every stage of sign-in: the one thing that is missing, and what to do about it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.session.guide import STALE, TAKE_OVER, Facts, Guide, StepState, guide
from glassdesk.workflow.session.model import (
    Account,
    AccountProof,
    GatewayCondition,
    GatewayLook,
    GatewayProcess,
    SessionState,
    SessionStatus,
)
from glassdesk.workflow.session.service import prove

NOW = datetime(2026, 3, 10, 13, 0, tzinfo=UTC)
OURS = Account(account="DU1234567", is_paper=True)
FOUND, BEFORE = "AB:CD", "12:34"


def status(state: SessionState, **more: object) -> SessionStatus:
    return SessionStatus(state=state, seen_at=NOW - timedelta(seconds=20), **more)  # type: ignore[arg-type]


def look(condition: GatewayCondition, **more: object) -> GatewayLook:
    return GatewayLook(condition=condition, address="localhost:5000", found=FOUND, **more)  # type: ignore[arg-type]


def facts(**more: object) -> Facts:
    ready = Facts(
        now=NOW,
        status=status(SessionState.READY),
        look=None,
        accounts=(OURS,),
        proof=prove(OURS, AccountKind.PAPER),
        account=OURS.account,
        kind=AccountKind.PAPER,
        login_url="https://localhost:5000/",
        supervised=False,
    )
    return replace(ready, **more)  # type: ignore[arg-type]


def told(made: Guide) -> tuple[str, str, str]:
    assert made.missing is not None
    return made.missing.problem, made.missing.detail, made.missing.remedy


def down(condition: GatewayCondition, **more: object) -> Facts:
    return facts(status=status(SessionState.UNREACHABLE), look=look(condition, **more))


def test_a_ready_session_on_the_right_account_lacks_nothing() -> None:
    made = guide(facts())
    assert made.ready
    assert made.missing is None


def test_what_is_before_the_missing_step_is_done_and_what_follows_comes_later() -> None:
    made = guide(facts(status=status(SessionState.SIGNED_OUT)))
    assert [step.state for step in made.steps] == [StepState.DONE] * 3 + [StepState.NOW] + [
        StepState.LATER
    ] * 3
    assert not made.ready


@pytest.mark.parametrize(
    ("state", "problem", "remedy"),
    [
        (SessionState.SIGNED_OUT, "signed_out", "open https://localhost:5000/"),
        (SessionState.TWO_FACTOR, "two_factor", "on your phone"),
        (SessionState.NO_BRIDGE, "no_bridge", "the desk looks again in 30 s"),
        (SessionState.HALF_READY, "half_ready", "the desk looks again in 30 s"),
        (SessionState.COMPETING, "competing", "session login --take-over"),
        (SessionState.RESETTING, "resetting", "wait; resting stops"),
    ],
)
def test_each_state_of_the_session_is_one_step_with_its_remedy(
    state: SessionState, problem: str, remedy: str
) -> None:
    found = told(guide(facts(status=status(state, next_try_at=NOW + timedelta(seconds=30)))))
    assert found[0] == problem
    assert remedy in found[2]


@pytest.mark.parametrize(
    ("condition", "problem", "remedy"),
    [
        (GatewayCondition.NOT_RUNNING, "gateway_not_running", "GLASSDESK_GATEWAY_DIR"),
        (GatewayCondition.SILENT, "gateway_silent", "restart the gateway"),
        (GatewayCondition.NOT_A_GATEWAY, "not_a_gateway", "AirPlay Receiver"),
        (GatewayCondition.UNKNOWN_CERTIFICATE, "unknown_certificate", "glassdesk session trust"),
        (GatewayCondition.CHANGED_CERTIFICATE, "changed_certificate", "glassdesk session trust"),
        (GatewayCondition.REFUSED_CERTIFICATE, "refused_certificate", "sslCert"),
    ],
)
def test_a_gateway_that_cannot_be_used_is_named_with_what_to_do(
    condition: GatewayCondition, problem: str, remedy: str
) -> None:
    found = told(guide(down(condition)))
    assert found[0] == problem
    assert remedy in found[2]


def test_a_changed_certificate_shows_both_fingerprints_and_warns() -> None:
    _, detail, remedy = told(guide(down(GatewayCondition.CHANGED_CERTIFICATE, accepted=(BEFORE,))))
    assert FOUND in detail
    assert BEFORE in detail
    assert "do not sign in" in remedy


@pytest.mark.parametrize(
    ("process", "problem", "words"),
    [
        (None, "gateway_not_running", "glassdesk up"),
        (GatewayProcess(state="starting", log="/h/gateway.log"), "gateway_starting", "/h/gateway.log"),
        (
            GatewayProcess(state="waiting", problem="it ended with code 1", log="/h/g.log"),
            "gateway_fails",
            "g.log",
        ),
    ],
)
def test_a_gateway_that_the_desk_starts_says_how_far_it_is(
    process: GatewayProcess | None, problem: str, words: str
) -> None:
    found = told(guide(replace(down(GatewayCondition.NOT_RUNNING, process=process), supervised=True)))
    assert found[0] == problem
    assert words in found[2]


def test_a_trusted_gateway_that_the_dealer_does_not_reach_gives_the_dealers_words() -> None:
    lost = status(SessionState.UNREACHABLE, message="ReadTimeout")
    found = told(guide(facts(status=lost, look=look(GatewayCondition.TRUSTED))))
    assert found[0] == "unreachable"
    assert "ReadTimeout" in found[1]


def test_an_old_look_says_that_the_desk_does_not_run_and_not_that_all_is_well() -> None:
    old = SessionStatus(state=SessionState.READY, seen_at=NOW - STALE - timedelta(seconds=1))
    found = told(guide(facts(status=old, look=look(GatewayCondition.TRUSTED))))
    assert found[0] == "desk_not_running"
    assert "glassdesk up" in found[2]


def test_in_simulated_time_the_age_of_a_look_says_nothing() -> None:
    old = SessionStatus(state=SessionState.READY, seen_at=NOW - timedelta(days=2))
    assert guide(facts(status=old, simulated=True)).ready


def test_another_login_is_named_with_its_accounts() -> None:
    other = Account(account="DU7654321", is_paper=True)
    problem, detail, _ = told(guide(facts(accounts=(other,), proof=None)))
    assert problem == "wrong_account"
    assert "DU7654321" in detail
    assert "DU1234567" in detail


@pytest.mark.parametrize(("kind", "paper"), [(AccountKind.PAPER, False), (AccountKind.LIVE, True)])
def test_another_kind_than_the_settings_say_is_never_ready(kind: AccountKind, paper: bool) -> None:
    proof = AccountProof(account="DU1234567", configured=kind, broker_is_paper=paper, prefix_is_paper=paper)
    problem, detail, _ = told(guide(facts(kind=kind, proof=proof)))
    assert problem == "wrong_kind"
    assert f"set as {kind.value}" in detail
    assert "Nothing is sent" in detail


def test_F_06_where_only_a_take_over_helps_that_is_said() -> None:
    refused = status(SessionState.NO_BRIDGE, message="Force compete capability must be used together")
    problem, detail, remedy = told(guide(facts(status=refused)))
    assert problem == "take_over_needed"
    assert "Force compete" in detail
    assert "--take-over" in remedy


def test_in_a_reset_a_gateway_that_does_not_run_is_not_blamed_on_the_broker() -> None:
    away = status(SessionState.RESETTING)
    assert (
        told(guide(facts(status=away, look=look(GatewayCondition.NOT_RUNNING))))[0] == "gateway_not_running"
    )
    assert told(guide(facts(status=away, look=look(GatewayCondition.TRUSTED))))[0] == "resetting"


def test_who_wins_and_what_a_take_over_does_is_said_before_it_is_done() -> None:
    said = " ".join(TAKE_OVER)
    for words in ("signs in last wins", "rest at IBKR stay", "throws the other session out", "tries once"):
        assert words in said
