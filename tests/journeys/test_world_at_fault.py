"""No session, or a model that talks nonsense: a recorded reason for every run, and no order at the broker.

And the same days with a model that sees the pictures and answers as it should.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from glassdesk.workflow.signals.probing import USER as PROBE
from tests.adapters.llm.standin import Ask, StandIn, read_prompt
from tests.journeys import stage

pytestmark = [pytest.mark.journey, pytest.mark.process, pytest.mark.slow]

DAYS = 2
HALF_PAST_EIGHT = datetime(2012, 10, 1, 12, 30, tzinfo=UTC)


def _runs(home: stage.Home) -> list[dict[str, object]]:
    return home.rows("select strategy, slot, state, reason from runs order by slot, strategy")


def test_a_model_that_answers_garbage_makes_no_order(tmp_path: Path) -> None:
    with StandIn(lambda ask: "Buy it, it can only go up!") as model:
        made = stage.demo(
            tmp_path,
            "--days",
            str(DAYS),
            GLASSDESK_MODEL_URL=f"openai-compatible:{model.url}/v1?model=stand-in",
        )
    try:
        assert made.told.code == 0, made.told.err
        assert len(model.asked) >= DAYS * len(stage.STRATEGIES)
        runs = _runs(made.home)
        assert len(runs) == DAYS * len(stage.STRATEGIES)
        assert {run["state"] for run in runs} == {"no_trade"}
        assert all("JSON" in str(run["reason"]) for run in runs), runs[0]
        assert made.report["signals"]["ABSTAIN"] == len(runs)
        assert made.home.truth("order") == []
    finally:
        made.home.end_simulator()


class Eyes:
    """A model that looks a picture up by its bytes to tell its code: only the very bytes stored have one. The
    probe at the start is told nothing."""

    def __init__(self, home: stage.Home) -> None:
        self._home = home
        self.seen: list[tuple[str, ...]] = []

    def __call__(self, ask: Ask) -> str:
        if ask.user == PROBE:
            return "{}"
        hashes = tuple(hashlib.sha256(image).hexdigest() for image in ask.images)
        self.seen.append(hashes)
        return json.dumps(read_prompt(ask, self._code(hashes)))

    def _code(self, hashes: Sequence[str]) -> str:
        charts = self._home.rows("select content from nodes where kind = 'charts'")
        drawn = [json.loads(row["content"])["decision"] for row in charts]
        codes = {chart["png_sha256"]: str(chart["code"]) for chart in drawn}
        return codes[hashes[0]]


def test_a_model_that_sees_the_pictures_trades_and_the_books_agree(tmp_path: Path) -> None:
    home = stage.Home(folder=tmp_path / ".glassdesk")
    eyes = Eyes(home)
    with StandIn(eyes) as model:
        made = stage.demo(
            tmp_path,
            "--days",
            str(DAYS),
            GLASSDESK_MODEL_URL=f"openai-compatible:{model.url}/v1?model=stand-in",
        )
    try:
        assert made.told.code == 0, made.told.err
        assert made.report["problems"] == []
        assert made.report["signals"]["ABSTAIN"] == 0
        assert made.report["signals"]["BUY"] >= 1
        assert made.report["orders"] == made.report["broker"]["orders"] >= 3
        assert {len(hashes) for hashes in eyes.seen} == {1, 2}, "the weekly chart where it is wanted"
        kept = {
            row["sha256"] for row in home.rows("select sha256 from artifacts where media_type = 'image/png'")
        }
        assert {sha256 for hashes in eyes.seen for sha256 in hashes} == kept
        answers = home.rows("select content from nodes where kind = 'answer'")
        assert {json.loads(row["content"])["engine"] for row in answers} == {"openai-compatible"}
    finally:
        made.home.end_simulator()


def _sign_out_before_the_slot(home: stage.Home) -> None:
    """Slow the clock down as soon as there is one; the person signs out at half past eight in New York."""
    _insist(lambda: home.control("POST", "/clock", {"speed": 14_400}))
    enabled = "select name from strategies where state = 'enabled'"
    _insist(lambda: len(home.rows(enabled)) == len(stage.STRATEGIES))
    _insist(lambda: stage.instant(home.control("GET", "/clock")["now"]) >= HALF_PAST_EIGHT)
    home.control("POST", "/person/sign-out", {})
    home.control("POST", "/clock", {"speed": 0})


def _insist(there: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError, ValueError, KeyError, sqlite3.OperationalError):
            if there():
                return
        time.sleep(0.02)
    raise TimeoutError("it never came")


def test_an_expired_session_makes_no_order_and_says_why(tmp_path: Path) -> None:
    """The demo is ended once every run was refused: they would try again until eleven, to no other end."""
    home = stage.Home(folder=tmp_path / ".glassdesk")
    process = stage.start("demo", "--json", "--days", "1", cwd=tmp_path)
    try:
        _sign_out_before_the_slot(home)
        refused = "select * from runs where reason like 'BLOCKED_SESSION: %'"
        _insist(lambda: len(home.rows(refused)) == len(stage.STRATEGIES))
        process.kill()
        process.communicate()
        assert {run["state"] for run in _runs(home)} <= {"due", "running", "failed"}
        assert home.rows("select * from run_steps") == []
        assert home.rows("select * from intents") == []
        assert home.truth("order") == []
        told = home.rows("select * from notifications where key like 'run:%:blocked'")
        assert len(told) == len(stage.STRATEGIES)
    finally:
        process.kill()
        process.communicate()
        home.end_simulator()
