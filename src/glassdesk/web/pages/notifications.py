"""Notifications: what a person should know, whether somebody has seen it, and how it went out."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from glassdesk.web.forms.fields import Form
from glassdesk.web.parts import OWNER, Here
from glassdesk.web.rendering import go, page
from glassdesk.workflow.notifications.model import Severity

router = APIRouter()

SEEN = {"yes": True, "no": False}


@router.get("/notifications")
def show(request: Request, here: Here, severity: str = "", seen: str = "", strategy: str = "") -> Response:
    """Newest first; of one severity, seen or not, of one strategy."""
    told = here.desk.notifications
    with here.desk.transactions.read() as t:
        rows = told.recent(
            t,
            severity=Severity(severity) if severity in set(Severity) else None,
            seen=SEEN.get(seen),
            strategy=strategy or None,
        )
        return page(
            request,
            t,
            "notifications/list.html",
            rows=rows,
            deliveries=told.deliveries(t, rows),
            channels=told.channels(t),
            strategies=[row.strategy.name for row in here.desk.strategies.list(t)],
            chosen={"severity": severity, "seen": seen, "strategy": strategy},
        )


@router.post("/notifications")
def acknowledge(request: Request, here: Here, form: Form) -> Response:
    """A person has seen one."""
    with here.desk.transactions.begin() as t:
        here.desk.notifications.acknowledge(t, form.text("key"), OWNER)
    return go(request, "/notifications")


@router.post("/notifications/all")
def acknowledge_all(request: Request, here: Here) -> Response:
    """A person has seen all of them."""
    with here.desk.transactions.begin() as t:
        count = here.desk.notifications.acknowledge_all(t, OWNER)
    return go(request, "/notifications", f"Noted: you have seen {count} more.")


@router.post("/notifications/test")
def test(request: Request, here: Here) -> Response:
    """Send a test through every channel and say how it went."""
    found = here.desk.notifications.test(OWNER)
    told = ", ".join(f"{name}: {problem or 'delivered'}" for name, problem in found.items())
    return go(request, "/notifications", f"Test: {told}.")
