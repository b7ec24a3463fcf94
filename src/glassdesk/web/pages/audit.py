"""Audit: every act of a person and of the desk, and a button that recomputes the chain."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from glassdesk.kernel.errors import IntegrityViolation
from glassdesk.web.parts import Here
from glassdesk.web.rendering import go, page

router = APIRouter()

PER_PAGE = 100


@router.get("/audit")
def show(request: Request, here: Here, before: int | None = None) -> Response:
    """Newest rows first."""
    with here.desk.transactions.read() as t:
        last = here.desk.audit.length(t) if before is None else before - 1
        first = max(0, last - PER_PAGE)
        rows = here.desk.audit.entries(t, after=first, limit=last - first)
        return page(
            request, t, "audit/list.html", rows=list(reversed(rows)), older=first + 1 if first else None
        )


@router.post("/audit/verify")
def verify(request: Request, here: Here) -> Response:
    """Recompute every hash of the chain from what is stored."""
    try:
        with here.desk.transactions.read() as t:
            length = here.desk.audit.verify(t)
    except IntegrityViolation as broken:
        return go(request, "/audit", f"The chain does NOT hold: {broken.problem}.")
    return go(request, "/audit", f"Verified: all {length} rows follow from one another.")
