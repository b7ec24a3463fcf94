"""Scoreboard: what signals made, by prompt version, model and strategy, beside their twins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from glassdesk.kernel.errors import InvalidInput
from glassdesk.web.forms.fields import Form, say
from glassdesk.web.forms.scoreboard import Selection, read_word
from glassdesk.web.parts import OWNER, Here
from glassdesk.web.rendering import go, page
from glassdesk.web.views.paging import part
from glassdesk.web.views.signal import signal_card
from glassdesk.workflow.evaluation.board import METRICS, MOST_ROWS
from glassdesk.workflow.evaluation.model import Cell, Wanted
from glassdesk.workflow.evaluation.scores import FEW
from glassdesk.workflow.prompts.model import Kind

router = APIRouter()

PageNumber = Annotated[int, Query(ge=1)]


@router.get("/scoreboard")
def show(request: Request, here: Here, wanted: Selection, by: str = "average_r") -> Response:
    """One row for each prompt version, model and strategy, best first."""
    board = here.desk.scoreboard
    with here.desk.transactions.read() as t:
        cells = board.cells(t)
        return page(
            request,
            t,
            "scoreboard/list.html",
            rows=board.leaderboard(t, wanted, by, MOST_ROWS),
            wanted=wanted,
            by=by,
            metrics=list(METRICS),
            few=FEW,
            kinds=[kind.value for kind in Kind],
            prompts=_prompts(cells),
            analysts=sorted({f"{one.engine}:{one.model}" if one.model else one.engine for one in cells}),
            strategies=sorted({one.strategy for one in cells}),
        )


@router.get("/scoreboard/prompts/{name}")
def prompt(
    request: Request,
    here: Here,
    name: str,
    wanted: Selection,
    version: int | None = None,
    days: PageNumber = 1,
    signals: PageNumber = 1,
) -> Response:
    """One prompt: totals, its days, its twins, what its confidences were worth, its signals."""
    board, mine = here.desk.scoreboard, _of(wanted, name, version)
    with here.desk.transactions.read() as t:
        sheet = board.sheet(t, mine)
        told = sheet.performance
        return page(
            request,
            t,
            "scoreboard/show.html",
            name=name,
            version=version,
            wanted=mine,
            told=told,
            versions=sheet.versions,
            few=FEW,
            calibration=sheet.calibration,
            days=part(told.days[::-1], days),
            signals=part(sheet.signals, signals),
        )


def _prompts(cells: Sequence[Cell]) -> list[str]:
    return sorted({f"{one.prompt}@{one.prompt_version}" for one in cells if one.prompt})


def _of(wanted: Wanted, name: str, version: int | None) -> Wanted:
    return Wanted(
        prompt=name,
        version=version,
        analyst=wanted.analyst,
        strategy=wanted.strategy,
        since=wanted.since,
        until=wanted.until,
    )


@router.get("/scoreboard/compare")
def compare(
    request: Request,
    here: Here,
    wanted: Selection,
    names: Annotated[list[str], Query()] = [],  # noqa: B006
) -> Response:
    """Two to ten prompts side by side."""
    board, problem = here.desk.scoreboard, ""
    with here.desk.transactions.read() as t:
        prompts = _prompts(board.cells(t))
        try:
            found = board.compare(t, names, wanted)
        except InvalidInput as refused:
            found, problem = [], say(refused)
        return page(
            request,
            t,
            "scoreboard/compare.html",
            status=422 if problem and names else 200,
            found=found,
            problem=problem if names else "",
            chosen=names,
            prompts=prompts,
            few=FEW,
        )


@router.get("/scoreboard/signals")
def signals(request: Request, here: Here, wanted: Selection, signals: PageNumber = 1) -> Response:
    """Every signal of a selection with its outcome, newest slot first."""
    with here.desk.transactions.read() as t:
        found = part(here.desk.scoreboard.signals(t, wanted), signals)
        return page(request, t, "scoreboard/signals.html", signals=found, wanted=wanted)


@router.post("/scoreboard/outcomes/{run}")
def outcome(request: Request, here: Here, run: str, form: Form) -> Response:
    """A person's word on what became of a signal; what is wrong with it stands by the field."""
    desk = here.desk
    try:
        word = read_word(form)
        with desk.transactions.begin() as t:
            identity = desk.runs.run(t, run).run
            desk.scoreboard.say(t, identity, word, OWNER)
    except InvalidInput as refused:
        with desk.transactions.read() as t:
            told = signal_card(desk, t, desk.runs.run(t, run))
            errors = {refused.where or "reason": say(refused)}
            return page(
                request,
                t,
                "signals/show.html",
                status=422,
                told=told,
                run=told.run,
                errors=errors,
                values=form.shown(),
            )
    return go(request, f"/signals/{identity}#outcome", "Your word counts from now on.")
