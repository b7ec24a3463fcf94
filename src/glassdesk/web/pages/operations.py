"""What a program asks that watches over the desk: does it live, can it trade, what are its figures?

Nobody need be signed in for the first two: they name no account, no address and no person's words."""

from __future__ import annotations

import hmac
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from glassdesk.kernel.clock import format_instant
from glassdesk.kernel.errors import GlassdeskError, NotFound
from glassdesk.web.guards import signed_in
from glassdesk.web.parts import Here, Visit
from glassdesk.web.problems import problem
from glassdesk.workflow.operations.model import Check, Readiness

router = APIRouter()

NOT_READY = "not_ready"
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/healthz")
async def alive() -> Response:
    """The process answers. It asks nothing of the desk, so that it holds in any state of it."""
    return JSONResponse({"status": "alive"})


@router.get("/readyz")
def ready(here: Here) -> Response:
    """200 where the desk can trade, else 503 with what is missing; looked at every five seconds at most."""
    try:
        found = here.desk.operations.readiness()
    except GlassdeskError as failure:
        return problem(503, NOT_READY, "the desk could not be looked at", more={"reason": failure.code})
    if found.ready:
        return JSONResponse({"status": "ready", **_looked(found)})
    return problem(503, NOT_READY, found.said, more=_looked(found))


@router.get("/metrics")
def metrics(request: Request, here: Here, visit: Visit) -> Response:
    """Figures for a scraper that knows the token, or for who is signed in."""
    if here.settings.metrics is None:
        raise NotFound("this desk tells no figures", where="metrics")
    if not _knows_token(request, here.settings.metrics_token):
        signed_in(here, visit)
    return Response(here.settings.metrics(), media_type=PROMETHEUS)


def _knows_token(request: Request, token: str) -> bool:
    given = request.headers.get("authorization", "")
    return bool(token) and hmac.compare_digest(given.encode(), f"Bearer {token}".encode())


def _looked(found: Readiness) -> dict[str, Any]:
    return {"at": format_instant(found.at), "checks": [_told(check) for check in found.checks]}


def _told(check: Check) -> dict[str, Any]:
    return {**asdict(check), "ok": check.ok}
