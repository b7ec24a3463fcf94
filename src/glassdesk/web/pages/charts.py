"""Charts: one contract's bars and lines, to move about in."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from glassdesk.web.parts import Here
from glassdesk.web.rendering import page
from glassdesk.workflow.charts.header import TIMEFRAMES
from glassdesk.workflow.market_data.model import BarSize

router = APIRouter()


@router.get("/charts/{conid}")
def show(
    request: Request, here: Here, conid: int, size: str = "1d", indicators: str = "standard"
) -> Response:
    """The viewer; its numbers come from the API."""
    desk = here.desk
    with desk.transactions.read() as t:
        return page(
            request,
            t,
            "charts/show.html",
            contract=desk.contracts.contract(t, conid),
            sets=desk.indicators.list(t),
            sizes=[(one.value, TIMEFRAMES[one]) for one in BarSize],
            values={"size": size, "indicators": indicators},
        )
