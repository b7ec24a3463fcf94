"""`glassdesk probe`: explains, asks for each order, follows the dealer, hands the report over."""

from __future__ import annotations

import builtins
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import typer

from glassdesk.cli import here
from glassdesk.cli.program import run
from glassdesk.desk import Desk
from glassdesk.kernel.ids import AccountKind
from glassdesk.settings import Settings
from ibkr_simulator import certificate
from tests.cli.conftest import Answer
from tests.faults.stage import MORNING, SECOND, Stage, build
from tests.workflow.dealing.probe.probing import is_clean, last, may_send

Typed = Callable[..., Answer]


class DealerTurns:
    """Machine time in which the dealer makes a turn whenever the command line waits."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.waits = 0
        self.interrupt_at = -1

    def seconds(self) -> float:
        return float(self.waits)

    def pause(self, seconds: float) -> None:
        self.waits += 1
        due = self._stage.turn()
        self._stage.travel(due or self._stage.now + SECOND)
        if self.waits == self.interrupt_at:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate.ensure(tmp_path_factory.mktemp("gateway"))


@pytest.fixture
def stage(pem: tuple[Path, Path], tmp_path: Path) -> Iterator[Stage]:
    made = build(pem, tmp_path, at=MORNING, kind=AccountKind.PAPER)
    made.run_until(lambda: may_send(made))
    yield made
    made.broker.close()
    made.ground.stores.close()
    made.world.truth.close()


@pytest.fixture
def turns(stage: Stage) -> DealerTurns:
    return DealerTurns(stage)


@pytest.fixture
def type_in(
    stage: Stage,
    turns: DealerTurns,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Typed:
    @contextmanager
    def open_desk(settings: Settings) -> Iterator[Desk]:
        del settings
        yield replace(stage.desk, stopwatch=turns)

    monkeypatch.setattr(here, "open_desk", open_desk)

    def typed(*words: str) -> Answer:
        code = run([*words, "--home", str(tmp_path)])
        told = capsys.readouterr()
        return Answer(code=code, out=told.out, err=told.err)

    return typed


def test_T_60_a_probe_is_explained_followed_and_reported(
    type_in: Typed, stage: Stage, tmp_path: Path
) -> None:
    told = type_in("probe", "--yes", "--only", "P1,P1-ended,B1", "--report", str(tmp_path / "mine.md"))
    assert told.code == 0, told.err
    assert "BUY 1 IBM LMT" in told.out
    assert "running: one bracket whose children carry client ids" in told.err
    assert "duplicate_coid = 200" in told.out
    assert "# Probe of DU•••67 (paper)" in (tmp_path / "mine.md").read_text()
    assert sorted(file.suffix for file in (tmp_path / "probes").iterdir()) == [".json", ".md"]
    assert is_clean(stage)

    again = type_in("probe", "show")
    assert again.out.startswith("0 days old")
    shown = type_in("probe", "show", "--json").json
    assert shown["switches"]["child_coid"] == "kept"
    assert type_in("doctor", "--json").json[-1]["detail"] == "0 days old"


def test_T_60_every_order_is_asked_for_and_no_is_no(
    type_in: Typed, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def says_no(question: str, **_: object) -> bool:
        asked.append(question)
        return "bracket" in question or ("children" in question and "three times" not in question)

    monkeypatch.setattr(typer, "confirm", says_no)
    told = type_in("probe")
    assert told.code == 0, told.err
    assert [question.split()[0] for question in asked] == ["BUY", "BUY", "three"]
    placed = [one for one in stage.truth() if one.side == "BUY"]
    assert len(placed) == 1
    assert not {"P1", "P5"} & {one.code for one in last(stage).findings}
    monkeypatch.setattr(typer, "confirm", lambda *_, **__: False)
    told = type_in("probe")
    assert told.err == "error: probe: no order was agreed to (nothing was asked of the broker)\n"


def test_T_60_ctrl_c_stops_it_cleanly(type_in: Typed, stage: Stage, turns: DealerTurns) -> None:
    turns.interrupt_at = 12
    told = type_in("probe", "--yes", "--json")
    assert told.code == 1
    assert json.loads(told.out)["state"] == "stopped"
    assert "stopping; what was placed is being cancelled" in told.err
    assert is_clean(stage)


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (("probe", "--only", "P99", "--yes"), 2, "error: only: P99 is no question of the probe ("),
        (("probe", "--json"), 2, "error: probe: --json asks nothing (add --yes to agree to every order)"),
        (("probe", "shows"), 2, "error: probe: 'shows' is neither run nor show (glassdesk probe show)"),
        (("probe", "show"), 2, "error: probe: this account was never probed (glassdesk probe)"),
        (("probe", "--second-day", "--yes"), 2, "error: probe: no order of a probe rests ("),
        (("probe", "--symbol", "AAPL", "--yes"), 1, "error: symbol: AAPL: the strategy morning trades it ("),
    ],
)
def test_T_60_a_wrong_wish_is_one_clear_line(
    type_in: Typed, words: tuple[str, ...], code: int, line: str
) -> None:
    told = type_in(*words)
    assert told.code == code
    assert told.err.startswith(line), told.err
    assert told.err.count("\n") == 1


def test_T_60_outside_hours_it_says_when_to_come_back_before_it_asks(type_in: Typed, stage: Stage) -> None:
    stage.travel(stage.now.replace(hour=21))
    told = type_in("probe", "--yes")
    assert told.err == "error: hours: the market is closed (come back at 2012-10-02T13:35:00Z)\n"


def test_T_60_without_a_dealer_nobody_waits_for_ever(
    type_in: Typed, stage: Stage, turns: DealerTurns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DealerTurns, "pause", lambda self, _: builtins.setattr(self, "waits", self.waits + 1))
    told = type_in("probe", "--clean-up")
    assert "no dealer took the wish up" in told.err


def test_T_60_doctor_tells_that_an_account_was_never_probed(type_in: Typed) -> None:
    told = type_in("doctor", "--json").json[-1]
    assert (told["check"], told["state"], told["detail"]) == ("probe", "look", "never run")
