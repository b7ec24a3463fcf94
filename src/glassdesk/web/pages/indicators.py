"""Indicators: what there is, and named sets of them."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from glassdesk.kernel.errors import Conflict, InvalidInput
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.web.forms.fields import Form, say
from glassdesk.web.forms.indicators import EMPTY_ROWS, read_set
from glassdesk.web.parts import OWNER, Here, Parts
from glassdesk.web.rendering import go, page

router = APIRouter()


@router.get("/indicators")
def show(request: Request, here: Here) -> Response:
    """The catalogue and the sets."""
    with here.desk.transactions.read() as t:
        return _page(request, here, t)


@router.post("/indicators")
def create(request: Request, here: Here, form: Form) -> Response:
    """Keep a new set."""
    desk = here.desk
    try:
        wanted = read_set(form, desk.indicators.catalogue())
        with desk.transactions.begin() as t:
            kept = desk.indicators.create(t, wanted)
            desk.audit.append(t, OWNER, "indicators.create", kept.name, kept, before=None, after=kept)
    except (InvalidInput, Conflict) as problem:
        errors = {"name" if problem.where == "name" else "rows": say(problem), "where": problem.where}
        with desk.transactions.read() as t:
            return _page(request, here, t, status=422, errors=errors, values=form.shown())
    return go(request, "/indicators", f"The set {kept.name} is kept and can be used in a strategy.")


def _page(request: Request, here: Parts, t: Transaction, **more: object) -> Response:
    return page(
        request,
        t,
        "indicators/list.html",
        catalogue=here.desk.indicators.catalogue(),
        sets=here.desk.indicators.list(t),
        rows=EMPTY_ROWS,
        **more,  # type: ignore[arg-type]
    )
