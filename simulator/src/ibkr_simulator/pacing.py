"""The broker's pacing: ten requests a second, then the penalty box [F-19, F-20]."""

import re
from collections import deque

from ibkr_simulator.instants import SECOND, Instant

_PER_SECOND = 10
# Seconds between two requests to the same endpoint, obeyed with `pacing=full` only.
_SLOW: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(r"GET /iserver/account/(orders|trades|pnl/partitioned)"), 5),
    (re.compile(r"GET /portfolio/(accounts|subaccounts)"), 5),
    (re.compile(r"(GET|POST) /tickle"), 1),
    (re.compile(r"GET /sso/validate"), 60),
)


class Pacer:
    """Counts requests of one username on whichever clock it is given."""

    def __init__(self) -> None:
        self._recent: deque[Instant] = deque(maxlen=_PER_SECOND)
        self._last: dict[str, Instant] = {}
        self._boxed_until: Instant = 0
        self._basis = ""

    def allows(self, what: str, now: Instant, *, basis: str, full: bool, penalty: Instant) -> bool:
        """Count a request, `what` being method and path; False is a 429. A new `basis` starts afresh."""
        self._rebase(basis)
        if now < self._boxed_until:
            return False
        fast = len(self._recent) == _PER_SECOND and now - self._recent[0] < SECOND
        slow = full and self._too_soon(what, now)
        self._recent.append(now)
        if fast or slow:
            self._boxed_until = now + penalty
        return not (fast or slow)

    def box(self, now: Instant, penalty: Instant) -> None:
        """Put the address into the penalty box at once."""
        self._boxed_until = now + penalty

    def forgive(self) -> None:
        """Leave the penalty box."""
        self._boxed_until = 0
        self._recent.clear()

    def _rebase(self, basis: str) -> None:
        if basis != self._basis:
            self._basis = basis
            self._last.clear()
            self.forgive()

    def _too_soon(self, what: str, now: Instant) -> bool:
        path = what.partition(" ")[2]
        for pattern, seconds in _SLOW:
            if pattern.fullmatch(what):
                before = self._last.get(path)
                self._last[path] = now
                return before is not None and now - before < seconds * SECOND
        return False
