"""Seeded chance, in streams of its own: switching one kind of fault off leaves the others as they were."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from random import Random


class Fault(StrEnum):
    """Kinds of faults, each switched on or off by the seed (swarm)."""

    CRASH = "crash"
    PAUSE = "pause"
    NOT_SENT = "not_sent"
    """No byte left this machine (RF-30)."""
    LOST_REQUEST = "lost_request"
    LOST_RESPONSE = "lost_response"
    """The broker did it, and its answer never came (RF-31)."""
    LATE = "late"
    """The request arrives after its sender gave up (RF-32)."""
    FIVE_BEFORE = "5xx_before"
    FIVE_AFTER = "5xx_after"
    ODD_BODY = "odd_body"
    SAID_NO = "said_no"
    """Refused in words that are not known to be final."""
    REFUSED = "refused"
    QUESTION = "question"
    DECLINED = "declined"
    HALF_LIVE = "half_live"
    """One leg of a bracket is refused, the others live (F-52)."""
    PARENT_ONLY = "parent_only"
    """The answer names the parent's id alone."""
    SLOW = "slow"
    EMPTY_LIST = "empty_list"
    STALE_LIST = "stale_list"
    NO_FLAG = "no_flag"
    """The list does not say that it is whole."""
    READ_FAILED = "read_failed"
    SHUFFLED = "shuffled"
    """Facts come twice and in any order."""
    STATUS_GONE = "status_gone"
    """Asking for one order by its id answers nothing (RF-45)."""
    PARTIAL = "partial"
    UNSOLICITED = "unsolicited"
    """The broker cancels by itself (RF-47)."""
    LATE_FILL = "late_fill"
    """A fill comes after the cancel was taken (RF-55)."""
    CORRECTION = "correction"
    LATE_COMMISSION = "late_commission"
    SESSION_LOST = "session_lost"
    FOREIGN = "foreign"
    """Somebody else trades in the account (RF-48)."""
    CHANNEL_DOWN = "channel_down"
    PERSON = "person"
    """People decline, cancel, halt, resume, sell."""


BASE = {
    Fault.CRASH: 1.0,
    Fault.PAUSE: 0.002,
    Fault.NOT_SENT: 0.10,
    Fault.LOST_REQUEST: 0.35,
    Fault.LOST_RESPONSE: 0.15,
    Fault.LATE: 0.28,
    Fault.FIVE_BEFORE: 0.22,
    Fault.FIVE_AFTER: 0.22,
    Fault.ODD_BODY: 0.28,
    Fault.SAID_NO: 0.20,
    Fault.REFUSED: 0.12,
    Fault.QUESTION: 0.25,
    Fault.DECLINED: 0.12,
    Fault.HALF_LIVE: 0.20,
    Fault.PARENT_ONLY: 0.25,
    Fault.SLOW: 0.10,
    Fault.EMPTY_LIST: 0.05,
    Fault.STALE_LIST: 0.03,
    Fault.NO_FLAG: 0.05,
    Fault.READ_FAILED: 0.03,
    Fault.SHUFFLED: 0.20,
    Fault.STATUS_GONE: 0.60,
    Fault.PARTIAL: 0.40,
    Fault.UNSOLICITED: 0.18,
    Fault.LATE_FILL: 0.80,
    Fault.CORRECTION: 0.25,
    Fault.LATE_COMMISSION: 0.30,
    Fault.SESSION_LOST: 0.006,
    Fault.FOREIGN: 0.12,
    Fault.CHANNEL_DOWN: 0.15,
    Fault.PERSON: 0.5,
}
"""How often at each occasion, before the seed scales it."""

ALWAYS = frozenset({Fault.CRASH, Fault.LATE, Fault.PERSON, Fault.FOREIGN})
"""Not left to the swarm: every campaign is asked for these."""


@dataclass(slots=True)
class Dice:
    """One seed's faults: which kinds, how often, and when asked, whether now."""

    seed: str
    rates: dict[Fault, float]
    quiet: bool = False
    """The faults have stopped."""
    hits: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(fault, step) of everything that struck."""
    streams: dict[str, Random] = field(default_factory=dict)

    def stream(self, name: str) -> Random:
        """Chance of its own for a purpose."""
        if name not in self.streams:
            self.streams[name] = Random(f"{self.seed}/{name}")
        return self.streams[name]

    def strikes(self, fault: Fault, step: str, weight: float = 1.0) -> bool:
        """Does it happen here and now? Counted where it does."""
        rate = self.rates.get(fault, 0.0) * weight
        if self.quiet or not rate or self.stream(fault).random() >= rate:
            return False
        self.hits[fault, step] += 1
        return True

    def seconds(self, name: str, least: float, most: float) -> timedelta:
        """A span of time, to the millisecond."""
        return timedelta(milliseconds=round(1000 * self.stream(name).uniform(least, most)))


def swarm(seed: int, env: str, *, without: frozenset[str] = frozenset(), late: bool) -> Dice:
    """A random subset of the kinds, at random rates."""
    chance = Random(f"{env}/{seed}/swarm")
    rates: dict[Fault, float] = {}
    for fault, base in BASE.items():
        wanted, scale = chance.random() < 0.55, chance.choice((0.4, 1.0, 1.0, 2.0))
        if (wanted or fault in ALWAYS) and fault not in without and (late or fault is not Fault.LATE):
            rates[fault] = base * (1.0 if fault is Fault.CRASH else scale)
    return Dice(f"{env}/{seed}", rates)
