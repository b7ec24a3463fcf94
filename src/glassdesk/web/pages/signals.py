"""Signals: what was decided, by whom, and why."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request, Response

from glassdesk.web.parts import Here
from glassdesk.web.rendering import page
from glassdesk.web.views.signal import chart_with_levels, signal_card

router = APIRouter()

PER_PAGE = 100
PICTURE = {
    "cache-control": "private, max-age=86400",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
}


@router.get("/signals")
def show(request: Request, here: Here, strategy: str = "", before: datetime | None = None) -> Response:
    """Newest slot first."""
    with here.desk.transactions.read() as t:
        rows = here.desk.signals.recent(t, strategy=strategy or None, before=before, limit=PER_PAGE)
        more = rows[-1].slot if len(rows) == PER_PAGE else None
        return page(request, t, "signals/list.html", rows=rows, strategy=strategy, more=more, paged=before)


@router.get("/signals/{run}")
def card(request: Request, here: Here, run: str) -> Response:
    """One signal: the chart with its prices, claims beside the truth, checks, what it cost."""
    desk = here.desk
    with desk.transactions.read() as t:
        told = signal_card(desk, t, desk.runs.run(t, run))
        return page(request, t, "signals/show.html", told=told, run=told.run)


@router.get("/signals/{run}/chart.svg")
def chart(here: Here, run: str) -> Response:
    """The decision chart with the signal's prices: for people, no analyst is shown it."""
    desk = here.desk
    with desk.transactions.read() as t:
        svg = chart_with_levels(desk, t, desk.runs.run(t, run))
    return Response(svg, media_type="image/svg+xml", headers=PICTURE)
