"""Models: who is asked, what the last probe found, budgets, and what they were asked."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from glassdesk.web.parts import OWNER, Here
from glassdesk.web.rendering import go, page

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


@router.post("/models/probe")
def probe(request: Request, here: Here) -> Response:
    """Ask each model once, with a picture; what was found is kept."""
    desk = here.desk
    with desk.transactions.read() as t:
        before = desk.governor.capabilities(t)
    found = list(desk.endpoints.probe())
    with desk.transactions.begin() as t:
        after = desk.governor.capabilities(t)
        told = {"endpoints": [one.endpoint for one in found]}
        desk.audit.append(t, OWNER, "models.probe", "models", told, before=before, after=after)
    fine = sum(not one.failure for one in found)
    return go(request, "/models", f"{len(found)} probed, {fine} answered.")
