"""Positions: what each strategy holds, whether its stop lives, and what the broker says beside it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from glassdesk.web.parts import Here
from glassdesk.web.rendering import page
from glassdesk.web.views.positions import positions_of

router = APIRouter()


@router.get("/positions")
def show(request: Request, here: Here) -> Response:
    """Held, protected, compared."""
    desk = here.desk
    with desk.transactions.read() as t:
        rows = positions_of(desk, t)
        ours = {row.position.conid for row in rows}
        return page(
            request,
            t,
            "positions/list.html",
            rows=rows,
            breaks=desk.positions.breaks(t),
            others=[p for p in desk.positions.broker(t, desk.account) if p.conid not in ours and p.quantity],
        )
