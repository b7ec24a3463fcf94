"""The brokerage session: sign-in step by step, whose account it is, and whether everybody agrees on that."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from glassdesk.kernel.errors import InvalidInput
from glassdesk.web.forms.fields import Form, say
from glassdesk.web.parts import OWNER, Here, Parts
from glassdesk.web.rendering import go, page
from glassdesk.web.views.session import look_of, session_view
from glassdesk.workflow.dealing.model import CommandKind

router = APIRouter()

TAKE_OVER = "take-over"
_WISHES = {
    "login": (
        CommandKind.SESSION_LOGIN,
        "",
        "The dealer looks again at its next turn, and mends what it can.",
    ),
    TAKE_OVER: (
        CommandKind.SESSION_LOGIN,
        TAKE_OVER,
        "The dealer will take the session over at its next turn, once.",
    ),
    "logout": (CommandKind.SESSION_LOGOUT, "", "The dealer will sign out at its next turn."),
    "reconcile": (
        CommandKind.RECONCILE,
        "",
        "The dealer will compare everything with the broker at its next turn.",
    ),
}


@router.get("/session")
def show(request: Request, here: Here) -> Response:
    """Steps, clocks, accounts, proof, what rests at the broker, what the dealer was asked."""
    return _page(request, here, "session/show.html")


@router.get("/session/take-over")
def confirm(request: Request, here: Here) -> Response:
    """What a take-over does, before it is asked for."""
    return _page(request, here, "session/take_over.html")


@router.post("/session")
def ask(request: Request, here: Here, form: Form) -> Response:
    """Ask the dealer for something; a take-over has to be confirmed."""
    wish = form.text("do")
    if wish not in _WISHES:
        raise InvalidInput(f"{wish!r} is nothing the dealer can do", where="do", remedy=", ".join(_WISHES))
    if wish == TAKE_OVER and form.text("confirmed") != "yes":
        problem = InvalidInput(
            "not confirmed", where="confirmed", remedy="tick that you know what it does to the other session"
        )
        errors = {problem.where: say(problem)}
        return _page(request, here, "session/take_over.html", status=422, errors=errors)
    kind, argument, notice = _WISHES[wish]
    with here.desk.transactions.begin() as t:
        here.desk.dealing.ask(t, kind, argument, OWNER)
    here.wake_dealer()
    return go(request, "/session", notice)


def _page(request: Request, here: Parts, template: str, *, status: int = 200, **more: object) -> Response:
    desk, now = here.desk, here.now()
    look = look_of(desk, now)
    with desk.transactions.read() as t:
        view = session_view(desk, t, now, look)
        return page(request, t, template, status=status, view=view, **more)
