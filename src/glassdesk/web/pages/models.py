"""Models: who is asked, what the last probe found, budgets, and what they were asked."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from glassdesk.web.parts import Here
from glassdesk.web.rendering import page

router = APIRouter()

SHOWN = 50


@router.get("/models")
def show(request: Request, here: Here) -> Response:
    """Endpoints, budgets, newest calls."""
    desk = here.desk
    with desk.transactions.read() as t:
        return page(
            request,
            t,
            "models/list.html",
            endpoints=desk.endpoints.states(t, desk.governor),
            limits=desk.governor.limits(t),
            allowance=desk.governor.allowance,
            calls=desk.governor.calls(t, limit=SHOWN),
        )
