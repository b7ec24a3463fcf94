"""Nouns of the notifications step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One thing a person should know. `key` is `<entity>:<event>`; the same key is told once."""

    key: str
    severity: Severity
    title: str
    body: str
    ref: str
    """Identity it leads to, e.g. `run:<id>`, `order:<id>`."""
    created_at: datetime
    sent_at: datetime | None = None
    attempts: int = 0
    acknowledged_at: datetime | None = None
