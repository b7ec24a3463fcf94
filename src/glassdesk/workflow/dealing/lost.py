"""Orders at the broker that carry our mark and are not in this database: it was set back to an older copy
(RF-59)."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import takewhile

from glassdesk.kernel.clock import format_instant
from glassdesk.kernel.ids import Leg, coid, intent_id, run_id
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.telling import Telling, orphan_key
from glassdesk.workflow.order_tracking.model import OrderRow
from glassdesk.workflow.risk.model import HaltLevel
from glassdesk.workflow.strategies import timing
from glassdesk.workflow.strategies.model import Timing
from glassdesk.workflow.strategies.occasions import Sessions

SPAN = timedelta(days=7)
"""How far back slots are tried: as long as the broker tells what was traded."""
ACTOR = "guard:LOST_ORDER"


class Lost:
    """Tells each such order once and stops what is new; only a person resumes, who has seen it then."""

    def __init__(self, parts: Parts, telling: Telling) -> None:
        self._parts = parts
        self._telling = telling

    def found(self, t: Transaction, row: OrderRow) -> None:
        """Where it was told before, a person has resumed in spite of it, or has not yet."""
        parts = self._parts
        if parts.notifications.told(t, orphan_key(row)) is not None:
            return
        self._telling.orphan(t, row, self.recognised(t, row))
        if parts.risk.halt(t).level < HaltLevel.HALT:
            reason = f"order {row.broker_order_id} is the desk's own and not in this database"
            parts.risk.set_halt(t, HaltLevel.HALT, reason, ACTOR)

    def recognised(self, t: Transaction, row: OrderRow) -> str:
        """Whose it is, found by computing the identities of the last days again; empty where nothing fits."""
        settings, now = self._parts.settings, self._parts.now()
        for kept in self._parts.strategies.all_latest(t):
            strategy = kept.strategy
            if strategy.account != settings.account:
                continue
            for slot in slots_until(strategy.timing, now, self._parts.contracts.sessions):
                run = run_id(settings.deployment, strategy.name, slot, row.conid)
                for leg in Leg:
                    if coid(settings.kind, settings.account, intent_id(run, leg)) == row.order_ref:
                        return f"the {leg} order of {strategy.name}, slot {format_instant(slot)}, run {run}"
        return ""


def slots_until(due: Timing, now: datetime, sessions: Sessions) -> list[datetime]:
    """Instants of the last days at which a strategy was due, whatever the calendar said."""
    return list(takewhile(lambda slot: slot <= now, timing.instants(due, now - SPAN, sessions)))
