"""What every request passes before its handler: the visit, the CSRF token, the sign-in."""

from __future__ import annotations

from fastapi import Request

from glassdesk.kernel.errors import Denied
from glassdesk.web.parts import Here, Visit
from glassdesk.web.security.headers import SAFE_METHODS
from glassdesk.web.security.sessions import COOKIE

TOKEN_FIELD = "csrf"  # noqa: S105 - the name of a field, no secret
TOKEN_HEADER = "x-csrf-token"  # noqa: S105 - the name of a header, no secret
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class SignInNeeded(Denied):
    """Nobody is signed in."""

    code = "sign_in_needed"


async def guard(request: Request, here: Here) -> None:
    """Read the visit; refuse a change without the visit's own token. Stands before every route."""
    found = here.sessions.read(request.cookies.get(COOKIE))
    request.state.session = found or here.sessions.new()
    request.state.session_read = found
    if request.method in SAFE_METHODS:
        return
    if not here.sessions.token_fits(request.state.session, await _token(request)):
        raise Denied(
            "this form does not belong to your session", remedy="go back, reload the page and try again"
        )


async def _token(request: Request) -> str:
    if sent := request.headers.get(TOKEN_HEADER):
        return sent
    if request.headers.get("content-type", "").startswith(_FORMS):
        return str((await request.form()).get(TOKEN_FIELD, ""))
    return ""


def signed_in(here: Here, visit: Visit) -> None:
    """Raise `SignInNeeded` unless this visit signed in with the present password."""
    if visit.generation == 0:
        raise SignInNeeded("sign in first")
    with here.desk.transactions.read() as t:
        present = here.desk.access.owner(t).session_generation
    if visit.generation != present:
        raise SignInNeeded("the password was changed", remedy="sign in again")
