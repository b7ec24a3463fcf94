"""The stream that says what changed, so that an open page shows it within a second of its commit."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from glassdesk.web.parts import Here

router = APIRouter()


@router.get("/live")
async def live(here: Here) -> StreamingResponse:
    """Server-sent events: `changed` with the new counter of each topic that moved, `clock` with the texts of
    the bar that go with time. `503` where too many listen."""
    here.live.check()
    return StreamingResponse(here.live.stream(), media_type="text/event-stream")
