"""What is known of contracts and holds for a session: rules, hours, zones [§3].

Shared by the ports of one username; it expires in market time.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from glassdesk.workflow.contracts.model import ContractRules, Hours

US_ZONE = ZoneInfo("America/New_York")
ASK_BEFORE_THE_LAST = timedelta(days=1)
"""A schedule is asked for again a day before the last session it tells of."""
_MOST = 5_000


class KnownContracts:
    """Rules and hours with their expiry, zones without one. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._zones: dict[int, ZoneInfo] = {}
        self._rules: dict[int, ContractRules] = {}
        self._hours: dict[tuple[int, str], tuple[Hours, ...]] = {}

    def zone(self, conid: int) -> ZoneInfo:
        """The zone its schedule stated; what was never asked for trades in New York (`T-18`)."""
        with self._lock:
            return self._zones.get(conid, US_ZONE)

    def rules(self, conid: int, now: datetime) -> ContractRules | None:
        """Rules that still hold."""
        with self._lock:
            known = self._rules.get(conid)
            return known if known is not None and known.hold(now) else None

    def keep_rules(self, rules: ContractRules) -> None:
        """As they were answered just now."""
        with self._lock:
            self._rules[rules.conid] = rules
            _cap(self._rules)

    def hours(self, conid: int, exchange: str, now: datetime) -> Sequence[Hours] | None:
        """Sessions that are not over, from a schedule that still reaches far enough."""
        with self._lock:
            known = self._hours.get((conid, exchange), ())
        if not known or not known[0].opens_at - ASK_BEFORE_THE_LAST <= now:
            return None
        if now >= known[-1].opens_at - ASK_BEFORE_THE_LAST:
            return None
        return tuple(hours for hours in known if hours.closes_at > now)

    def keep_hours(self, conid: int, exchange: str, zone: ZoneInfo, hours: Sequence[Hours]) -> None:
        """As they were answered just now."""
        with self._lock:
            self._zones[conid] = zone
            self._hours[conid, exchange] = tuple(hours)
            _cap(self._hours)
            _cap(self._zones)


def _cap(known: dict[Any, Any]) -> None:
    while len(known) > _MOST:
        del known[next(iter(known))]
