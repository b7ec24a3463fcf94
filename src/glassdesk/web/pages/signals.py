"""Signals: what was decided, by whom, and why."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request, Response

from glassdesk.web.parts import Here
from glassdesk.web.rendering import page

router = APIRouter()

PER_PAGE = 100


@router.get("/signals")
def show(request: Request, here: Here, strategy: str = "", before: datetime | None = None) -> Response:
    """Newest slot first."""
    with here.desk.transactions.read() as t:
        rows = here.desk.signals.recent(t, strategy=strategy or None, before=before, limit=PER_PAGE)
        more = rows[-1].slot if len(rows) == PER_PAGE else None
        return page(request, t, "signals/list.html", rows=rows, strategy=strategy, more=more)
