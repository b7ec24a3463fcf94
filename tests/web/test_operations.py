"""What a program is told that watches over the desk: it lives, it can trade, or what is missing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta

import pytest

from glassdesk.adapters.artifacts import MemoryArtifacts
from glassdesk.adapters.clocks import ManualClock
from glassdesk.adapters.database.operations import DatabaseSignsOfLife
from glassdesk.composition.live import gate_of
from glassdesk.kernel.errors import Unavailable
from glassdesk.kernel.ids import AccountKind
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.operations import service
from glassdesk.workflow.operations.model import NOT_KNOWN
from glassdesk.workflow.operations.service import Operations
from glassdesk.workflow.risk.model import HaltLevel
from glassdesk.workflow.risk.service import Risk
from glassdesk.workflow.session.model import SessionState
from tests.web.broker import ACCOUNT
from tests.web.conftest import door_of
from tests.web.test_risk_page import SHOWN
from tests.web.test_session_page import see
from tests.web.visitor import Visitor
from tests.web.world import World

SECRET_REASON = "my lawyer called"
NAMES = ["database", "artifacts", "clock", "dealer", "session", "account", "halt", "unlock"]


class RealTime(ManualClock):
    """Moved by hand; nothing wakes a dealer, as with the system's clock."""

    wakes_on_events = False


class AwayBucket(MemoryArtifacts):
    """Does not answer."""

    def put(self, data: bytes) -> str:
        raise Unavailable("no answer from http://minio.example:9000")


class AwayDatabase:
    """Does not answer."""

    def begin(self) -> AbstractContextManager[Transaction]:
        raise Unavailable("no answer from postgresql://desk:secret@db.example")

    read = begin


class OlderProgram(DatabaseSignsOfLife):
    """Knows the schema before."""

    schema = "0001"


@pytest.fixture
def dealt(world: World) -> World:
    """An empty desk whose dealer has looked once."""
    world.dealer.turn()
    return world


@pytest.fixture(autouse=True)
def always_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "FRESH_SECONDS", 0.0)


def seen_by(world: World, **other: object) -> Operations:
    """The desk as one looks who has other parts."""
    ground, desk = world.ground, world.desk
    parts: dict[str, object] = {
        "transactions": desk.transactions,
        "signs": ground.stores.signs,
        "artifacts": ground.artifacts,
        "leases": ground.stores.leases,
        "session": desk.session,
        "risk": desk.risk,
        "audit": desk.audit,
        "notifications": desk.notifications,
        "clock": world.clock,
        "stopwatch": ground.stopwatch,
        "account": ACCOUNT,
        "kind": AccountKind.SIMULATED,
    }
    return Operations(**(parts | other))  # type: ignore[arg-type]


def missing(operations: Operations) -> dict[str, str]:
    return {check.check: check.code for check in operations.readiness().missing}


def test_a_process_that_lives_says_so_to_anybody_and_nothing_else(visitor: Visitor) -> None:
    answer = visitor.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})
    assert answer.headers["cache-control"] == "no-store"


def test_a_desk_without_a_dealer_cannot_trade_and_says_what_is_missing(visitor: Visitor) -> None:
    answer = visitor.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["code"] == "not_ready"
    assert [one["check"] for one in told["checks"]] == NAMES
    codes = {one["check"]: one["code"] for one in told["checks"] if not one["ok"]}
    assert codes == {"dealer": "none", "session": "never_seen", "account": "not_told"}
    assert "no dealer reigns" in told["detail"]


def test_a_desk_that_can_trade_says_so_until_it_is_halted(dealt: World) -> None:
    with door_of(dealt) as stranger:
        answer = stranger.get("/readyz")
        assert (answer.status_code, answer.json()["status"]) == (200, "ready")
        assert all(one["ok"] and one["code"] == "ok" and not one["why"] for one in answer.json()["checks"])
        with dealt.desk.transactions.begin() as t:
            dealt.desk.risk.set_halt(t, HaltLevel.PAUSE_ENTRIES, SECRET_REASON, "owner")
        refused = stranger.get("/readyz")
    assert refused.status_code == 503
    assert [one["code"] for one in refused.json()["checks"] if not one["ok"]] == ["pause_entries"]
    assert SECRET_REASON not in refused.text


def halted(level: HaltLevel, reason: str) -> Callable[[World], None]:
    def act(world: World) -> None:
        with world.desk.transactions.begin() as t:
            world.desk.risk.set_halt(t, level, reason, "owner")

    return act


def _skewed(world: World) -> None:
    day = world.clock.now().date().isoformat()
    with world.desk.transactions.begin() as t:
        world.desk.notifications.tell(t, f"clock:{day}", Severity.ALARM, "Two clocks", "7 s", "session")


def _of_real_money(world: World) -> None:
    with world.desk.transactions.begin() as t:
        [account] = world.ground.stores.session.accounts(t)
        world.ground.stores.session.put_accounts(t, [replace(account, is_paper=False)])


@pytest.mark.parametrize(
    ("act", "found"),
    [
        (lambda world: world.dealer.step_down(), {"dealer": "none"}),
        (lambda world: see(world, SessionState.SIGNED_OUT), {"session": "signed_out"}),
        (lambda world: see(world, SessionState.RESETTING), {"session": "resetting"}),
        (_of_real_money, {"account": "wrong_kind"}),
        (_skewed, {"clock": "skewed"}),
        (halted(HaltLevel.FREEZE, "fire"), {"halt": "freeze"}),
        (halted(HaltLevel.HALT, "restored from monday.tar.gz"), {"halt": "restored"}),
    ],
    ids=["step-down", "signed-out", "reset", "real-money", "skew", "freeze", "restored"],
)
def test_whatever_trading_needs_is_named_by_a_code_when_it_is_missing(
    dealt: World, act: Callable[[World], None], found: dict[str, str]
) -> None:
    act(dealt)
    assert missing(dealt.desk.operations) == found


