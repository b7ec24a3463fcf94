"""The dead-man's heartbeat (RF-114): an address elsewhere is told while this desk watches, so that somebody
notices where the whole machine is gone."""

from __future__ import annotations

from collections.abc import Callable

from glassdesk.kernel.clock import Stopwatch
from glassdesk.workflow.operations.pulse import QUIET

BEAT_SECONDS = 30.0
"""How often it is told."""


class Heart:
    """`send(True)` says that a whole turn ended lately, `send(False)` that none did for 90 seconds, once for
    each outage. A dealer that only stands by says nothing. Safe from two threads."""

    def __init__(self, stopwatch: Stopwatch, send: Callable[[bool], None]) -> None:
        self._stopwatch = stopwatch
        self._send = send
        self._reigns = False
        self._whole_at = stopwatch.seconds()
        self._failed = False

    def turned(self, *, reigns: bool, whole: bool) -> None:
        """A turn has ended; `whole`: it came to its end with a session, so that everything was looked at."""
        if whole or (reigns and not self._reigns):
            self._whole_at = self._stopwatch.seconds()
        self._reigns = reigns

    def beat(self) -> None:
        """To be called every thirty seconds. Raises `Unavailable` where the address does not answer."""
        if not self._reigns:
            return
        silent = self._stopwatch.seconds() - self._whole_at
        if silent <= BEAT_SECONDS:
            self._failed = False
            self._send(True)
        elif silent > QUIET.total_seconds() and not self._failed:
            self._send(False)
            self._failed = True
