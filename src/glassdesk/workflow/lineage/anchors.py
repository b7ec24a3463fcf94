"""Copies of the chain's head outside the database: what shows that rows were cut off its end, or that it was
written anew."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from glassdesk.kernel.clock import format_instant, parse_instant
from glassdesk.kernel.errors import IntegrityViolation


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The head of the chain at one instant. `artifact` is the SHA-256 of the copy in the artifact store."""

    database: str
    seq: int
    hash: str
    at: datetime
    artifact: str = ""

    def document(self) -> bytes:
        """What is stored as an artifact: everything but the artifact's own name."""
        return _text(self, artifact="").encode()

    def line(self) -> str:
        """What stands in the file."""
        return _text(self, artifact=self.artifact)


def read(text: str, *, where: str) -> Anchor:
    """The inverse of `line` and `document`. Raises `IntegrityViolation`."""
    try:
        found = json.loads(text)
        return Anchor(
            database=str(found["database"]),
            seq=int(found["seq"]),
            hash=str(found["hash"]),
            at=parse_instant(found["at"]),
            artifact=str(found.get("artifact", "")),
        )
    except (ValueError, TypeError, KeyError) as failure:
        raise IntegrityViolation("this anchor cannot be read", where=where) from failure


def check(anchor: Anchor, last: int, stored: str | None) -> None:
    """Raise `IntegrityViolation` unless the chain still holds what was anchored: `last` is its last row,
    `stored` the hash of the anchored one."""
    stood = f"row {anchor.seq} was there on {format_instant(anchor.at)}"
    if anchor.seq > last:
        raise IntegrityViolation(
            f"the chain ends at row {last}, and an anchor says that {stood}: rows were cut off",
            where="audit",
            remedy="restore the backup that has them, or move `audit.anchors` away if an older one is meant",
        )
    if stored != anchor.hash:
        problem = f"{stood} with another hash: the chain was written anew from there or before"
        raise IntegrityViolation(problem, where="audit")


def _text(anchor: Anchor, *, artifact: str) -> str:
    fields: dict[str, object] = {
        "at": format_instant(anchor.at),
        "database": anchor.database,
        "hash": anchor.hash,
        "seq": anchor.seq,
    }
    if artifact:
        fields["artifact"] = artifact
    return json.dumps(fields, sort_keys=True)
