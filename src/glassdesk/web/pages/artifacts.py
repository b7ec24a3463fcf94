"""Files by their content: charts above all. Behind the sign-in like every page."""

from __future__ import annotations

import re

from fastapi import APIRouter, Response

from glassdesk.kernel.errors import NotFound
from glassdesk.web.parts import Here

router = APIRouter()

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SHOWN = frozenset({"image/png", "image/svg+xml", "application/json", "text/plain"})
# An SVG opened by itself is a document: it may style itself, and do nothing else.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@router.get("/artifacts/{sha256}")
def artifact(here: Here, sha256: str) -> Response:
    """The bytes, with the type they were stored under; a type that a browser might execute is plain bytes."""
    if not _SHA256.fullmatch(sha256):
        raise NotFound("an artifact is named by 64 hexadecimal digits")
    with here.desk.transactions.read() as t:
        kept = here.desk.lineage.artifact(t, sha256)
    media_type = kept.media_type if kept.media_type in _SHOWN else "application/octet-stream"
    headers = {
        "cache-control": "private, max-age=31536000, immutable",
        "content-security-policy": _POLICY,
        "content-disposition": "inline" if media_type in _SHOWN else "attachment",
    }
    return Response(here.desk.artifacts.get(sha256), media_type=media_type, headers=headers)
