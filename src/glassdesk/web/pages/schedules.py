"""Schedules: a month of slots, when each strategy is due next in the exchange's and the reader's zone, what
became of past slots and why."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from glassdesk.kernel.errors import InvalidInput
from glassdesk.web.forms.fields import Form
from glassdesk.web.parts import OWNER, Here
from glassdesk.web.rendering import go, page
from glassdesk.web.views.schedules import page_of

router = APIRouter()


@router.get("/schedules")
def show(request: Request, here: Here, strategy: str = "", month: str = "") -> Response:
    """Coming slots and the history of past ones."""
    desk = here.desk
    with desk.transactions.read() as t:
        shown = page_of(
            desk, t, desk.clock.now(), ZoneInfo(here.settings.zone), strategy=strategy, month=month
        )
        return page(request, t, "schedules/list.html", strategy=strategy, s=shown)


@router.post("/schedules/{name}")
def act(request: Request, here: Here, name: str, form: Form) -> Response:
    """Pause or resume a strategy's slots, or have it decide now."""
    wish, desk = form.text("do"), here.desk
    with desk.transactions.begin() as t:
        if wish == "pause":
            desk.schedules.pause(t, name, OWNER)
            said = "slots paused."
        elif wish == "resume":
            desk.schedules.resume(t, name, OWNER)
            said = "slots go on."
        elif wish == "run":
            runs = desk.schedules.run_now(t, name, conids=None, actor=OWNER)
            said = f"{len(runs)} {'run is' if len(runs) == 1 else 'runs are'} due now."
        else:
            raise InvalidInput(f"{wish!r} is no wish", where="do", remedy="pause, resume or run")
    return go(request, "/schedules", f"{name}: {said}")
