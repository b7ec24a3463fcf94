"""The scoreboard for programs. Decimals are text, instants are UTC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from glassdesk.kernel.errors import NotFound
from glassdesk.kernel.ids import short
from glassdesk.web.forms.scoreboard import Selection
from glassdesk.web.parts import OWNER, Here
from glassdesk.workflow.evaluation.board import Compared, Performance, Row
from glassdesk.workflow.evaluation.calibration import Calibration
from glassdesk.workflow.evaluation.model import Ending, Outcome, Wanted
from glassdesk.workflow.evaluation.scored import Scored
from glassdesk.workflow.evaluation.scores import Day
from glassdesk.workflow.evaluation.service import Told, Word

router = APIRouter()

Limit = Annotated[int, Query(ge=1, le=1000, description="at most this many")]


class Said(BaseModel):
    """A person's word: `set` with an R, `cancelled`, or `taken_back`; always with a reason."""

    ending: Ending
    reason: str
    r: Decimal | None = None
    exit: Decimal | None = None
    ended_on: date | None = None
    pnl: Decimal | None = None


@router.get("/scoreboard")
def scoreboard(
    here: Here, wanted: Selection, by: str = "average_r", limit: Annotated[int, Query(ge=1, le=50)] = 50
) -> list[Row]:
    """A row for each prompt version, model and strategy, best first by average_r, win_rate, pnl, real_r or
    signals; what rests on too few stands last."""
    with here.desk.transactions.read() as t:
        return here.desk.scoreboard.leaderboard(t, wanted, by, limit)


@router.get("/scoreboard/performance")
def performance(here: Here, wanted: Selection) -> Performance:
    """A selection as a whole: rows, totals, days, trend, beside every prompt's purchases in the same time."""
    with here.desk.transactions.read() as t:
        return here.desk.scoreboard.performance(t, wanted)


@router.get("/scoreboard/days")
def days(here: Here, wanted: Selection) -> Sequence[Day]:
    """A selection by the day of its slots, oldest first."""
    with here.desk.transactions.read() as t:
        return here.desk.scoreboard.performance(t, wanted).days


@router.get("/scoreboard/compare/{names}")
def compare(here: Here, wanted: Selection, names: str) -> list[Compared]:
    """Two to ten prompts, NAME or NAME@2 between commas, beside the first."""
    with here.desk.transactions.read() as t:
        return here.desk.scoreboard.compare(t, names.split(","), wanted)


@router.get("/scoreboard/calibration")
def calibration(here: Here, wanted: Selection) -> Calibration:
    """What stated confidences were worth: reliability table, Brier score, calibrated curve."""
    with here.desk.transactions.read() as t:
        return here.desk.scoreboard.calibration(t, wanted)


@router.get("/scoreboard/signals")
def signals(
    here: Here, wanted: Selection, limit: Limit = 100, offset: Annotated[int, Query(ge=0)] = 0
) -> list[Scored]:
    """Every signal of a selection with its outcome, newest slot first."""
    with here.desk.transactions.read() as t:
        return here.desk.scoreboard.signals(t, wanted)[offset : offset + limit]


@router.get("/scoreboard/outcomes/{run}")
def outcome(here: Here, run: str) -> Told:
    """One signal with its barriers and every revision of its outcome."""
    desk = here.desk
    with desk.transactions.read() as t:
        identity = desk.runs.run(t, run).run
        found = desk.scoreboard.told(t, identity)
    if found is None:
        raise NotFound(f"run {short(identity)} has no signal that is counted", where="run")
    return found


@router.post("/scoreboard/outcomes/{run}")
def say(here: Here, run: str, said: Said) -> Outcome:
    """Set, cancel or take back an outcome."""
    desk = here.desk
    word = Word(
        ending=said.ending,
        reason=said.reason,
        r=said.r,
        exit=said.exit,
        ended_on=said.ended_on,
        pnl=said.pnl,
    )
    with desk.transactions.begin() as t:
        return desk.scoreboard.say(t, desk.runs.run(t, run).run, word, OWNER)


@router.get("/prompts/{name}/performance")
def of_prompt(here: Here, name: str) -> Performance:
    """What a prompt's signals made, all versions: rows, totals, days."""
    with here.desk.transactions.read() as t:
        here.desk.prompts.versions(t, name)
        return here.desk.scoreboard.performance(t, Wanted(prompt=name))
