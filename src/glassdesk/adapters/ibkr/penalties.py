"""Penalties outlive the process that earned them: one that knew nothing of them would offend again [F-21]."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from glassdesk.kernel.clock import format_instant, parse_instant

_log = logging.getLogger(__name__)

MEMORY = timedelta(days=1)
REPEATED = 3
"""So many penalties within a day are told to a person: repeat offenders may be blocked for good [F-21]."""


class Penalties:
    """Ends of the penalties of the last day, kept in a file where one is given."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._ends: Sequence[datetime] = ()

    def recall(self, now: datetime, *, longest: timedelta) -> datetime | None:
        """The end of the penalty that still runs at `now`.

        One that would end later than any can is of another time and forgotten.
        """
        stored = self._read() if self._file is not None and self._file.exists() else self._ends
        self._ends = [end for end in stored if now - MEMORY < end <= now + longest]
        return max((end for end in self._ends if end > now), default=None)

    def keep(self, until: datetime) -> None:
        """Another one."""
        self._ends = [end for end in (*self._ends, until) if end > until - MEMORY]
        try:
            self._write()
        except OSError as failure:
            # A full disk must not cost the answer that brought the penalty.
            _log.warning("the penalty cannot be kept over a restart: %s", failure)

    @property
    def repeated(self) -> bool:
        """True from the third within a day."""
        return len(self._ends) >= REPEATED

    def _write(self) -> None:
        if self._file is None:
            return
        draft = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        draft.write_text(json.dumps({"boxed_until": [format_instant(end) for end in self._ends]}))
        draft.replace(self._file)

    def _read(self) -> Sequence[datetime]:
        try:
            stated = json.loads(self._file.read_text()) if self._file is not None else {}
            return [parse_instant(str(end)) for end in stated["boxed_until"]]
        except (OSError, ValueError, KeyError, TypeError):
            # A file that cannot be read tells of no penalty; the broker will, if there is one.
            return ()
