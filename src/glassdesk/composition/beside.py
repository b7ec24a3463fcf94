"""What a process does beside its roles, on a thread of its own, so that nothing slow holds up a turn."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from glassdesk.kernel.errors import GlassdeskError

LOOK_SECONDS = 1.0
END_SECONDS = 10.0

_log = logging.getLogger(__name__)


class Beside:
    """Does its work each second, at once when rung for, and a last time at the end."""

    def __init__(self, name: str, work: Callable[[], object], *, seconds: float = LOOK_SECONDS) -> None:
        self._work = work
        self._seconds = seconds
        self._bell = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._loop, name=name, daemon=True)

    def start(self) -> None:
        """Begin, in the background."""
        self._thread.start()

    def ring(self) -> int:
        """Do it now; returns at once."""
        self._bell.set()
        return 0

    def stop(self) -> None:
        """Do it once more and end; again is harmless. What takes longer than ten seconds is left behind."""
        self._ended.set()
        self._bell.set()
        if self._thread.is_alive():
            self._thread.join(END_SECONDS)

    def _loop(self) -> None:
        while not self._ended.is_set():
            self._bell.wait(self._seconds)
            self._bell.clear()
            self._once()
        self._once()

    def _once(self) -> None:
        try:
            self._work()
        except GlassdeskError as failure:
            # The database went away, or a channel's address is wrong: the next round finds out.
            _log.warning("%s was cut short: %s", self._thread.name, failure)
