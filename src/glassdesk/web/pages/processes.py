"""Processes of the desk: who deals, who executes, who serves, and what waits for a worker."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from glassdesk.web.parts import Here
from glassdesk.web.rendering import page

router = APIRouter()


@router.get("/processes")
def show(request: Request, here: Here) -> Response:
    """One table of processes, one of what waits."""
    with here.desk.transactions.read() as t:
        return page(request, t, "processes/list.html", fleet=here.desk.processes.fleet(t))
