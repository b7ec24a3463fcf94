"""The door-bell: it tells a worker to look at a run. It carries an id and nothing else; losing it only
delays."""

from __future__ import annotations

from typing import Protocol


class Bell(Protocol):
    """Rings for runs. Ringing twice, or for a run that is done, is harmless."""

    def ring(self, run: str) -> None:
        """Ask some worker to execute `run`. Returns at once; may be lost; never raises for an absent
        queue."""
        ...
