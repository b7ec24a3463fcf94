"""Audit: every act of a person and of the desk, whether the chain holds, and where its head is anchored."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from glassdesk.web.parts import Here
from glassdesk.web.rendering import go, page
from glassdesk.workflow.lineage.model import Reason

router = APIRouter()

PER_PAGE = 100
SHOWN = 5


@router.get("/audit")
def show(
    request: Request, here: Here, before: int | None = None, actor: str = "", kind: str = "", ref: str = ""
) -> Response:
    """Newest rows first, of one actor, of kinds and things that begin so."""
    desk = here.desk
    inspections, anchors = desk.inspection.recent(limit=SHOWN)
    with desk.transactions.read() as t:
        last = desk.audit.length(t)
        below = last + 1 if before is None else before
        rows = desk.audit.entries(t, before=below, limit=PER_PAGE, actor=actor, kind=kind, ref=ref)
        return page(
            request,
            t,
            "audit/list.html",
            rows=list(reversed(rows)),
            length=last,
            older=rows[0].seq if len(rows) == PER_PAGE else None,
            chosen={"actor": actor, "kind": kind, "ref": ref},
            inspections=inspections,
            anchors=anchors,
        )


@router.post("/audit/verify")
def verify(request: Request, here: Here) -> Response:
    """Recompute every hash of the chain and hold it against its anchors."""
    found = here.desk.inspection.full(Reason.DEMAND)
    if found.problem:
        return go(request, "/audit", f"The chain does NOT hold: {found.problem}.")
    return go(request, "/audit", f"Verified: all {found.rows} rows follow from one another.")
