"""Signing in: by a one-time link that asks for a password of one's own, afterwards by that password."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from glassdesk.kernel.errors import Denied, InvalidInput
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.web.forms.fields import Form, say
from glassdesk.web.parts import OWNER, Here, Parts, session_of
from glassdesk.web.rendering import go, plain_page

router = APIRouter()

STRANGER = "stranger"
"""Whoever did not know the password."""
WRONG = "That is not the password. After five failures you have to wait five minutes."
SPENT = "This link was used before, or is older than a day. Start glassdesk up again: it prints a new one."


@router.get("/sign-in")
def form(request: Request, here: Here, next: str = "/") -> Response:  # noqa: A002 - the address's own word
    """Ask for the password, or say where the first link is."""
    with here.desk.transactions.read() as t:
        first_time = here.desk.access.owner(t).password_hash is None
    return plain_page(request, "access/sign_in.html", first_time=first_time, next=inside(next), error="")


@router.post("/sign-in")
def sign_in(request: Request, here: Here, form: Form) -> Response:
    """Check the password; a failure is counted, a success gets a new session."""
    where = inside(form.text("next") or "/")
    try:
        fits = _try(here, form.text("password"))
    except Denied as refusal:
        return _again(request, where, f"Too many failed sign-ins: {refusal.remedy}.", 429)
    if not fits:
        return _again(request, where, WRONG, 401)
    return _enter(request, here, where, "")


@router.get("/sign-in/link/{token}")
def link_form(request: Request, token: str) -> Response:
    """Ask for a password of one's own; looking at the link does not spend it."""
    return plain_page(request, "access/link.html", token_of_link=token, errors={})


@router.post("/sign-in/link/{token}")
def use_link(request: Request, here: Here, token: str, form: Form) -> Response:
    """Spend the link and set the password, in one transaction."""
    password = form.text("password")
    try:
        if password != form.text("again"):
            raise InvalidInput("the two differ", where="again", remedy="type the same twice")
        with here.desk.transactions.begin() as t:
            _set_password(here, t, token, password)
    except InvalidInput as problem:
        return plain_page(
            request, "access/link.html", status=422, token_of_link=token, errors={problem.where: say(problem)}
        )
    return _enter(request, here, "/", "Your password is set. You are signed in.")


@router.post("/sign-out")
def sign_out(request: Request, here: Here) -> Response:
    """End this browser's visit."""
    if session_of(request).generation:
        with here.desk.transactions.begin() as t:
            visit = session_of(request).generation
            here.desk.audit.append(t, OWNER, "access.sign_out", "web", before={"visit": visit}, after=None)
    request.state.session = here.sessions.new()
    return go(request, "/sign-in")


def inside(where: str) -> str:
    """`where` if it is a path of ours, else the first page: a sign-in never leads to another site."""
    fine = where.startswith("/") and not where.startswith("//") and "\\" not in where and where.isprintable()
    return where if fine else "/"


def _try(here: Parts, password: str) -> bool:
    desk = here.desk
    with desk.transactions.begin() as t:
        desk.access.check_attempts(t)
        fits = desk.access.sign_in(t, password)
        visit = {"visit": desk.access.owner(t).session_generation} if fits else None
        kind = "access.sign_in" if fits else "access.failure"
        desk.audit.append(t, OWNER if fits else STRANGER, kind, "web", before=None, after=visit)
    return fits


def _set_password(here: Parts, t: Transaction, token: str, password: str) -> None:
    desk = here.desk
    if not desk.access.use_link(t, token):
        raise InvalidInput(SPENT, where="link")
    before = desk.access.owner(t).session_generation
    after = desk.access.set_password(t, password).session_generation
    body = {"before": {"visit": before}, "after": {"visit": after}}
    desk.audit.append(t, OWNER, "access.password", "web", body)


def _enter(request: Request, here: Parts, where: str, notice: str) -> Response:
    with here.desk.transactions.read() as t:
        generation = here.desk.access.owner(t).session_generation
    request.state.session = here.sessions.new(generation=generation)
    return go(request, where, notice)


def _again(request: Request, where: str, error: str, status: int) -> Response:
    return plain_page(
        request, "access/sign_in.html", status=status, first_time=False, next=where, error=error
    )
