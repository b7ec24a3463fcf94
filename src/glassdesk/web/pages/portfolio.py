"""Portfolio: the books of the desk, cash lanes, the curve of its equity, its lots and trades with R."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from glassdesk.web.parts import Here
from glassdesk.web.rendering import page

router = APIRouter()


@router.get("/portfolio")
def show(request: Request, here: Here) -> Response:
    """Books, curve, lanes, lots, trades, daily closes."""
    desk = here.desk
    with desk.transactions.read() as t:
        return page(
            request,
            t,
            "portfolio/show.html",
            status=200,
            report=desk.portfolio.report(t, desk.account, desk.clock.now()),
            snapshots=desk.portfolio.snapshots(t, desk.account),
            trades=list(reversed(desk.portfolio.trades(t, desk.account))),
            desk_capital=desk.desk_capital,
        )
