"""Portfolio: the books of the desk, cash lanes, the curve of its equity, its lots and trades with R."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from glassdesk.web.parts import Here
from glassdesk.web.rendering import page
from glassdesk.web.views.paging import part
from glassdesk.workflow.portfolio.model import Snapshot
from glassdesk.workflow.portfolio.report import Day

router = APIRouter()

PageNumber = Annotated[int, Query(ge=1)]


@router.get("/portfolio")
def show(
    request: Request, here: Here, trades: PageNumber = 1, closes: PageNumber = 1, evidence: PageNumber = 1
) -> Response:
    """Books, curve, lanes, lots; evidence of cash, trades and daily closes a page at a time."""
    desk = here.desk
    with desk.transactions.read() as t:
        report = desk.portfolio.report(t, desk.account, desk.clock.now())
        snapshots = desk.portfolio.snapshots(t, desk.account)
        return page(
            request,
            t,
            "portfolio/show.html",
            status=200,
            report=report,
            snapshots=snapshots,
            trades=part(desk.portfolio.trades(t, desk.account)[::-1], trades),
            closes=part(_closes(snapshots, report.days)[::-1], closes),
            evidence=part(report.cash[::-1], evidence),
            desk_capital=desk.desk_capital,
        )


def _closes(snapshots: Sequence[Snapshot], days: Sequence[Day]) -> list[tuple[Snapshot, Day | None]]:
    """Each close with its place on the curve, which begins with the opening balance."""
    if not days:
        return [(one, None) for one in snapshots]
    return list(zip(snapshots, days, strict=True))


@router.get("/portfolio/explain")
def explain(request: Request, here: Here) -> Response:
    """What each number is made of."""
    desk = here.desk
    with desk.transactions.read() as t:
        found = desk.portfolio.explain(t, desk.account, desk.clock.now())
        return page(request, t, "portfolio/explain.html", numbers=found)
