"""What went wrong, told to a person as a page and to a program as `application/problem+json` (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from glassdesk.kernel.errors import (
    Conflict,
    Denied,
    GlassdeskError,
    IntegrityViolation,
    InvalidInput,
    NotFound,
    Unavailable,
)
from glassdesk.web.guards import SignInNeeded
from glassdesk.web.rendering import plain_page
from glassdesk.workflow.risk.model import Verdict

API = "/api/v1"


class NotApproved(Conflict):
    """A person said yes and the rules say no: it goes on waiting."""

    code = "not_approved"

    def __init__(self, denials: Sequence[Verdict]) -> None:
        told = "; ".join(f"{one.rule}: {one.observed}, the limit is {one.limit}" for one in denials)
        remedy = "it goes on waiting: decline it, or ask again when that has passed"
        super().__init__(f"the rules deny it now: {told}", where="approval", remedy=remedy)
        self.denials = tuple(denials)


_STATUS: tuple[tuple[type[GlassdeskError], int], ...] = (
    (SignInNeeded, 401),
    (InvalidInput, 422),
    (NotFound, 404),
    (Conflict, 409),
    (Denied, 403),
    (Unavailable, 503),
    (IntegrityViolation, 500),
)


def status_of(error: GlassdeskError) -> int:
    """The HTTP status of one of our errors."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def install(app: FastAPI) -> None:
    """Answer every failure in the caller's form; never with a stack trace."""
    app.add_exception_handler(GlassdeskError, _ours)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def for_program(request: Request) -> bool:
    """True where JSON is the right answer."""
    return request.url.path.startswith("/api/")


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    where: str = "",
    remedy: str = "",
    denials: Sequence[Verdict] = (),
    more: Mapping[str, Any] | None = None,
) -> Response:
    """A problem document; members that say nothing are left out. `more` are members of its own code."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    body |= {name: text for name, text in (("where", where), ("remedy", remedy)) if text}
    if denials:
        body["denials"] = [asdict(one) for one in denials]
    body |= more or {}
    return JSONResponse(body, status_code=status, media_type="application/problem+json")


def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, GlassdeskError)  # noqa: S101 - registered for this type only
    status = status_of(error)
    if for_program(request):
        denials = error.denials if isinstance(error, NotApproved) else ()
        return problem(
            status, error.code, error.problem, where=error.where, remedy=error.remedy, denials=denials
        )
    if isinstance(error, SignInNeeded):
        return _to_sign_in(request)
    return _error_page(request, status, error.problem, error.remedy)


def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type only
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:])
    if for_program(request):
        return problem(422, "invalid", str(first["msg"]), where=where)
    return _error_page(
        request, 422, f"the parameter “{where}” cannot be read: {first['msg']}", "check the address"
    )


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type only
    if for_program(request):
        return problem(error.status_code, "http", str(error.detail))
    remedy = "follow a link from the menu" if error.status_code == 404 else ""
    return _error_page(request, error.status_code, str(error.detail), remedy)


def _unexpected(request: Request, error: Exception) -> Response:
    detail, remedy = "something went wrong inside glassdesk", "look into the log: it has the details"
    if for_program(request):
        return problem(500, "internal", detail, remedy=remedy)
    return _error_page(request, 500, detail, remedy)


def _to_sign_in(request: Request) -> Response:
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": "/sign-in"})
    wanted = request.url.path if request.method == "GET" else "/"
    return RedirectResponse(f"/sign-in?next={quote(wanted)}", status_code=303)


def _error_page(request: Request, status: int, detail: str, remedy: str) -> Response:
    if not hasattr(request.state, "session"):  # refused before the guard had run
        return Response(f"{detail}\n", status_code=status, media_type="text/plain")
    return plain_page(
        request, "_error.html", status=status, title=HTTPStatus(status).phrase, detail=detail, remedy=remedy
    )
