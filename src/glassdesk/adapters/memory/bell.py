"""A door-bell that only remembers."""

from __future__ import annotations

from glassdesk.kernel.jobs import Bell


class MemoryBell(Bell):
    """`rung` holds every run it was rung for, in order; nobody comes."""

    def __init__(self) -> None:
        self.rung: list[str] = []

    def ring(self, run: str) -> None:
        self.rung.append(run)
