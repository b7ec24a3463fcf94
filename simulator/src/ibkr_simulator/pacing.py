"""The broker's pacing: ten requests a second, limits per endpoint, then the penalty box [§2, F-19…21].

Everything is counted whether or not it is enforced: tests can ask what a client would have been refused.
"""

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ibkr_simulator.instants import SECOND, Instant

PER_SECOND = 10
GLOBAL = "any"
_QUARTER_OF_AN_HOUR = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """At most one request to an endpoint in so many seconds."""

    name: str
    seconds: int
    pattern: re.Pattern[str]


def _rule(name: str, seconds: int, pattern: str = "") -> Rule:
    return Rule(name=name, seconds=seconds, pattern=re.compile(pattern or re.escape(name)))


# The table of §2. Snapshots have the global limit, history is limited by how many run at once.
RULES = (
    _rule("GET /iserver/account/orders", 5),
    _rule("GET /iserver/account/trades", 5),
    _rule("GET /iserver/account/pnl/partitioned", 5),
    _rule("GET /iserver/scanner/params", _QUARTER_OF_AN_HOUR),
    _rule("POST /iserver/scanner/run", 1),
    _rule("POST /pa/performance", _QUARTER_OF_AN_HOUR),
    _rule("POST /pa/summary", _QUARTER_OF_AN_HOUR),
    _rule("POST /pa/transactions", _QUARTER_OF_AN_HOUR),
    _rule("GET /portfolio/accounts", 5),
    _rule("GET /portfolio/subaccounts", 5),
    _rule("/tickle", 1, r"(GET|POST) /tickle"),
    _rule("GET /sso/validate", 60),
    _rule("/fyi/unreadnumber", 1, r"\S+ /fyi/unreadnumber"),
    _rule("/fyi/settings", 1, r"\S+ /fyi/settings.*"),
    _rule("/fyi/disclaimer", 1, r"\S+ /fyi/disclaimer/.*"),
    _rule("/fyi/deliveryoptions", 1, r"\S+ /fyi/deliveryoptions.*"),
    _rule("/fyi/notifications", 1, r"\S+ /fyi/notifications.*"),
)


@lru_cache(maxsize=4096)
def rule_of(what: str) -> Rule | None:
    """The rule for a method and path; None when only the global limit counts."""
    return next((rule for rule in RULES if rule.pattern.fullmatch(what)), None)


_LISTS = {
    "/iserver/marketdata/snapshot": {"conids": 100, "fields": 50},
    "/trsrv/secdef": {"conids": 200},
}


def too_long(path: str, query: Mapping[str, str]) -> str | None:
    """The list of a request that has too many items, and how many it may have; None when all fit."""
    for name, most in _LISTS.get(path, {}).items():
        if query.get(name, "").count(",") >= most:
            return f"{name}: at most {most}"
    return None


@dataclass(slots=True, kw_only=True)
class Tally:
    """What an endpoint was asked, and how often too soon."""

    requests: int = 0
    violations: int = 0
    last: Instant | None = None
    closest: Instant | None = None

    def count(self, now: Instant, apart: Instant) -> bool:
        """One more; False when it came too soon after the one before."""
        gap = None if self.last is None else now - self.last
        self.requests, self.last = self.requests + 1, now
        if gap is None:
            return True
        self.closest = gap if self.closest is None else min(gap, self.closest)
        self.violations += gap < apart
        return gap >= apart

    def row(self) -> dict[str, Any]:
        """As the control plane shows it."""
        closest = None if self.closest is None else self.closest / SECOND
        return {"requests": self.requests, "violations": self.violations, "closest_seconds": closest}


@dataclass(slots=True, kw_only=True)
class Counts:
    """What all requests together came to."""

    requests: int = 0
    most_in_a_second: int = 0
    over_the_second: int = 0
    too_long: int = 0
    refused: int = 0
    boxes: int = 0
    endpoints: dict[str, Tally] = field(default_factory=dict)


class Pacer:
    """Counts requests of one username on whichever clock it is given, and refuses them if asked to."""

    def __init__(self) -> None:
        self.counts = Counts()
        self.blocked = False
        self._recent: deque[Instant] = deque()
        self._boxed_until: Instant = 0
        self._basis = ""
        self._offences = 0

    def count(self, what: str, now: Instant, *, basis: str) -> list[str]:
        """Take a request in, `what` being method and path; gives the limits it breaks: `any`, an endpoint's.
        A new `basis` starts the windows afresh."""
        self.rebase(basis)
        broken = [] if self._fits_the_second(now) else [GLOBAL]
        rule = rule_of(what)
        if rule is not None:
            tally = self.counts.endpoints.setdefault(rule.name, Tally())
            broken += [] if tally.count(now, rule.seconds * SECOND) else [rule.name]
        return broken

    def allows(
        self, broken: list[str], now: Instant, *, full: bool, penalty: Instant, block_after: int
    ) -> bool:
        """Whether the request is answered; False is a 429, and what broke a limit goes into the box. After
        `block_after` such offences (0: never) the block is for good."""
        offence = bool(broken) if full else GLOBAL in broken
        allowed = not (self.blocked or now < self._boxed_until or offence)
        if offence and not self.blocked and now >= self._boxed_until:
            self.box(now, penalty)
            self._offences += 1
            self.blocked = bool(block_after) and self._offences >= block_after
        self.counts.refused += not allowed
        return allowed

    def box(self, now: Instant, penalty: Instant) -> None:
        """Put the address into the penalty box at once."""
        self._boxed_until = now + penalty
        self.counts.boxes += 1

    def forgive(self) -> None:
        """Leave the penalty box; a block is lifted too."""
        self._boxed_until, self._offences, self.blocked = 0, 0, False
        self._recent.clear()

    def row(self, now: Instant, basis: str) -> dict[str, Any]:
        """As the control plane shows it."""
        counts = self.counts
        boxed = basis == self._basis and now < self._boxed_until
        return {
            "basis": basis,
            "requests": counts.requests,
            "most_in_a_second": counts.most_in_a_second,
            "over_the_second": counts.over_the_second,
            "too_long": counts.too_long,
            "refused": counts.refused,
            "boxes": counts.boxes,
            "boxed_seconds": (self._boxed_until - now) / SECOND if boxed else 0.0,
            "blocked": self.blocked,
            "endpoints": {name: tally.row() for name, tally in sorted(counts.endpoints.items())},
        }

    def _fits_the_second(self, now: Instant) -> bool:
        while self._recent and now - self._recent[0] >= SECOND:
            self._recent.popleft()
        self._recent.append(now)
        counts = self.counts
        counts.requests += 1
        counts.most_in_a_second = max(counts.most_in_a_second, len(self._recent))
        fits = len(self._recent) <= PER_SECOND
        counts.over_the_second += not fits
        return fits

    def rebase(self, basis: str) -> None:
        """Go by another clock from now on; its windows start afresh, what was counted stays."""
        if basis == self._basis:
            return
        self._basis, self._boxed_until = basis, 0
        self._recent.clear()
        for tally in self.counts.endpoints.values():
            tally.last = None
