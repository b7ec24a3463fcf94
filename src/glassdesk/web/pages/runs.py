"""Runs: the list, and the page that tells one run from its slot to its fills."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request, Response

from glassdesk.kernel.errors import NotFound
from glassdesk.kernel.work import trace_of
from glassdesk.web.parts import Here
from glassdesk.web.rendering import page
from glassdesk.web.views.run import run_page

router = APIRouter()

PER_PAGE = 100


@router.get("/runs")
def runs(request: Request, here: Here, strategy: str = "", before: datetime | None = None) -> Response:
    """Newest slot first."""
    with here.desk.transactions.read() as t:
        rows = here.desk.runs.runs(t, strategy=strategy or None, before=before, limit=PER_PAGE)
        more = rows[-1].slot if len(rows) == PER_PAGE else None
        return page(request, t, "runs/list.html", rows=rows, strategy=strategy, more=more)


@router.get("/runs/{run}")
def show(request: Request, here: Here, run: str) -> Response:
    """One card per step, with what went in, what came out, how long it took, and its hash."""
    with here.desk.transactions.read() as t:
        told = run_page(here.desk, t, here.desk.runs.run(t, run))
        seen = here.desk.watchlists.seen_by(t, told.run.run)
        trace = trace_of(told.run.run) if here.settings.traces else ""
        return page(request, t, "runs/show.html", told=told, run=told.run, watchlist=seen, trace=trace)


@router.get("/runs/{run}/steps/{name}")
def raw(here: Here, run: str, name: str) -> Response:
    """A step's output as it is stored: canonical JSON."""
    with here.desk.transactions.read() as t:
        identity = here.desk.runs.run(t, run).run
        rows = [row for row in here.desk.runs.steps(t, identity) if row.name == name]
    if not rows:
        raise NotFound(f"the run has no step {name!r}", remedy="the run's page lists its steps")
    return Response(rows[0].output, media_type="application/json")
