"""The REST API: the same facts and the same few acts as the pages, as JSON with a description (OpenAPI)."""

from __future__ import annotations

from fastapi import Depends, FastAPI

from glassdesk.web.api import acts, indicators, portfolio, prompts, reads, scoreboard
from glassdesk.web.api.problem import PROBLEMS
from glassdesk.web.guards import signed_in
from glassdesk.web.problems import API


def include(app: FastAPI) -> None:
    """Add the API to the application."""
    for module in (reads, indicators, prompts, portfolio, scoreboard, acts):
        app.include_router(module.router, prefix=API, dependencies=[Depends(signed_in)], responses=PROBLEMS)
