"""What waits for a person ends when the price has run away meanwhile: an old yes must not buy a new price."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from glassdesk.kernel.money import tidy
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.quoting import usable
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.market_data.model import Quote
from glassdesk.workflow.orders.model import Intent, IntentKind, IntentState

LOOK = timedelta(seconds=30)
"""So often the quotes of what waits are read while the market is open."""


class Drifting:
    """Ends what nobody answered in time."""

    def __init__(self, parts: Parts, telling: Telling) -> None:
        self._parts = parts
        self._telling = telling
        self._looked_at: datetime | None = None

    def look(self, reign: Reign) -> None:
        """Every entry that waits for a yes and whose market is open."""
        now = self._parts.now()
        with self._parts.transactions.read() as t:
            found = self._parts.orders.intents(t, states=[IntentState.AWAITING_APPROVAL])
        waiting = [i for i, _ in found if i.kind is IntentKind.OPEN and i.parent is None and self._open(i)]
        if not waiting or not reign.may_send:
            return
        if self._looked_at is not None and now - self._looked_at < LOOK:
            reign.due.at(self._looked_at + LOOK)
            return
        self._looked_at = now
        reign.due.at(now + LOOK)
        quotes = self._parts.market_data.quotes([intent.conid for intent in waiting])
        for intent in waiting:
            if problem := self._drifted(intent, quotes.get(intent.conid)):
                self._end(reign, intent, problem)

    def _open(self, intent: Intent) -> bool:
        terms, now = intent.terms, self._parts.now()
        return terms is not None and self._parts.contracts.is_open(terms.exchange, now)

    def _drifted(self, intent: Intent, quote: Quote | None) -> str:
        fresh = usable(quote, self._parts.now(), delayed=self._parts.settings.takes_delayed)
        terms, price = intent.terms, fresh.ask if fresh is not None else None
        if terms is None or terms.atr is None or price is None:
            return ""
        drift: Decimal = abs(price - terms.reference_close)
        limit = terms.limits.max_drift_atr * terms.atr
        if drift <= limit:
            return ""
        return f"the price moved {tidy(drift)} since the decision, the limit is {tidy(limit)}"

    def _end(self, reign: Reign, intent: Intent, problem: str) -> None:
        with self._parts.transactions.begin() as t:
            stored = self._parts.order_rows.intent(t, intent.intent)
            if stored is None or stored[1] is not IntentState.AWAITING_APPROVAL:
                return
            expired, lease = IntentState.EXPIRED, reign.lease
            self._parts.orders.end(t, intent, expired, problem, actor="dealer", lease=lease)
            self._telling.approval_over(t, intent, problem)
