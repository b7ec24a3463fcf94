"""Approvals: one card for each order that waits for a person's yes or no."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from glassdesk.kernel.errors import Conflict, InvalidInput
from glassdesk.web.forms.fields import Form, say
from glassdesk.web.parts import OWNER, Here, Parts
from glassdesk.web.rendering import go, page
from glassdesk.web.views.approvals import card_of, cards_of
from glassdesk.workflow.dealing.consent import Answered

router = APIRouter()


@router.get("/approvals")
def approvals(request: Request, here: Here) -> Response:
    """What waits, the first to be over first."""
    with here.desk.transactions.read() as t:
        return page(request, t, "approvals/list.html", cards=cards_of(here.desk, t))


@router.get("/approvals/{intent}")
def show(request: Request, here: Here, intent: str) -> Response:
    """One decision, whatever became of it."""
    return _page(request, here, intent)


@router.post("/approvals/{intent}")
def answer(request: Request, here: Here, intent: str, form: Form) -> Response:
    """Approve or decline exactly the order that the page showed."""
    try:
        answered = answer_to(here, intent, form.text("do"), form.text("payload"))
    except Conflict as problem:
        return _page(request, here, intent, status=409, problem=say(problem))
    if answered is None:
        return go(request, "/approvals", "Declined: nothing is sent.")
    if not answered.done:
        return _page(request, here, intent, status=409, denials=answered.denials)
    again = "It was approved already; nothing more happened."
    return go(request, "/approvals", again if answered.already else "Approved: it is sent in its window.")


def answer_to(here: Parts, intent: str, wish: str, payload: str) -> Answered | None:
    """The answer to a yes; `None` for a no. Raises `InvalidInput`, `NotFound` or `Conflict`."""
    if wish not in ("approve", "decline"):
        raise InvalidInput(f"{wish!r} is no decision", where="do", remedy="approve or decline")
    if not payload:
        raise InvalidInput("which order?", where="payload", remedy="the payload of the order you were shown")
    answered = None
    with here.desk.transactions.begin() as t:
        if wish == "approve":
            answered = here.desk.approvals.approve(t, intent, OWNER, payload=payload)
        else:
            here.desk.approvals.decline(t, intent, OWNER, payload=payload)
    if answered is not None and answered.done:
        here.wake_dealer()
    return answered


def _page(request: Request, here: Parts, intent: str, **more: object) -> Response:
    desk = here.desk
    with desk.transactions.read() as t:
        card = card_of(desk, t, desk.approvals.show(t, intent))
        return page(request, t, "approvals/show.html", card=card, **more)  # type: ignore[arg-type]
