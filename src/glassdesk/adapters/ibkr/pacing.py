"""When the next request may leave: windows over market time, and the penalty box [§2, F-19, F-20, F-21].

Pure bookkeeping without locks or waits: the gate holds the lock and does the waiting.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

REQUESTS_PER_SECOND = 8
"""The broker allows 10; a proactive limit of 8.5 ran for weeks without a 429 [§2]."""
ALLOWED = 10
"""What the broker counts, by the arrival of requests: those that left a moment ago may arrive together."""
PENALTY = timedelta(minutes=15)
PENALTY_TICKLE = timedelta(minutes=1)
TOO_MANY = 429

INTERVALS: tuple[tuple[re.Pattern[str], timedelta], ...] = tuple(
    (re.compile(path), timedelta(seconds=seconds))
    for path, seconds in (
        (r"/iserver/account/(?:orders|trades|pnl/partitioned)", 5),
        (r"/portfolio/(?:accounts|subaccounts2?)", 5),
        (r"/tickle", 1),
        (r"/sso/validate", 60),
        (r"/fyi/.+", 1),
        (r"/iserver/scanner/run", 1),
        (r"/iserver/scanner/params", 900),
        (r"/pa/(?:performance|summary|transactions)", 900),
    )
)
"""The table of §2, but for what the window keeps anyway (10 snapshots a second) and the gate counts itself
(history calls under way)."""
_SECOND = timedelta(seconds=1)
_PAST = datetime.min.replace(tzinfo=UTC)


class Pacing:
    """At most 8 requests leave in any second, and some paths once per interval.

    At most 10 are under way or were answered within a second: then the broker never sees more than 10 arrive
    in one, however long they travel. Slots held for a chain of questions count as both.
    """

    def __init__(
        self,
        *,
        sent: Iterable[datetime] = (),
        last: Mapping[int, datetime] | None = None,
        boxed_until: datetime | None = None,
    ) -> None:
        """What a predecessor left behind: its last sends, those of paths with an interval by the interval's
        number, and the end of its penalty."""
        self._sent: deque[datetime] = deque(sent, maxlen=REQUESTS_PER_SECOND)
        self._ended: deque[datetime] = deque(self._sent, maxlen=ALLOWED)
        self._open = 0
        self._last: dict[str, datetime] = {}
        self._before = dict(last or {})
        self._held = 0
        self._turn = _PAST
        self._boxed_until = boxed_until or _PAST
        self._probe_due = boxed_until is not None
        self._probing = False

    @property
    def boxed_until(self) -> datetime:
        """The end of the last penalty, far in the past where there was none."""
        return self._boxed_until

    def admit(self, path: str, now: datetime) -> datetime | None:
        """Count one request at `now` and answer `None`, or the instant from which to ask again."""
        at = max(self.free(path), self._window_free(now, 1))
        if at > now:
            return at
        if interval_of(path) is not None:
            self._last[path] = now
        self._count(now)
        return None

    def turn(self, path: str, at: datetime) -> datetime:
        """When one of those who wait elsewhere comes back, who might not before `at`: each at an instant of
        its own, or all would come at once and the same be late again and again."""
        if self.free(path) >= at:
            return at
        self._turn = max(at, self._turn + _SECOND / REQUESTS_PER_SECOND)
        return self._turn

    def hold(self, slots: int, now: datetime) -> datetime | None:
        """Set `slots` aside for a chain that must not wait, or the instant from which to ask again."""
        at = self._window_free(now, slots)
        if at > now:
            return at
        self._held += slots
        return None

    def use_held(self, now: datetime) -> None:
        """Turn one held slot into a request at `now`."""
        self._held -= 1
        self._count(now)

    def release(self, slots: int) -> None:
        """Give back held slots that were not used."""
        self._held -= slots

    def boxed(self, path: str, now: datetime) -> datetime | None:
        """The instant until which `path` may not be sent because of a penalty.

        After the box one probe goes first.
        """
        if now < self._boxed_until:
            tickled = self._last.get("/tickle", _PAST)
            return None if path == "/tickle" and now - tickled >= PENALTY_TICKLE else self._boxed_until
        return now + _SECOND if self._probing else None

    def answered(self, status: int | None, now: datetime) -> bool:
        """Learn from an answer to a request of `now`: a 429 shuts the box, anything else ends a probe.

        True for a new penalty. The tickle of a penalty that is not over is refused too and makes it no
        longer.
        """
        fresh = status == TOO_MANY and now >= self._boxed_until
        if fresh:
            self._boxed_until, self._probe_due = now + PENALTY, True
        self._probing = False
        return fresh

    def ended(self, now: datetime) -> None:
        """One request is over, answered or not: it has arrived if it ever will."""
        self._open -= 1
        self._ended.append(now)

    def _count(self, now: datetime) -> None:
        self._sent.append(now)
        self._open += 1
        if now >= self._boxed_until:
            self._probing, self._probe_due = self._probe_due, False

    def free(self, path: str) -> datetime:
        """From when on the interval of `path` allows a request."""
        number = interval_of(path)
        if number is None:
            return _PAST
        last = self._last.get(path, self._before.get(number))
        return last + INTERVALS[number][1] if last is not None else _PAST

    def _window_free(self, now: datetime, slots: int) -> datetime:
        """The instant at which `slots` more requests stay within both windows."""
        leaving = _room(self._sent, self._held + slots - REQUESTS_PER_SECOND, now)
        return max(leaving, _room(self._ended, self._open + self._held + slots - ALLOWED, now))


def _room(stamps: Iterable[datetime], others: int, now: datetime) -> datetime:
    """When so many of `stamps` are a second old that `others` fit beside the rest."""
    recent = [at for at in stamps if at + _SECOND > now]
    excess = len(recent) + others
    if excess <= 0:
        return _PAST
    if excess <= len(recent):
        return recent[excess - 1] + _SECOND
    # What is held or under way comes to its end at no known instant: look again soon.
    return now + _SECOND / REQUESTS_PER_SECOND


def interval_of(path: str) -> int | None:
    """Number of the interval that requests for `path` keep; `None` where only the window counts."""
    return next((number for number, (form, _) in enumerate(INTERVALS) if form.fullmatch(path)), None)
