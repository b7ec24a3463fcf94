"""The bar by itself, refreshed every two seconds, and the simulated clock's buttons."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from glassdesk.kernel.errors import InvalidInput, NotFound
from glassdesk.web.forms.fields import Form
from glassdesk.web.parts import OWNER, Here
from glassdesk.web.rendering import go, page

router = APIRouter()

SPEEDS = frozenset({0, 1, 10, 60, 600})


@router.get("/bar")
def bar(request: Request, here: Here) -> Response:
    """The bar only."""
    with here.desk.transactions.read() as t:
        return page(request, t, "_bar.html")


@router.post("/simulation")
def simulation(request: Request, here: Here, form: Form) -> Response:
    """Pause, resume or set the speed of simulated time."""
    control, wish = here.settings.simulation, form.text("do")
    if control is None:
        raise NotFound("this desk runs on real time")
    if wish == "pause":
        control.pause()
    elif wish == "resume":
        control.resume()
    elif wish.isdigit() and int(wish) in SPEEDS:
        control.set_speed(int(wish))
        control.resume()
    else:
        raise InvalidInput(f"{wish!r} is no wish of the clock", where="do", remedy="pause, resume or a speed")
    with here.desk.transactions.begin() as t:
        here.desk.audit.append(t, OWNER, "simulation", "clock", before=None, after=wish)
    return go(request, back(request))


def back(request: Request) -> str:
    """The page the form stood on; the first page when the browser does not say."""
    referer = request.headers.get("referer", "")
    base = str(request.base_url)
    return "/" + referer.removeprefix(base) if referer.startswith(base) else "/"
