"""The API in one page, read from its own description."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from glassdesk.web.parts import Here
from glassdesk.web.rendering import page

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One line of the reference."""

    method: str
    path: str
    summary: str
    description: str


@router.get("/api")
def reference(request: Request, here: Here) -> Response:
    """Every operation with its meaning."""
    description: dict[str, Any] = request.app.openapi()
    operations = [
        Operation(
            method=method.upper(),
            path=path,
            summary=told.get("summary", ""),
            description=told.get("description", ""),
        )
        for path, methods in description["paths"].items()
        for method, told in methods.items()
    ]
    with here.desk.transactions.read() as t:
        return page(request, t, "api/reference.html", operations=operations, source=request.app.openapi_url)
