"""The form of an error, for the description."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from glassdesk.workflow.risk.model import Verdict


class Problem(BaseModel):
    """RFC 9457; `where` names the field, `remedy` says what would be right."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    where: str | None = None
    remedy: str | None = None
    denials: list[Verdict] | None = None
    """What the rules said no to, where a person said yes."""


_MEANINGS = {
    401: "Nobody is signed in",
    403: "Not allowed, or the CSRF token is missing",
    404: "There is no such thing",
    409: "Its state does not allow this",
    422: "A value is not usable",
    503: "The broker or the database did not answer",
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "description": meaning,
        "content": {"application/problem+json": {"schema": Problem.model_json_schema()}},
    }
    for status, meaning in _MEANINGS.items()
}
