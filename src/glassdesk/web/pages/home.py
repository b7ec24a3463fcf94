"""Home: is it safe, how am I doing, what happens next, what just happened and why, what is wrong."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request, Response

from glassdesk.web.parts import Here
from glassdesk.web.rendering import page
from glassdesk.web.views.funnel import funnel_of
from glassdesk.web.views.home import home_of

router = APIRouter()

SPANS = (1, 7, 30)


@router.get("/")
def home(request: Request, here: Here, days: int = 7) -> Response:
    """The first page."""
    desk, now = here.desk, here.desk.clock.now()
    span = days if days in SPANS else 7
    with desk.transactions.read() as t:
        return page(
            request,
            t,
            "home/show.html",
            home=home_of(desk, t, now),
            days=span,
            spans=SPANS,
            funnel=funnel_of(desk, t, now - timedelta(days=span)),
            strategies=desk.strategies.list(t),
        )
