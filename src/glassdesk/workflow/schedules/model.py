"""Nouns of the schedules step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SlotState(StrEnum):
    """What became of an instant at which a strategy was due. Every instant has a row: no silent miss
    (I-11)."""

    RUN = "run"
    HOLIDAY = "holiday"
    MISSED = "missed"
    MACHINE_ASLEEP = "machine_asleep"
    BLOCKED = "blocked"
    """Could not start inside its deadline (session, halt); the reason says which."""
    PAUSED = "paused"
    SKIPPED_OVERLAP = "skipped_overlap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One (strategy, instant); a batch of one run per contract (`T-01`)."""

    strategy: str
    version: int
    instant: datetime
    state: SlotState
    reason: str
    created_at: datetime
