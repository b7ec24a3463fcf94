"""Submit what is due: window open, approval there, risk again with fresh numbers, one attempt (`T-03`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from glassdesk.kernel.errors import Conflict
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.dealing.writes import Sending, Writes
from glassdesk.workflow.market_data.model import Quote
from glassdesk.workflow.orders.bracket import entry_limit, repriced
from glassdesk.workflow.orders.model import (
    Intent,
    IntentKind,
    IntentState,
    Order,
    OrderState,
    OutcomeKind,
    Role,
    SendTerms,
    Side,
)
from glassdesk.workflow.risk.model import Assessment, Gates, Proposal, Purpose
from glassdesk.workflow.session.service import prove

QUOTE_AGE = timedelta(seconds=120)
"""An older quote is no number (`T-06`)."""
LATE = timedelta(minutes=20) + QUOTE_AGE
"""A delayed quote is 15 to 20 minutes old by its nature [§4.2]."""
RETRY = timedelta(seconds=6)
_WORKS = ("pendingsubmit", "presubmitted", "submitted", "pendingcancel")


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

    def send_due(self, reign: Reign) -> None:
        """Every queued entry: expire it, wait for its window, or decide it."""
        with self._parts.transactions.read() as t:
            queued = self._parts.orders.intents(t, states=[IntentState.QUEUED, IntentState.AWAITING_APPROVAL])
        entries = [(i, s) for i, s in queued if i.kind is IntentKind.OPEN and i.parent is None]
        ready = [c for intent, state in entries if (c := self._ready(reign, intent, state)) is not None]
        if not ready or not reign.may_send:
            return
        quotes = self._parts.market_data.quotes([one.intent.conid for one in ready])
        for one in ready:
            self._decide(reign, one, quotes.get(one.intent.conid))

    def _ready(self, reign: Reign, intent: Intent, state: IntentState) -> Candidate | None:
        now = self._parts.now()
        if now >= intent.window_closes:
            self._expire(reign, intent)
            return None
        reign.due.at(intent.window_closes)
        if now < intent.window_opens:
            reign.due.at(intent.window_opens)
            return None
        terms = intent.terms
        if terms is None or state is not IntentState.QUEUED:
            return None
        if not self._parts.contracts.is_open(terms.exchange, now):
            reign.due.at(self._parts.contracts.next_session(terms.exchange, now).opens_at)
            return None
        return Candidate(intent=intent, terms=terms)

    def _expire(self, reign: Reign, intent: Intent) -> None:
        with self._parts.transactions.begin() as t:
            note = "the entry window closed"
            self._parts.orders.end(t, intent, IntentState.EXPIRED, note, actor="dealer", lease=reign.lease)
            self._telling.entry_expired(t, intent)

    def _decide(self, reign: Reign, one: Candidate, quote: Quote | None) -> None:
        fresh = usable(quote, self._parts.now(), delayed=self._parts.settings.takes_delayed)
        try:
            with self._parts.transactions.begin() as t:
                sending = self._prepare(t, reign, one, fresh)
        except Conflict:
            # Somebody changed it meanwhile: the next pass reads it again, the other entries go on.
            reign.due.at(self._parts.now() + RETRY)
            return
        if sending is None:
            return
        outcome = self._writes.place(reign, sending)
        if outcome.kind is OutcomeKind.NOT_SENT:
            reign.due.at(self._parts.now() + RETRY)

    def _prepare(self, t: Transaction, reign: Reign, one: Candidate, quote: Quote | None) -> Sending | None:
        legs = self._legs(t, one.intent)
        if legs is None:
            return None
        ask = quote.ask if quote is not None else None
        entry = legs[0] if self._went_out(t, legs[0]) else _priced(legs[0], one.terms, ask)
        if quote is not None and quote.delayed:
            entry = replace(entry, note="priced on a delayed quote")
        legs = (entry, *legs[1:])
        assessment = self._assess(t, reign, one, legs, ask)
        self._parts.risk.keep(t, one.intent.run, "send", assessment)
        if not assessment.allowed:
            self._deny(t, reign, one.intent, assessment)
            return None
        for leg in legs:
            self._parts.order_rows.set_intent(t, leg.intent, IntentState.SENT, at=self._parts.now())
        return self._writes.prepare(t, reign, legs)

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

    def _assess(
        self, t: Transaction, reign: Reign, one: Candidate, legs: Sequence[Order], ask: Decimal | None
    ) -> Assessment:
        now, intent = self._parts.now(), one.intent
        exposure = self._parts.portfolio.exposure(t, intent.account, intent.strategy, now=now)
        began = self._parts.portfolio.session_began(now)
        if legs[0].reserved_at >= began:
            # The order itself was counted when it was reserved.
            exposure = replace(exposure, orders_today=max(0, exposure.orders_today - 1))
        gates = self.gates(t, reign, intent, one.terms)
        return self._parts.risk.assess(_proposal(one, legs, ask), exposure, gates, one.terms.limits)

    def gates(self, t: Transaction, reign: Reign, intent: Intent, terms: SendTerms) -> Gates:
        """The facts around a send, as they are now."""
        now, parts = self._parts.now(), self._parts
        closed = parts.contracts.last_closed_session(terms.exchange, now).session
        today = now.astimezone(parts.contracts.zone(terms.exchange)).date()
        owner = parts.strategies.owner_of(t, intent.account, intent.conid)
        return Gates(
            halt=parts.risk.halt(t).level,
            account_kind=parts.settings.kind,
            account_proved=self._proved(t, intent.account),
            session_ready=reign.may_send,
            market_open=parts.contracts.is_open(terms.exchange, now),
            bars_fit=True,
            bars_problem="",
            expected_last=max(closed, terms.last_bar),
            last_bar=terms.last_bar,
            no_entry=today in terms.no_entry,
            other_owner="" if owner in (None, intent.strategy) else str(owner),
            same_side=_same_side(reign, intent),
        )

    def _proved(self, t: Transaction, account: str) -> bool:
        settings = self._parts.settings
        known = [one for one in self._parts.sessions.accounts(t) if one.account == account]
        return bool(known) and account == settings.account and prove(known[0], settings.kind).agrees

    def _deny(self, t: Transaction, reign: Reign, intent: Intent, assessment: Assessment) -> None:
        codes = ", ".join(verdict.rule for verdict in assessment.denials)
        self._parts.orders.end(
            t, intent, IntentState.DENIED, f"denied at send: {codes}", actor="dealer", lease=reign.lease
        )
        self._telling.denied(t, intent, assessment.denials)


def _same_side(reign: Reign, intent: Intent) -> int:
    """Working orders of anybody in the last list, on the fuller side of the contract."""
    mine = [row.side for row in reign.rows if row.conid == intent.conid and row.status.lower() in _WORKS]
    return max((mine.count(side) for side in Side), default=0)


def usable(quote: Quote | None, now: datetime, *, delayed: bool) -> Quote | None:
    """The quote where it is fresh and in real time, or `delayed` where that may be; frozen ones and those of
    unknown age are no numbers (`T-06`, F-29, F-30)."""
    if quote is None or not (quote.real_time or (delayed and quote.delayed)):
        return None
    old = quote.updated_at is None or now - quote.updated_at > (LATE if quote.delayed else QUOTE_AGE)
    return None if old or now - quote.read_at > timedelta(seconds=10) else quote


def _priced(order: Order, terms: SendTerms, ask: Decimal | None) -> Order:
    high = terms.entry_high if terms.entry_high is not None else order.ticket.price
    return order if high is None else repriced(order, price=entry_limit(high, ask, terms.tick))


def _proposal(one: Candidate, legs: Sequence[Order], ask: Decimal | None) -> Proposal:
    by_role = {leg.role: leg for leg in legs}
    stop, target = by_role.get(Role.STOP), by_role.get(Role.TARGET)
    return Proposal(
        run=one.intent.run,
        strategy=one.intent.strategy,
        conid=one.intent.conid,
        symbol=one.terms.symbol,
        purpose=Purpose.OPENING,
        side=one.intent.side.value,
        quantity=legs[0].ticket.quantity,
        limit=legs[0].ticket.price,
        stop=stop.ticket.price if stop is not None else None,
        target=target.ticket.price if target is not None else None,
        reference=ask,
        atr=one.terms.atr,
        tick=one.terms.tick,
        moment="send",
        decision_close=one.terms.reference_close,
        by_person=one.terms.by_person,
    )
