"""From a template and values to an answer with the bar, the token and the last act's notice."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.web import formatting
from glassdesk.web.navigation import SECTIONS
from glassdesk.web.parts import parts_of, session_of
from glassdesk.web.security.sessions import COOKIE
from glassdesk.web.settings import WebSettings
from glassdesk.web.views.bar import bar_of

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"


class Told(dict[str, str]):
    """Texts by field; a field without one reads as nothing."""

    def __missing__(self, name: str) -> str:
        return ""


def make_templates(settings: WebSettings) -> jinja2.Environment:
    """The environment of the pages: everything is escaped, an unknown name is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    formatting.install(environment, settings.zone)
    environment.globals.update(sections=SECTIONS, asset=_asset_urls())
    return environment


def _asset_urls() -> dict[str, str]:
    """Each of our files with a mark of its content, so that a browser may keep it for ever."""
    files = [path for path in STATIC.rglob("*") if path.suffix in (".css", ".js", ".svg")]
    return {str(path.relative_to(STATIC)): _marked(path) for path in sorted(files)}


def _marked(path: Path) -> str:
    mark = hashlib.sha256(path.read_bytes()).hexdigest()[:10]
    return f"/static/{path.relative_to(STATIC)}?{mark}"


def page(request: Request, t: Transaction, template: str, *, status: int = 200, **values: Any) -> Response:
    """A page of the signed-in desk."""
    here = parts_of(request)
    bar = bar_of(here, t)
    return plain_page(
        request, template, status=status, bar=bar, now=bar.now, topics=here.live.versions, **values
    )


def plain_page(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """A page without the bar: sign-in and errors."""
    here, visit = parts_of(request), session_of(request)
    values |= {name: Told(values.get(name, {})) for name in ("errors", "values")}
    html = here.templates.get_template(template).render(
        path=request.url.path,
        url=_address(request),
        csrf=here.sessions.token(visit),
        notice=visit.notice,
        **values,
    )
    request.state.session = replace(visit, notice="")
    return with_cookie(request, HTMLResponse(html, status_code=status))


def _address(request: Request) -> str:
    """The page's own address, for its refresh."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def go(request: Request, where: str, notice: str = "") -> Response:
    """See other page; `notice` is shown there once."""
    request.state.session = replace(session_of(request), notice=notice)
    return with_cookie(request, RedirectResponse(where, status_code=303))


def with_cookie(request: Request, response: Response) -> Response:
    """Set the visit's cookie if it changed."""
    here, visit = parts_of(request), session_of(request)
    if visit != request.state.session_read:
        response.set_cookie(
            COOKIE,
            here.sessions.write(visit),
            max_age=here.sessions.seconds,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
    return response
