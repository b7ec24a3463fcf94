"""Nouns of the schedules step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from glassdesk.workflow.runs.model import Run

ASKED_FOR = "asked for by "
"""Begins the reason of a slot that a person made."""

BREAKER = "BREAKER"
"""Code of a pause that the desk made by itself."""


class SlotState(StrEnum):
    """What became of an instant at which a strategy was due. Every instant has a row: no silent miss
    (I-11)."""

    RUN = "run"
    HOLIDAY = "holiday"
    """The exchange is closed: no session that day, or none left in which an order could go out."""
    MISSED = "missed"
    MACHINE_ASLEEP = "machine_asleep"
    BLOCKED = "blocked"
    """Could not start inside its deadline (session, halt); the reason says which."""
    PAUSED = "paused"
    SKIPPED_OVERLAP = "skipped_overlap"


class Cause(StrEnum):
    """Whose a lost slot is."""

    SIGN_IN = "late sign-in"
    ASLEEP = "asleep"
    DATA = "data"
    MODEL = "model"
    OWN = "own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One (strategy, instant); a batch of one run per contract (`T-01`)."""

    strategy: str
    version: int
    instant: datetime
    state: SlotState
    reason: str
    created_at: datetime

    @property
    def by_hand(self) -> bool:
        """A person asked for it; no schedule did."""
        return self.reason.startswith(ASKED_FOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """No slot of the strategy starts until a person resumes it."""

    strategy: str
    actor: str
    reason: str
    at: datetime | None
    """`None` for a pause of an earlier program."""

    @property
    def said(self) -> str:
        """What a slot that it costs has as its reason."""
        return self.reason or f"the schedule is paused by {self.actor}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A slot with its runs."""

    slot: Slot
    runs: tuple[Run, ...] = ()
