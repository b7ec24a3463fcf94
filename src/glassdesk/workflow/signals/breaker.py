"""When a model is left alone: a pure fold over how its last calls ended."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from glassdesk.workflow.signals.calls import End


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """After so many failures within that time a model is not asked so long; then one call tries it. Market
    time."""

    failures: int = 5
    within: timedelta = timedelta(seconds=60)
    rest: timedelta = timedelta(seconds=60)

    @property
    def looks_back(self) -> int:
        """Outcomes that a fold needs: more would change nothing that a person could tell."""
        return 10 * self.failures

    def resting_until(self, ends: Sequence[End]) -> datetime | None:
        """Until when it rests, after these ends of calls, oldest first; `None` where it is well. One success
        ends a row of failures; a failure while it rests, the try's, makes it rest again."""
        failed: deque[datetime] = deque(maxlen=self.failures)
        until: datetime | None = None
        for end in ends:
            if not end.failed:
                failed.clear()
                until = None
                continue
            failed.append(end.at)
            many = len(failed) == self.failures and end.at - failed[0] <= self.within
            if until is not None or many:
                until = end.at + self.rest
        return until
