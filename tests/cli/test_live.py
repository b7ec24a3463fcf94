"""`glassdesk live`: from a paper home with evidence to orders at the simulator's live account (`T-61`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from glassdesk.cli import here
from glassdesk.cli.program import run
from glassdesk.desk import Desk
from glassdesk.kernel.canonical import digest
from glassdesk.settings import Settings
from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.orders.model import IntentState, OrderState, Role
from glassdesk.workflow.positions.protection import ProtectionState
from glassdesk.workflow.runs.model import RunState
from glassdesk.workflow.strategies.model import StrategyState
from ibkr_simulator import certificate
from tests.cli.conftest import Answer
from tests.faults.stage import HOUR, MINUTE, SECOND, Stage
from tests.workflow.real_money import homes

DAY = timedelta(days=1)


@dataclass(slots=True)
class Typing:
    """Types commands at the desk that is in front."""

    home: Path
    capsys: pytest.CaptureFixture[str]
    front: list[Desk] = field(default_factory=list)

    def __call__(self, *words: str) -> Answer:
        code = run([*words, "--home", str(self.home)])
        told = self.capsys.readouterr()
        return Answer(code=code, out=told.out, err=told.err)


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate.ensure(tmp_path_factory.mktemp("gateway"))


@pytest.fixture(scope="module")
def paper(pem: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Twenty sessions, twenty round trips, a probe."""
    yield from closing(homes.paper(pem, tmp_path_factory.mktemp("paper")))


@pytest.fixture
def live(pem: tuple[Path, Path], tmp_path: Path, paper: Stage) -> Iterator[Stage]:
    """The next session before its open, by the paper desk's clock."""
    opens = paper.desk.contracts.next_session("XNYS", paper.now).opens_at
    yield from closing(homes.live(pem, tmp_path / "live", opens - timedelta(hours=2)))


def closing(stage: Stage) -> Iterator[Stage]:
    yield stage
    stage.broker.close()
    stage.ground.stores.close()
    stage.world.truth.close()


