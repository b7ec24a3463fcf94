"""Submit what is due: window open, approval there, risk again with fresh numbers, one attempt (`T-03`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from glassdesk.kernel.errors import Conflict
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.consent import at_send
from glassdesk.workflow.dealing.looking import Looking, Seen
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.previewing import Previewing
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.dealing.writes import Sending, Writes
from glassdesk.workflow.orders.bracket import entry_limit, repriced
from glassdesk.workflow.orders.model import (
    Intent,
    IntentKind,
    IntentState,
    Order,
    OrderState,
    OutcomeKind,
    SendTerms,
)
from glassdesk.workflow.risk.model import Assessment, Gates, Judged, Verdict
from glassdesk.workflow.risk.rules import only_waits

RETRY = timedelta(seconds=6)
AGAIN = timedelta(seconds=15)
"""An entry that waits for a quote, a spread or the broker's what-if is looked at again after so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An intent whose hour has come."""

    intent: Intent
    terms: SendTerms


class Submit:
    """Sends entries, or ends them with the reason."""

    def __init__(self, parts: Parts, writes: Writes, telling: Telling) -> None:
        self._parts = parts
        self._writes = writes
        self._telling = telling
        self._looking = Looking(parts)
        self._previewing = Previewing(parts)

    def send_due(self, reign: Reign) -> None:
        """Every queued entry: expire it, wait for its window, or decide it."""
        with self._parts.transactions.read() as t:
            queued = self._parts.orders.intents(t, states=[IntentState.QUEUED, IntentState.AWAITING_APPROVAL])
        entries = [(i, s) for i, s in queued if i.kind is IntentKind.OPEN and i.parent is None]
        ready = [c for intent, state in entries if (c := self._ready(reign, intent, state)) is not None]
        if not ready or not reign.may_send:
            return
        read = self._looking.quotes([one.intent.conid for one in ready])
        for one in ready:
            self._decide(reign, one, self._looking.seen(one.intent.conid, read))

    def _ready(self, reign: Reign, intent: Intent, state: IntentState) -> Candidate | None:
        now = self._parts.now()
        if now >= intent.window_closes:
            self._expire(reign, intent)
            return None
        reign.due.at(intent.window_closes)
        if now < intent.window_opens:
            reign.due.at(intent.window_opens)
            return None
        terms, again = intent.terms, reign.again.get(intent.intent, now)
        if terms is None or state is not IntentState.QUEUED:
            return None
        if now < again:
            reign.due.at(again)
            return None
        if not self._parts.contracts.is_open(terms.exchange, now):
            reign.due.at(self._parts.contracts.next_session(terms.exchange, now).opens_at)
            return None
        return Candidate(intent=intent, terms=terms)

    def _expire(self, reign: Reign, intent: Intent) -> None:
        """Its window closed: what it waited for at the end is the reason, else nobody let it go."""
        with self._parts.transactions.begin() as t:
            denials = self._parts.risk.denials(t, intent.run, "send")
            if denials:
                self._deny(t, reign, intent, denials)
                return
            note = "the entry window closed"
            self._parts.orders.end(t, intent, IntentState.EXPIRED, note, actor="dealer", lease=reign.lease)
            self._telling.entry_expired(t, intent)

    def _decide(self, reign: Reign, one: Candidate, seen: Seen) -> None:
        seen = self._previewed(one, seen)
        try:
            with self._parts.transactions.begin() as t:
                sending = self._prepare(t, reign, one, seen)
        except Conflict:
            # Somebody changed it meanwhile: the next pass reads it again, the other entries go on.
            reign.due.at(self._parts.now() + RETRY)
            return
        if sending is None:
            return
        outcome = self._writes.place(reign, sending)
        if outcome.kind is OutcomeKind.NOT_SENT:
            reign.due.at(self._parts.now() + RETRY)

    def _previewed(self, one: Candidate, seen: Seen) -> Seen:
        """With the broker's what-if on the entry as it would go out now; no quote, no price to ask about."""
        if seen.quote is None:
            return seen
        with self._parts.transactions.read() as t:
            parent = self._parts.order_rows.order(t, one.intent.intent)
        if parent is None or parent.state is not OrderState.RESERVED:
            return seen
        ticket = _priced(parent, one.terms, seen.ask).ticket
        return replace(seen, what_if=self._previewing.what_if(ticket))

    def _prepare(self, t: Transaction, reign: Reign, one: Candidate, seen: Seen) -> Sending | None:
        legs = self._legs(t, one.intent)
        if legs is None or self._parts.now() >= one.intent.window_closes:
            # Quote and what-if take seconds; the next pass ends what came too late.
            return None
        entry = legs[0] if self._went_out(t, legs[0]) else _priced(legs[0], one.terms, seen.ask)
        if seen.quote is not None and seen.quote.delayed:
            entry = replace(entry, note="priced on a delayed quote")
        legs = (entry, *legs[1:])
        judged = self._looking.judged(t, reign, one.intent, one.terms, legs, seen)
        assessment = Assessment(verdicts=judged.verdicts)
        if not assessment.allowed and only_waits(assessment):
            self._wait(t, reign, one.intent, assessment)
            return None
        self._keep(t, one.intent, entry, judged)
        said = at_send(t, self._parts.orders, self._parts.strategies, one.intent, legs)
        if said is not None:
            self._parts.risk.keep(t, one.intent.run, "send", Assessment(verdicts=(said,)))
            assessment = replace(assessment, verdicts=(*assessment.verdicts, said))
        if not assessment.allowed:
            self._deny(t, reign, one.intent, assessment.denials)
            return None
        for leg in legs:
            self._parts.order_rows.set_intent(t, leg.intent, IntentState.SENT, at=self._parts.now())
        return self._writes.prepare(t, reign, legs)

    def _wait(self, t: Transaction, reign: Reign, intent: Intent, assessment: Assessment) -> None:
        """What may pass by itself is asked again until the window closes; kept are verdicts that changed."""
        rules = [one.rule for one in assessment.denials]
        if rules != [one.rule for one in self._parts.risk.denials(t, intent.run, "send")]:
            self._parts.risk.keep(t, intent.run, "send", assessment)
        reign.again[intent.intent] = self._parts.now() + AGAIN
        reign.due.at(reign.again[intent.intent])

    def _keep(self, t: Transaction, intent: Intent, entry: Order, judged: Judged) -> None:
        """All verdicts, and a node with the numbers they were made of (I-20)."""
        self._parts.risk.keep(t, intent.run, "send", Assessment(verdicts=judged.verdicts))
        attempt = f"{intent.run}/{entry.sends + 1}"
        parents, told = [f"intent:{intent.intent}"], judged.gates.what_if
        if told is not None:
            parents.append(self._previewing.keep(t, intent, entry.ticket, told, "send"))
        lineage = self._parts.lineage
        lineage.record(
            t, kind="send_verdicts", entity=attempt, content=judged, parents=parents, run=intent.run
        )

    def _legs(self, t: Transaction, intent: Intent) -> tuple[Order, ...] | None:
        """The three rows, parent first; `None` when somebody ended the intent meanwhile."""
        found = self._parts.order_rows.intent(t, intent.intent)
        parent = self._parts.order_rows.order(t, intent.intent)
        if found is None or found[1] is not IntentState.QUEUED or parent is None:
            return None
        if parent.state is not OrderState.RESERVED:
            raise Conflict(f"order {parent.order} is {parent.state.value}, its intent waits", where="send")
        children = sorted(self._parts.order_rows.children(t, parent.order), key=lambda c: c.role.value)
        return (parent, *children)

    def _went_out(self, t: Transaction, order: Order) -> bool:
        """True when the payload may be at the broker: then it is repeated to the letter (§2.4)."""
        sends = self._parts.order_rows.sends(t, order.order)
        kinds = [send.outcome.kind if send.outcome else None for send in sends if send.verb == "place"]
        return any(kind is not OutcomeKind.NOT_SENT for kind in kinds)

    def gates(self, t: Transaction, reign: Reign, intent: Intent, terms: SendTerms) -> Gates:
        """The facts around a send, as they are now."""
        return self._looking.gates(t, reign, intent, terms)

    def _deny(self, t: Transaction, reign: Reign, intent: Intent, denials: Sequence[Verdict]) -> None:
        codes = ", ".join(verdict.rule for verdict in denials)
        self._parts.orders.end(
            t, intent, IntentState.DENIED, f"denied at send: {codes}", actor="dealer", lease=reign.lease
        )
        self._telling.denied(t, intent, tuple(denials))


def _priced(order: Order, terms: SendTerms, ask: Decimal | None) -> Order:
    high = terms.entry_high if terms.entry_high is not None else order.ticket.price
    return order if high is None else repriced(order, price=entry_limit(high, ask, terms.tick))
