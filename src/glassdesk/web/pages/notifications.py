"""Notifications: what a person should know, and whether somebody has seen it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from glassdesk.web.forms.fields import Form
from glassdesk.web.parts import OWNER, Here
from glassdesk.web.rendering import go, page

router = APIRouter()


@router.get("/notifications")
def show(request: Request, here: Here) -> Response:
    """Newest first."""
    with here.desk.transactions.read() as t:
        return page(request, t, "notifications/list.html", rows=here.desk.notifications.recent(t))


@router.post("/notifications")
def acknowledge(request: Request, here: Here, form: Form) -> Response:
    """A person has seen one."""
    key = form.text("key")
    with here.desk.transactions.begin() as t:
        here.desk.notifications.acknowledge(t, key)
        here.desk.audit.append(t, OWNER, "notification.acknowledge", key)
    return go(request, "/notifications")
