"""Runs of one instant do not begin all at once: each strategy has its own second, the same at every slot."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from glassdesk.workflow.runs.model import Run

WIDTH = timedelta(seconds=15)


def jitter(strategy: str, width: timedelta = WIDTH) -> timedelta:
    """How long after its slot a strategy begins; below `width`, in whole seconds, from its name alone."""
    seconds = int(width.total_seconds())
    drawn = int.from_bytes(sha256(strategy.encode()).digest()[:8])
    return timedelta(seconds=drawn % seconds) if seconds else timedelta(0)


def starts_at(run: Run, width: timedelta) -> datetime:
    """When workers are rung for it. The slot, and all that follows from it, stays what it is."""
    return run.slot + jitter(run.strategy, width)
