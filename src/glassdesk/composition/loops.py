"""A role's loop on a thread of its own, and how it ends."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

END_SECONDS = 15.0
"""Machine seconds that a role has to end its turn."""

_log = logging.getLogger(__name__)


class RunningRole:
    """One role of this process. `failure` is what ended it before it was told to; the process is to stop
    then."""

    def __init__(
        self,
        name: str,
        loop: Callable[[], None],
        *,
        begin: Sequence[Callable[[], None]] = (),
        end: Sequence[Callable[[], None]],
    ) -> None:
        """`start` calls each of `begin` once the loop runs; `stop` calls each of `end` and waits for the
        loop."""
        self._loop = loop
        self._begin = begin
        self._end = end
        self._thread = threading.Thread(target=self._guarded, name=name, daemon=True)
        self.failure: Exception | None = None

    def start(self) -> None:
        """Begin, in the background."""
        self._thread.start()
        for begin in self._begin:
            begin()

    def stop(self) -> None:
        """Let the role finish what it is at, and wait for it; again is harmless."""
        ends, self._end = self._end, ()
        for end in ends:
            end()
        if self._thread.is_alive():
            self._thread.join(END_SECONDS)

    def fail(self, failure: Exception) -> None:
        """End it for this reason: whoever started the process looks at `failure` and stops it."""
        self.failure = self.failure or failure

    def _guarded(self) -> None:
        try:
            self._loop()
        except Exception as failure:  # noqa: BLE001 - see below
            # A process without its role would look alive and do nothing: whoever started it ends it.
            _log.exception("the role %s ended", self._thread.name)
            self.failure = failure
