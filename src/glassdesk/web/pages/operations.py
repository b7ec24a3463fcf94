"""What a program asks that watches over the desk: does the process live, and can the desk trade? Nobody need
be signed in, so nothing here names an account, an address or a person's words."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from glassdesk.kernel.clock import format_instant
from glassdesk.kernel.errors import GlassdeskError
from glassdesk.web.parts import Here
from glassdesk.web.problems import problem
from glassdesk.workflow.operations.model import Check, Readiness

router = APIRouter()

NOT_READY = "not_ready"


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


def _looked(found: Readiness) -> dict[str, Any]:
    return {"at": format_instant(found.at), "checks": [_told(check) for check in found.checks]}


def _told(check: Check) -> dict[str, Any]:
    return {**asdict(check), "ok": check.ok}
