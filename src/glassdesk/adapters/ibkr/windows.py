"""When requests left, kept over a restart: the broker's windows do not begin anew with our process."""

from __future__ import annotations

import logging
import os
import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from glassdesk.adapters.ibkr.pacing import INTERVALS, REQUESTS_PER_SECOND

_SLOTS = REQUESTS_PER_SECOND + len(INTERVALS)
_FORM = struct.Struct(f"<{_SLOTS}d")
_ONE = struct.Struct("<d")
_LONGEST = timedelta(minutes=15)
_log = logging.getLogger(__name__)


class Windows:
    """A ring of the last sends and the last send of each path that has an interval, in market time.

    Written with every request, so it is a few bytes in place; a process that is killed leaves them behind.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = os.open(file, os.O_RDWR | os.O_CREAT, 0o600) if file is not None else None
        self._next = 0

    def recall(self, now: datetime) -> tuple[Sequence[datetime], dict[int, datetime]]:
        """Sends of the last second or so, oldest first, and last sends by the number of their interval.

        What lies in the future is of another time and forgotten.
        """
        content = b"" if self._file is None else os.pread(self._file, _FORM.size, 0)
        if len(content) != _FORM.size:
            return (), {}
        raw = _FORM.unpack(content)
        # The oldest is overwritten first.
        self._next = min(range(REQUESTS_PER_SECOND), key=raw.__getitem__)
        stamps = [_instant(stamp, now) for stamp in raw]
        sent = sorted(at for at in stamps[:REQUESTS_PER_SECOND] if at is not None)
        last = {index: at for index, at in enumerate(stamps[REQUESTS_PER_SECOND:]) if at is not None}
        return sent, last

    def keep(self, at: datetime, interval: int | None) -> None:
        """One request left."""
        try:
            self._write(at, interval)
        except OSError as failure:
            # A full disk must not cost the answer of the request that has just been admitted.
            _log.warning("the pace cannot be kept over a restart: %s", failure)

    def _write(self, at: datetime, interval: int | None) -> None:
        if self._file is None:
            return
        if os.fstat(self._file).st_size != _FORM.size:
            os.pwrite(self._file, bytes(_FORM.size), 0)
        stamp = _ONE.pack(at.timestamp())
        os.pwrite(self._file, stamp, self._next * _ONE.size)
        self._next = (self._next + 1) % REQUESTS_PER_SECOND
        if interval is not None:
            os.pwrite(self._file, stamp, (REQUESTS_PER_SECOND + interval) * _ONE.size)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _instant(stamp: float, now: datetime) -> datetime | None:
    if not 0 < stamp < 4e9:
        return None
    at = datetime.fromtimestamp(stamp, UTC)
    return at if now - _LONGEST <= at <= now else None
