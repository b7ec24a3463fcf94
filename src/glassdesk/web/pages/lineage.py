"""Lineage: where anything came from, from the roots down, and a button that recomputes every hash."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from glassdesk.web.parts import Here
from glassdesk.web.rendering import page
from glassdesk.web.views.lineage import verified, with_depths

router = APIRouter()


@router.get("/lineage")
def ask(request: Request, here: Here, id: str = "") -> Response:  # noqa: A002 - the address's own word
    """A field for an id; the newest runs to begin with."""
    if id.strip():
        return _graph(request, here, id.strip(), again=False)
    with here.desk.transactions.read() as t:
        return page(request, t, "lineage/ask.html", runs=here.desk.runs.runs(t, limit=10))


@router.get("/lineage/{identity:path}")
def show(request: Request, here: Here, identity: str) -> Response:
    """The graph of one thing."""
    return _graph(request, here, identity, again=False)


@router.post("/lineage/{identity:path}")
def verify(request: Request, here: Here, identity: str) -> Response:
    """The same with every hash recomputed from what is stored."""
    return _graph(request, here, identity, again=True)


def _graph(request: Request, here: Here, identity: str, *, again: bool) -> Response:
    with here.desk.transactions.read() as t:
        graph = here.desk.lineage.graph(t, identity)
        findings = None
        if again:
            graph, findings = verified(here.desk, t, graph)
        return page(
            request,
            t,
            "lineage/show.html",
            graph=graph,
            rows=with_depths(graph),
            identity=identity,
            findings=findings,
        )