@pytest.mark.parametrize("state", [state for state in SessionState if state is not SessionState.READY])
def test_every_state_of_the_session_has_its_words(state: SessionState) -> None:
    assert service._SESSION[state]


def test_what_lies_outside_is_named_without_its_address(dealt: World) -> None:
    away = seen_by(dealt, artifacts=AwayBucket()).readiness()
    assert [(one.check, one.code) for one in away.missing] == [("artifacts", "unavailable")]
    assert "minio" not in away.said


def test_a_database_that_is_away_leaves_the_rest_unknown_and_is_told_without_its_address(
    dealt: World,
) -> None:
    found = seen_by(dealt, transactions=AwayDatabase()).readiness()
    codes = {one.check: one.code for one in found.checks}
    assert codes["database"] == "unavailable"
    assert codes["artifacts"] == "ok"
    assert {codes[name] for name in NAMES[2:]} == {NOT_KNOWN}
    assert "secret" not in found.said


def test_a_database_of_another_program_is_not_written(dealt: World) -> None:
    assert missing(seen_by(dealt, signs=OlderProgram())) == {"database": "schema"}
    signs = dealt.ground.stores.signs
    with dealt.desk.transactions.read() as t:
        assert signs.seen(t, service.WRITTEN) is None
    assert missing(seen_by(dealt)) == {}
    with dealt.desk.transactions.read() as t:
        assert signs.seen(t, service.WRITTEN) == dealt.clock.now()


@pytest.mark.parametrize(("later", "code"), [(29, None), (31, "lapsed")])
def test_a_lease_that_ran_out_is_no_dealer_in_real_time(dealt: World, later: int, code: str | None) -> None:
    clock = RealTime(dealt.clock.now() + timedelta(seconds=later))
    assert missing(seen_by(dealt, clock=clock)).get("dealer") == code
    dealt.clock.advance(timedelta(hours=5))
    assert "dealer" not in missing(seen_by(dealt))  # simulated time leaps to what is due


@pytest.mark.parametrize(("later", "found"), [(90, {}), (91, {"dealer": "quiet"})])
def test_a_dealer_that_holds_its_lease_and_ends_no_turn_is_none(
    dealt: World, later: int, found: dict[str, str]
) -> None:
    now = dealt.clock.now()
    with dealt.desk.transactions.begin() as t:
        dealt.ground.stores.signs.see(t, service.dealer_name(ACCOUNT), now - timedelta(seconds=later))
    assert missing(seen_by(dealt, clock=RealTime(now))) == found


def test_a_clock_that_was_set_back_is_told(dealt: World) -> None:
    clock = RealTime(dealt.clock.now() - timedelta(seconds=6))
    assert missing(seen_by(dealt, clock=clock)) == {"clock": "behind"}


def test_no_account_is_named_to_a_stranger(world: World) -> None:
    texts = [seen_by(world).readiness()]
    world.dealer.turn()
    _of_real_money(world)
    texts.append(seen_by(world).readiness())
    assert ACCOUNT not in repr(texts)


class CountedBucket(MemoryArtifacts):
    """Says how often it was asked."""

    asked = 0

    def put(self, data: bytes) -> str:
        self.asked += 1
        return super().put(data)


def test_who_asks_without_end_is_answered_from_one_look(
    dealt: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = CountedBucket()
    operations = seen_by(dealt, artifacts=bucket)
    monkeypatch.setattr(service, "FRESH_SECONDS", 60.0)
    assert operations.readiness() is operations.readiness()
    assert bucket.asked == 1
    monkeypatch.setattr(service, "FRESH_SECONDS", 0.0)
    operations.readiness()
    assert bucket.asked == 2


def test_a_look_that_does_not_end_holds_up_nobody_for_long(
    dealt: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "PATIENCE_SECONDS", 0.01)
    with dealt.desk.operations._looking, door_of(dealt) as stranger:
        answer = stranger.get("/readyz")
    assert (answer.status_code, answer.json()["reason"]) == (503, "unavailable")


def test_a_live_account_can_trade_only_while_it_is_unlocked(dealt: World) -> None:
    live = {"account": "U7654321", "account_kind": AccountKind.LIVE}
    settings = dealt.ground.settings.model_copy(update=live)
    ground = replace(dealt.ground, settings=settings)
    gate = gate_of(ground, dealt.desk.audit, dealt.desk.notifications)
    stores = ground.stores
    risk = Risk(stores.halt, stores.verdicts, dealt.desk.audit, dealt.clock, real_money=gate)
    operations = seen_by(dealt, risk=risk, kind=AccountKind.LIVE)
    acts: list[Callable[[Transaction], object]] = [
        lambda t: gate.unlock(t, SHOWN, "owner", typed="U7654321"),
        lambda t: gate.lock(t, "enough", "owner"),
        lambda t: gate.unlock(t, SHOWN, "owner", typed="U7654321"),
    ]
    found = [missing(operations).get("unlock")]
    for act in acts:
        with dealt.desk.transactions.begin() as t:
            act(t)
        found.append(missing(operations).get("unlock"))
    dealt.clock.advance(timedelta(days=400))
    assert [*found, missing(operations).get("unlock")] == ["never", None, "locked", None, "expired"]
