"""The web door: one FastAPI application of pages and API over the desk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Depends, FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles

from glassdesk.desk import Desk
from glassdesk.web import api, pages, problems
from glassdesk.web.guards import guard
from glassdesk.web.live import Live
from glassdesk.web.parts import Parts
from glassdesk.web.rendering import STATIC, make_templates
from glassdesk.web.security.headers import Doorkeeper
from glassdesk.web.security.sessions import Sessions
from glassdesk.web.settings import WebSettings
from glassdesk.web.views.bar import bar_texts

HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


def create_app(desk: Desk, settings: WebSettings) -> FastAPI:
    """The application over `desk`. Raises `InvalidInput` for an address other than this machine's own."""
    app = FastAPI(
        title="Glassdesk",
        summary="Read what the desk did and why; halt, resume, create, enable, disable, cancel.",
        version="1",
        openapi_url=f"{problems.API}/openapi.json",
        docs_url=None,  # its page loads scripts from elsewhere; ours is `/api`
        redoc_url=None,
        dependencies=[Depends(guard)],
    )
    app.state.parts = parts = Parts(
        desk=desk,
        settings=settings,
        sessions=Sessions(settings.secret, settings.session_hours),
        templates=make_templates(settings),
        live=Live(desk.changes, desk.transactions, desk.stopwatch, lambda: bar_texts(parts)),
    )
    problems.install(app)
    pages.include(app)
    api.include(app)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.middleware("http")(_keep_static_files)
    app.add_middleware(Doorkeeper, hosts=HOSTS | {settings.host})
    return app


async def _keep_static_files(request: Request, serve: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await serve(request)
    if request.url.path.startswith("/static/") and request.url.query:
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
    return response
