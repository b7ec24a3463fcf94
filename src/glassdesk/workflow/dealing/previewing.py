"""What an entry would do to the account, asked of the broker and kept with the intent: for the person who is
asked, and for the send (R22)."""

from __future__ import annotations

from datetime import timedelta

from glassdesk.kernel.errors import GlassdeskError, SessionNotReady
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.orders.model import Intent, IntentKind, IntentState, Ticket, WhatIfRow
from glassdesk.workflow.risk.model import WhatIf

REFRESH = timedelta(minutes=15)
"""So old an answer may get while a person is asked and the market is open."""
AGAIN = timedelta(minutes=5)
"""After so long a question without an answer is put again."""


class Previewing:
    """Asks for what waits for a person, and keeps every answer."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def look(self, reign: Reign) -> None:
        """Every entry that waits for a yes and has no answer yet, or an old one."""
        if self._parts.broker.preview is None or not reign.may_send:
            return
        with self._parts.transactions.read() as t:
            found = self._parts.orders.intents(t, states=[IntentState.AWAITING_APPROVAL])
            mains = [i for i, _ in found if i.kind is IntentKind.OPEN and i.parent is None]
            asked = [one for one in mains if self._is_due(t, reign, one)]
        if asked:
            # The broker previews what it has a market snapshot of.
            self._parts.market_data.quotes([one.conid for one in asked])
        for one in asked:
            self._ask(one)

    def _is_due(self, t: Transaction, reign: Reign, intent: Intent) -> bool:
        last, now, terms = self._parts.orders.what_if(t, intent.intent), self._parts.now(), intent.terms
        if terms is None or now >= intent.window_closes:
            return False
        if last is None:
            return True
        calendar = self._parts.contracts
        if not calendar.is_open(terms.exchange, now):
            reign.due.at(calendar.next_session(terms.exchange, now).opens_at)
            return False
        next_at = last.asked_at + (AGAIN if last.told.problem else REFRESH)
        if now < next_at:
            reign.due.at(next_at)
        return now >= next_at

    def _ask(self, intent: Intent) -> None:
        with self._parts.transactions.read() as t:
            row = self._parts.order_rows.order(t, intent.intent)
        told = None if row is None else self.what_if(row.ticket)
        if row is None or told is None:
            return
        with self._parts.transactions.begin() as t:
            self.keep(t, intent, row.ticket, told, "approve")

    def what_if(self, ticket: Ticket) -> WhatIf | None:
        """The broker's word on an order before it is sent; `None` where it is not asked. A failure is an
        answer nobody has. Raises `SessionNotReady`."""
        preview = self._parts.broker.preview
        if preview is None:
            return None
        try:
            return preview.what_if(ticket)
        except SessionNotReady:
            raise
        except GlassdeskError as failure:
            return WhatIf(problem=str(failure))

    def keep(self, t: Transaction, intent: Intent, ticket: Ticket, told: WhatIf, moment: str) -> str:
        """Store an answer with the intent; answers the name of its node in the lineage."""
        last = self._parts.orders.what_if(t, intent.intent)
        row = WhatIfRow(
            intent=intent.intent,
            number=1 if last is None else last.number + 1,
            moment=moment,
            asked_at=self._parts.now(),
            quantity=ticket.quantity,
            price=ticket.price,
            told=told,
        )
        self._parts.order_rows.add_what_if(t, row)
        kind, _, entity = row.node.partition(":")
        parents = [f"intent:{intent.intent}"]
        self._parts.lineage.record(t, kind=kind, entity=entity, content=row, parents=parents, run=intent.run)
        return row.node
