"""The brokerage session: who is signed in, whose account it is, and whether everybody agrees on that."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from glassdesk.kernel.errors import InvalidInput
from glassdesk.web.forms.fields import Form
from glassdesk.web.parts import OWNER, Here
from glassdesk.web.rendering import go, page
from glassdesk.workflow.dealing.model import CommandKind

router = APIRouter()

_WISHES = {
    "login": (CommandKind.SESSION_LOGIN, "", "The dealer will repair the session at its next turn."),
    "take-over": (
        CommandKind.SESSION_LOGIN,
        "take-over",
        "The dealer will take the session over at its next turn.",
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
    """Session, accounts, proof, what the dealer was asked."""
    desk = here.desk
    with desk.transactions.read() as t:
        return page(
            request,
            t,
            "session/show.html",
            status=200,
            session=desk.session.status(t),
            epoch=desk.session.epoch(t),
            accounts=desk.session.accounts(t),
            proof=desk.session.proof(t, desk.account, desk.account_kind),
            login_url=desk.session.login_url,
            commands=desk.dealing.recent(t),
        )


@router.post("/session")
def ask(request: Request, here: Here, form: Form) -> Response:
    """Ask the dealer for something."""
    wish = form.text("do")
    if wish not in _WISHES:
        raise InvalidInput(f"{wish!r} is nothing the dealer can do", where="do", remedy=", ".join(_WISHES))
    kind, argument, notice = _WISHES[wish]
    with here.desk.transactions.begin() as t:
        here.desk.dealing.ask(t, kind, argument, OWNER)
    here.wake_dealer()
    return go(request, "/session", notice)
