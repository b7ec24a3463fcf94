"""Schedules: when each strategy is due next, in the exchange's zone and UTC; what became of past slots."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from glassdesk.kernel.errors import InvalidInput
from glassdesk.web.forms.fields import Form
from glassdesk.web.parts import OWNER, Here
from glassdesk.web.rendering import go, page

router = APIRouter()


@router.get("/schedules")
def show(request: Request, here: Here, strategy: str = "") -> Response:
    """Coming slots and the history of past ones."""
    desk = here.desk
    with desk.transactions.read() as t:
        return page(
            request,
            t,
            "schedules/list.html",
            strategy=strategy,
            rows=desk.strategies.list(t),
            coming=desk.schedules.next(t, desk.clock.now(), 10),
            slots=desk.schedules.slots(t, strategy=strategy or None, limit=200),
        )


@router.post("/schedules/{name}")
def pause_or_resume(request: Request, here: Here, name: str, form: Form) -> Response:
    """Pause or resume a strategy's slots."""
    wish, desk = form.text("do"), here.desk
    with desk.transactions.begin() as t:
        if wish == "pause":
            desk.schedules.pause(t, name, OWNER)
        elif wish == "resume":
            desk.schedules.resume(t, name, OWNER)
        else:
            raise InvalidInput(f"{wish!r} is no wish", where="do", remedy="pause or resume")
    return go(request, "/schedules", f"{name}: slots {'paused' if wish == 'pause' else 'go on'}.")
