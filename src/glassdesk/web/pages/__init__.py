"""One module per page, named after its step; all but the sign-in ask who is there."""

from __future__ import annotations

from fastapi import Depends, FastAPI

from glassdesk.web.guards import signed_in
from glassdesk.web.pages import (
    access,
    approvals,
    artifacts,
    audit,
    bar,
    charts,
    contracts,
    home,
    indicators,
    lineage,
    live,
    models,
    notifications,
    operations,
    orders,
    portfolio,
    positions,
    processes,
    prompt_editor,
    prompts,
    reference,
    risk,
    runs,
    schedules,
    scoreboard,
    session,
    signals,
    strategies,
    watchlists,
)

OPEN_TO_ALL = (access, operations)
BEHIND_SIGN_IN = (
    home,
    bar,
    live,
    runs,
    signals,
    approvals,
    orders,
    positions,
    portfolio,
    strategies,
    schedules,
    prompt_editor,
    prompts,
    models,
    scoreboard,
    indicators,
    charts,
    contracts,
    watchlists,
    risk,
    session,
    processes,
    notifications,
    audit,
    lineage,
    artifacts,
    reference,
)


def include(app: FastAPI) -> None:
    """Add every page to the application."""
    for module in OPEN_TO_ALL:
        app.include_router(module.router, include_in_schema=False)
    for module in BEHIND_SIGN_IN:
        app.include_router(module.router, dependencies=[Depends(signed_in)], include_in_schema=False)
