"""What came between the broker's questions and the answers to them [§5.1]."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ibkr_simulator.gateway import Pending
from ibkr_simulator.instants import Instant, iso
from ibkr_simulator.messages import Request

_REPLY = "/iserver/reply/"


@dataclass(slots=True, kw_only=True)
class Asked:
    """One request that raised questions, up to the last reply."""

    at: Instant
    request: str
    ids: set[str]
    replies: int = 0
    between: list[str] = field(default_factory=list)
    outcome: str = "open"

    def row(self) -> dict[str, Any]:
        """As the control plane shows it."""
        return {
            "at": iso(self.at),
            "request": self.request,
            "questions": len(self.ids),
            "replies": self.replies,
            "between": list(self.between),
            "outcome": self.outcome,
        }


class QuestionLog:
    """Every question asked, how it ended, and which other `/iserver` requests came before the last reply."""

    def __init__(self) -> None:
        self._asked: list[Asked] = []

    def rows(self) -> Iterator[dict[str, Any]]:
        """All of them, oldest first."""
        return (asked.row() for asked in self._asked)

    def note(self, request: Request, pending: Pending | None, status: int, now: Instant) -> None:
        """One request below `/iserver` was handled; `pending` is what waits for answers now."""
        if request.path.startswith(_REPLY):
            self._replied(request, pending, status)
        else:
            self._interrupted(request)
            if pending is not None:
                what = f"{request.method} {request.path}"
                self._asked.append(Asked(at=now, request=what, ids=set(pending.asks)))

    def _replied(self, request: Request, pending: Pending | None, status: int) -> None:
        asked = self._last()
        if asked is None or request.path.removeprefix(_REPLY) not in asked.ids:
            return
        asked.replies += 1
        if pending is not None:
            asked.ids.update(pending.asks)
            return
        confirmed = request.fields().get("confirmed") is True
        asked.outcome = "expired" if status == 400 else "answered" if confirmed else "declined"

    def _interrupted(self, request: Request) -> None:
        asked = self._last()
        if asked is not None:
            asked.between.append(f"{request.method} {request.path}")
            asked.outcome = "interrupted"

    def _last(self) -> Asked | None:
        """The last question, unless it is answered."""
        asked = self._asked[-1] if self._asked else None
        return asked if asked and asked.outcome in ("open", "interrupted") else None
