"""Keeps a model within its budget and leaves it alone while it fails. Whoever is not asked abstains.

Exits and stops never wait for a model: they are at the broker.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from glassdesk.kernel.clock import Clock, format_instant
from glassdesk.workflow.signals.model import Question, RawAnswer
from glassdesk.workflow.signals.ports import Analyst


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a model may be asked, and when it is taken for broken. Times are market time."""

    decisions_per_day: int = 500
    """Per UTC day and process, counted before the model is asked."""
    failures: int = 5
    within: timedelta = timedelta(seconds=60)
    rest: timedelta = timedelta(seconds=60)
    """After so many failures within that time it is not asked so long; then one question tries it."""


class Governed:
    """The `Analyst` port around another one. Safe from many threads."""

    def __init__(self, analyst: Analyst, clock: Clock, allowance: Allowance | None = None) -> None:
        self.engine = analyst.engine
        self._analyst = analyst
        self._clock = clock
        self._allowance = allowance or Allowance()
        self._lock = threading.Lock()
        self._day: date | None = None
        self._asked_today = 0
        self._failed: deque[datetime] = deque(maxlen=self._allowance.failures)
        self._resting_until: datetime | None = None

    def ask(self, question: Question) -> RawAnswer:
        """The analyst's answer, or a failure that says why it was not asked."""
        with self._lock:
            refusal = self._refusal(self._clock.now())
        if refusal:
            return RawAnswer(text="", engine=self.engine, model="", attempts=0, failure=refusal)
        answer = self._analyst.ask(question)
        with self._lock:
            self._learn(self._clock.now(), failed=bool(answer.failure))
        return answer

    def _refusal(self, now: datetime) -> str:
        """Why the model is not asked now; otherwise takes one decision from the day's budget."""
        if self._resting_until is not None and now < self._resting_until:
            until = format_instant(self._resting_until)
            return f"the model failed {self._allowance.failures} times in a row: not asked until {until}"
        if self._day != now.date():
            self._day, self._asked_today = now.date(), 0
        if self._asked_today >= self._allowance.decisions_per_day:
            return f"the day's {self._allowance.decisions_per_day} model decisions are used up"
        self._asked_today += 1
        if self._resting_until is not None:
            # One question tries it; the others keep resting until its answer is there.
            self._resting_until = now + self._allowance.rest
        return ""

    def _learn(self, now: datetime, *, failed: bool) -> None:
        if not failed:
            self._failed.clear()
            self._resting_until = None
            return
        self._failed.append(now)
        many = len(self._failed) == self._allowance.failures
        if self._resting_until is not None or (many and now - self._failed[0] <= self._allowance.within):
            self._resting_until = now + self._allowance.rest