@pytest.fixture
def type_in(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Typing:
    typing = Typing(home=tmp_path, capsys=capsys)

    @contextmanager
    def open_desk(settings: Settings) -> Iterator[Desk]:
        del settings
        yield typing.front[-1]

    monkeypatch.setattr(here, "open_desk", open_desk)
    return typing


def bundle_of(type_in: Typing, paper: Stage, tmp_path: Path) -> Path:
    type_in.front.append(paper.desk)
    file = tmp_path / "to-live.json"
    told = type_in("live", "check", "--write", str(file))
    assert told.code == 0, told.out + told.err
    return file


def missing(told: Answer) -> list[str]:
    return [one["code"] for one in told.json["conditions"] if not one["met"]]


def unlock(type_in: Typing, file: Path, account: str = homes.LIVE) -> Answer:
    return type_in("live", "unlock", "--bundle", str(file), "--account", account)


def at_nine(live: Stage) -> None:
    """The next session's slot, half an hour before the open."""
    opens = live.desk.contracts.next_session("XNYS", live.now).opens_at
    live.travel(opens - timedelta(minutes=30))
    live.run(5 * SECOND)


def test_T_61_from_a_paper_home_to_real_orders_and_back_behind_the_lock(
    type_in: Typing, paper: Stage, live: Stage, tmp_path: Path
) -> None:
    file = bundle_of(type_in, paper, tmp_path)
    type_in.front.append(live.desk)
    locked_at_first(type_in, live, file)
    unlocked(type_in, live, file)
    the_first_waits(type_in, live)
    over_at_the_end(type_in, live)


def locked_at_first(type_in: Typing, live: Stage, file: Path) -> None:
    """A decision ends at the rule, with its number; another id, or a bundle that somebody changed, opens
    nothing."""
    homes.keep(live, "mine", "MSFT")
    at_nine(live)
    [refused] = homes.decide(live)
    assert refused.state is RunState.NO_TRADE
    assert refused.reason == "LIVE_LOCKED: never unlocked, the limit is unlocked within 30 days"
    assert missing(type_in("live", "check", "--json")) == ["REAL_TIME", "BUNDLE"]
    shown = type_in("live", "check", "--bundle", str(file), "--json")
    assert (shown.code, missing(shown)) == (0, [])

    wrong = unlock(type_in, file, "U7654322")
    assert (wrong.code, wrong.err.count("\n")) == (2, 1)
    assert "not the account of this desk" in wrong.err
    changed = file.with_name("changed.json")
    changed.write_text(file.read_text().replace('"DU1234567"', '"DU1234568"', 1))
    assert "its hash does not fit" in unlock(type_in, changed).err
    assert live.read(live.desk.road.history) == []


def unlocked(type_in: Typing, live: Stage, file: Path) -> None:
    """For thirty days, with what was shown for it; strategies come disabled, for this account."""
    told = unlock(type_in, file)
    assert told.code == 0, told.out + told.err
    [move] = live.read(live.desk.road.history)
    assert move.until == live.now + 30 * DAY
    assert move.shown is not None
    assert (move.shown.paper_days, move.shown.closed_trades) == (20, 20)
    [row] = live.audit("live.unlock")
    assert (row.actor, json.loads(row.body)["shown"]["bundle"]) == ("owner", move.shown.bundle)
    carried = live.read(lambda t: live.desk.strategies.get(t, "carried"))
    assert (carried.state, carried.strategy.account) == (StrategyState.DISABLED, homes.LIVE)


def the_first_waits(type_in: Typing, live: Stage) -> None:
    """The first entry waits, although its strategy asks nobody; it goes out after the yes."""
    assert type_in("strategies", "enable", "carried").code == 0
    assert type_in("strategies", "disable", "mine").code == 0
    live.travel(live.now + 8 * HOUR)
    at_nine(live)
    assert live.parts.board.switches.child_coid == "kept"
    [waits] = homes.decide(live)
    assert waits.state is RunState.AWAITING_APPROVAL, waits.reason
    live.travel(live.now + 35 * MINUTE)
    live.run(5 * SECOND)
    assert live.entries() == []
    [asked] = live.read(live.desk.approvals.waiting)
    assert type_in("approvals", "approve", asked.intent.intent).code == 0
    live.run(20 * SECOND)
    [entry] = live.entries()
    assert str(entry.coid).startswith("gd1l")
    verdicts = live.read(lambda t: live.desk.risk.verdicts(t, waits.run))
    said = [v.observed for moment, v in verdicts if (moment, v.rule) == ("send", "LIVE_FIRST_ORDERS")]
    assert said == ["0 accepted, approved"]
    standing = live.read(live.desk.road.standing)
    assert standing is not None
    assert standing.accepted == 1

    # One that nobody approved does not pass the dealer, whoever reserved it.
    unasked = live.reserve_entry(homes.CONIDS["IBM"])
    live.run(20 * SECOND)
    assert live.intent_state(unasked) is IntentState.DENIED
    assert "LIVE_FIRST_ORDERS" in live.legs(unasked)[Role.ENTRY].note


def over_at_the_end(type_in: Typing, live: Stage) -> None:
    """Told three days before; at the end nothing opens, and what is held leaves and stays protected."""
    [position] = [p for p in live.read(lambda t: live.desk.positions.held(t, homes.LIVE)) if p.quantity]
    until = live.read(live.desk.road.history)[0].until
    assert until is not None
    live.travel(until - 3 * DAY + SECOND)
    live.run(5 * SECOND)
    assert any(title.startswith(f"The unlock of {homes.LIVE} ends") for title in live.titles())
    live.travel(until + SECOND)
    live.run(5 * SECOND)
    assert f"The unlock of {homes.LIVE} is over: no opening order goes out" in live.titles()
    if not live.desk.contracts.is_open("XNYS", live.now):
        at_nine(live)
        live.travel(live.now + 35 * MINUTE)
        live.sign_in()
        live.run(20 * SECOND)
    late = live.reserve_entry(homes.CONIDS["IBM"])
    live.run(20 * SECOND)
    assert live.intent_state(late) is IntentState.DENIED
    assert "LIVE_LOCKED" in live.legs(late)[Role.ENTRY].note
    epoch = live.epoch
    protected = live.read(lambda t: live.desk.positions.protections(t, homes.LIVE, epoch))
    assert [one.state for one in protected] == [ProtectionState.LIVE]
    assert live.held() == int(position.quantity)
    again = type_in("live", "lock", "--reason", "late")
    assert (again.code, "the account is expired" in again.err) == (1, True)
    live.command(CommandKind.EXIT_POSITION, "AAPL")
    live.run_until(lambda: live.held() == 0, within=10 * MINUTE)


def test_T_61_a_lock_ends_it_at_once_and_cancels_entries_that_work(
    type_in: Typing, paper: Stage, live: Stage, tmp_path: Path
) -> None:
    file = bundle_of(type_in, paper, tmp_path)
    type_in.front.append(live.desk)
    assert unlock(type_in, file).code == 0
    at_nine(live)
    live.travel(live.now + 35 * MINUTE)
    live.run(5 * SECOND)
    low = live.price() - 5
    resting = live.reserve_entry(limit=low, stop=low - 15)
    main = resting.intents[0]
    live.write(lambda t: approve(live, t, main.intent))
    live.run(20 * SECOND)
    assert live.entry_state(resting) is OrderState.WORKING
    assert type_in("live", "lock", "--reason", " ").code == 2
    assert type_in("live", "lock", "--reason", "a bad week").code == 0
    live.run(30 * SECOND)
    assert live.entry_state(resting) is OrderState.CANCELLED
    [row] = live.audit("live.lock")
    assert json.loads(row.body)["reason"] == "a bad week"
    shown = type_in("live", "check", "--bundle", str(file))
    assert shown.code == 0
    assert "the account is locked" in shown.out


def approve(live: Stage, t: Any, intent: str) -> None:
    """As if it had waited for a person who said yes."""
    main = live.desk.orders.intent(t, intent)[0]
    store, at = live.ground.stores.orders, live.now
    for leg, _ in live.desk.orders.intents(t, run=main.run):
        store.set_intent(t, leg.intent, IntentState.AWAITING_APPROVAL, at=at, note="")
    live.desk.orders.approve(t, intent, "owner", payload=live.desk.orders.payload(t, main))


Change = Callable[[dict[str, Any]], None]


def no_trades(content: dict[str, Any]) -> None:
    content["evidence"]["trades"] = content["evidence"]["trades"][:19]


def an_old_probe(content: dict[str, Any]) -> None:
    content["evidence"]["probe"]["ended_at"] = "2012-01-02T15:00:00.000000Z"


def from_a_simulator(content: dict[str, Any]) -> None:
    content["evidence"]["broker"] = "simulator"


def a_break(content: dict[str, Any]) -> None:
    content["evidence"]["open_breaks"] = ["IBM"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (no_trades, "CLOSED_TRADES"),
        (an_old_probe, "PROBE"),
        (from_a_simulator, "BUNDLE"),
        (a_break, "OPEN_BREAKS"),
    ],
)
def test_T_61_what_a_sealed_bundle_lacks_is_counted_again_and_unlocks_nothing(
    type_in: Typing, paper: Stage, live: Stage, tmp_path: Path, change: Change, code: str
) -> None:
    whole = json.loads(bundle_of(type_in, paper, tmp_path).read_text())
    change(whole["content"])
    whole["sha256"] = digest(whole["content"])
    file = tmp_path / "other.json"
    file.write_text(json.dumps(whole))
    type_in.front.append(live.desk)
    told = type_in("live", "unlock", "--bundle", str(file), "--account", homes.LIVE, "--json")
    assert (told.code, missing(told)) == (1, [code])
    assert live.read(live.desk.road.history) == []
    assert live.read(live.desk.strategies.list)[0].strategy.name == "morning"


def test_T_61_a_mistake_is_one_line(type_in: Typing, paper: Stage, tmp_path: Path) -> None:
    type_in.front.append(paper.desk)
    file, text = tmp_path / "none.json", tmp_path / "text.json"
    text.write_text('{"name": "a list"}')
    for words, line in (
        (("check", "--bundle", str(text)), "this home's account is not live"),
        (("check", "--write", str(text)), "the file is there already"),
        (("unlock", "--bundle", str(file), "--account", "U1"), "no such file"),
        (("unlock", "--bundle", str(text), "--account", "U1"), "this is no live bundle"),
        (("lock", "--reason", "x"), "DU1234567 is a paper account"),
    ):
        told = type_in("live", *words)
        assert told.code in (1, 2), told.out
        assert line in told.err
        assert told.err.count("\n") == 1
