"""What an entry is judged by in the moment it goes out: books, gates, quote, what-if."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.proposing import gates_of, opening
from glassdesk.workflow.dealing.quoting import entry_problem
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.market_data.model import Quote
from glassdesk.workflow.orders.model import Intent, Order, Role, SendTerms, Side
from glassdesk.workflow.risk.model import Exposure, Gates, Judged, Proposal, WhatIf
from glassdesk.workflow.risk.rules_gates import MOST_SKEW
from glassdesk.workflow.session.service import prove

_WORKS = ("pendingsubmit", "presubmitted", "submitted", "pendingcancel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was read of the broker for one entry, before the transaction that sends it."""

    quote: Quote | None
    """`None` where it is no number."""
    problem: str
    skew: Decimal | None = None
    """Seconds that the broker's clock is ahead; `None` where nothing says so, or nobody asks."""
    what_if: WhatIf | None = None

    @property
    def ask(self) -> Decimal | None:
        return self.quote.ask if self.quote is not None else None


class Looking:
    """Reads what is needed and puts it in the rules' words."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def quotes(self, conids: Sequence[int]) -> Mapping[int, Quote]:
        """Of the contracts, and of the canary of the feed."""
        canary = self._parts.settings.canary
        return self._parts.market_data.quotes([*conids, *([canary] if canary is not None else [])])

    def seen(self, conid: int, read: Mapping[int, Quote]) -> Seen:
        """The contract's quote, judged."""
        settings, now = self._parts.settings, self._parts.now()
        quote = read.get(conid)
        problem = entry_problem(quote, now, settings.canary, read, delayed=settings.takes_delayed)
        return Seen(quote=None if problem else quote, problem=problem, skew=self.skew(read))

    def skew(self, read: Mapping[int, Quote]) -> Decimal | None:
        """By the broker's answers; a quote from the future says it too, and where the answers do not tell the
        canary's last change does, which is seconds old in an open market."""
        settings, clock = self._parts.settings, self._parts.broker.clock
        if clock is None:
            return None
        stated, canary = clock.skew(), read.get(settings.canary or 0)
        ahead = [age for quote in read.values() if (age := _ahead(quote, self._parts.now())) is not None]
        if ahead and max(ahead) > MOST_SKEW:
            return max(ahead)
        if stated is not None:
            return Decimal(stated // timedelta(milliseconds=1)) / 1000
        return None if canary is None else _ahead(canary, self._parts.now())

    def judged(
        self,
        t: Transaction,
        reign: Reign,
        intent: Intent,
        terms: SendTerms,
        legs: Sequence[Order],
        seen: Seen,
    ) -> Judged:
        """Every rule on the numbers of this moment, with the numbers."""
        exposure = self._parts.portfolio.exposure(t, intent.account, intent.strategy, now=self._parts.now())
        proposal = proposal_of(intent, terms, legs, seen)
        gates = self.gates(t, reign, intent, terms)
        gates = replace(
            gates,
            quote_problem=seen.problem,
            asks_clock=self._parts.broker.clock is not None,
            clock_skew=seen.skew,
            asks_what_if=self._asks,
            what_if=seen.what_if,
        )
        limits = self._parts.risk.in_force(terms.limits)
        verdicts = self._parts.risk.assess(proposal, exposure, gates, limits).verdicts
        return Judged(
            proposal=replace(proposal, run=""),
            sizing=None,
            exposure=of_others(exposure, intent.run),
            gates=gates,
            verdicts=verdicts,
            limits=limits,
        )

    @property
    def _asks(self) -> bool:
        """Only where nothing real hangs on it may a desk be without a what-if."""
        simulated = self._parts.settings.kind.value == "simulated"
        return self._parts.broker.preview is not None or not simulated

    def gates(self, t: Transaction, reign: Reign, intent: Intent, terms: SendTerms) -> Gates:
        """The facts around a send, as they are now."""
        parts = self._parts
        found = gates_of(
            t,
            parts.contracts,
            parts.strategies,
            intent,
            terms,
            level=parts.risk.halt(t).level,
            kind=parts.settings.kind,
            proved=self._proved(t, intent.account),
            ready=reign.may_send,
            now=parts.now(),
        )
        approved = parts.orders.approval(t, intent.intent) is not None
        return replace(found, same_side=_same_side(reign, intent), live=parts.risk.live(t, approved=approved))

    def _proved(self, t: Transaction, account: str) -> bool:
        settings = self._parts.settings
        known = [one for one in self._parts.sessions.accounts(t) if one.account == account]
        return bool(known) and account == settings.account and prove(known[0], settings.kind).agrees


def _ahead(quote: Quote, now: datetime) -> Decimal | None:
    """Seconds by which a quote was changed after now."""
    if quote.updated_at is None or quote.delayed:
        return None
    return Decimal((quote.updated_at - now) // timedelta(milliseconds=1)) / 1000


def of_others(exposure: Exposure, run: str) -> Exposure:
    """The books without the order itself, so that judging them again gives the same."""
    opened = exposure.opened
    return replace(
        exposure,
        working=tuple(replace(one, run="another") for one in exposure.working if one.run != run),
        opened=opened and tuple(replace(one, run="another") for one in opened if one.run != run),
    )


def _same_side(reign: Reign, intent: Intent) -> int:
    """Working orders of anybody in the last list, on the fuller side of the contract."""
    mine = [row.side for row in reign.rows if row.conid == intent.conid and row.status.lower() in _WORKS]
    return max((mine.count(side) for side in Side), default=0)


def proposal_of(intent: Intent, terms: SendTerms, legs: Sequence[Order], seen: Seen) -> Proposal:
    """A bracket about to be sent."""
    entry = legs[0].ticket
    prices = {leg.role: leg.ticket.price for leg in legs} | {Role.ENTRY: entry.price}
    proposal = opening(intent, terms, prices, quantity=entry.quantity, reference=seen.ask, moment="send")
    bid = seen.quote.bid if seen.quote is not None else None
    return replace(proposal, decision_close=terms.reference_close, bid=bid)
