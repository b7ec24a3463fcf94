"""What waits for a person's yes or no: shown whole, judged again at the yes, bound to the exact order, and
over by its time or when the price has run away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from glassdesk.kernel.clock import Clock
from glassdesk.kernel.errors import Conflict
from glassdesk.kernel.ids import AccountKind
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.contracts.service import Contracts
from glassdesk.workflow.dealing.proposing import gates_of, opening
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.orders import approval as approvals
from glassdesk.workflow.orders.model import (
    Approval,
    Intent,
    IntentKind,
    IntentState,
    Order,
    SendTerms,
    WhatIfRow,
)
from glassdesk.workflow.orders.service import Orders
from glassdesk.workflow.portfolio.service import Portfolio
from glassdesk.workflow.risk.model import Assessment, Gates, Verdict
from glassdesk.workflow.risk.service import Risk
from glassdesk.workflow.session.ports import SessionStore
from glassdesk.workflow.session.service import prove
from glassdesk.workflow.strategies.model import Approval as Policy
from glassdesk.workflow.strategies.ports import StrategyStore

RULE = "APPROVAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One decision as a person is asked about it."""

    intent: Intent
    state: IntentState
    legs: Sequence[Intent]
    payload: str
    """Digest of the exact order: an answer names it."""
    expires_at: datetime
    """Then nothing is sent."""
    approval: Approval | None
    what_if: WhatIfRow | None = None
    """What the broker said last that its entry would do to the account."""

    @property
    def drift_limit(self) -> Decimal | None:
        """So far the price may move from the close that was decided on; `None` without an ATR."""
        terms = self.intent.terms
        return None if terms is None or terms.atr is None else terms.limits.max_drift_atr * terms.atr


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What became of a person's yes."""

    done: bool
    already: bool = False
    """It was given before: nothing more happened."""
    denials: tuple[Verdict, ...] = ()
    """Rules that speak against it now; the intent goes on waiting."""


class Approvals:
    """A person's yes and no."""

    def __init__(
        self,
        orders: Orders,
        risk: Risk,
        portfolio: Portfolio,
        contracts: Contracts,
        sessions: SessionStore,
        strategies: StrategyStore,
        audit: Audit,
        clock: Clock,
        *,
        account: str,
        kind: AccountKind,
    ) -> None:
        self._orders = orders
        self._risk = risk
        self._portfolio = portfolio
        self._contracts = contracts
        self._sessions = sessions
        self._strategies = strategies
        self._audit = audit
        self._clock = clock
        self._account = account
        self._kind = kind

    def waiting(self, t: Transaction) -> list[Waiting]:
        """What waits now, by the end of its window."""
        found = self._orders.intents(t, states=[IntentState.AWAITING_APPROVAL])
        mains = [intent for intent, _ in found if intent.parent is None]
        return sorted((self.show(t, one.intent) for one in mains), key=lambda one: one.expires_at)

    def show(self, t: Transaction, intent: str) -> Waiting:
        """One decision, whatever became of it. Raises `NotFound` or `InvalidInput`."""
        main, _ = self._orders.intent(t, intent)
        main, state = self._orders.intent(t, main.parent or main.intent)
        legs = [leg for leg, _ in self._orders.intents(t, run=main.run)]
        return Waiting(
            intent=main,
            state=state,
            legs=sorted(legs, key=lambda leg: leg.leg),
            payload=self._orders.payload(t, main),
            expires_at=main.window_closes,
            approval=self._orders.approval(t, main.intent),
            what_if=self._orders.what_if(t, main.intent),
        )

    def approve(self, t: Transaction, intent: str, actor: str, *, payload: str | None = None) -> Answered:
        """Yes to the order of `payload`, judged again now. The same yes again changes nothing. What the rules
        deny stays waiting; the verdicts are a row of the audit either way. Raises `NotFound`, `Conflict`."""
        found = self.show(t, intent)
        given = found.approval
        if given is not None and payload == given.payload_sha256:
            return Answered(done=True, already=True)
        approvals.approved(found.intent, found.state, now=self._clock.now())
        approvals.require_same(payload or found.payload, found.payload)
        assessment = self._assess(t, found)
        body = {"allowed": assessment.allowed, "verdicts": assessment.verdicts}
        ref, said = f"intent:{found.intent.intent}", assessment.verdicts
        self._audit.append(t, actor, "intent.judged", ref, body, before=None, after=said)
        if not assessment.allowed:
            return Answered(done=False, denials=assessment.denials)
        self._orders.approve(t, found.intent.intent, actor, payload=found.payload)
        return Answered(done=True)

    def decline(self, t: Transaction, intent: str, actor: str, *, payload: str | None = None) -> None:
        """No: nothing is sent. Raises `NotFound` or `Conflict`."""
        self._orders.decline(t, self.show(t, intent).intent.intent, actor, payload=payload)

    def _assess(self, t: Transaction, found: Waiting) -> Assessment:
        now, main = self._clock.now(), found.intent
        terms = main.terms
        if terms is None:
            raise Conflict("this intent goes with its parent", where="approval")
        exposure = self._portfolio.exposure(t, main.account, main.strategy, now=now)
        proposal = opening(
            main,
            terms,
            {leg.role: leg.price for leg in found.legs},
            quantity=main.quantity,
            reference=terms.entry_high,
            moment="approve",
        )
        limits = self._risk.in_force(terms.limits)
        return self._risk.assess(proposal, exposure, self._gates(t, main, terms, now), limits)

    def _gates(self, t: Transaction, main: Intent, terms: SendTerms, now: datetime) -> Gates:
        stored = self._sessions.status(t)
        known = [one for one in self._sessions.accounts(t) if one.account == main.account]
        found = gates_of(
            t,
            self._contracts,
            self._strategies,
            main,
            terms,
            level=self._risk.halt(t).level,
            kind=self._kind,
            proved=bool(known) and prove(known[0], self._kind).agrees,
            ready=stored is not None and stored[0].ready,
            now=now,
        )
        return replace(found, live=self._risk.live(t))


def at_send(
    t: Transaction, orders: Orders, strategies: StrategyStore, intent: Intent, legs: Sequence[Order]
) -> Verdict | None:
    """The verdict on the person's yes right before the send: `None` where none is needed and none was
    given."""
    given = orders.approval(t, intent.intent)
    row = strategies.version(t, intent.strategy, intent.strategy_version)
    asked = row is not None and row.strategy.approval is Policy.ALL and intent.kind is IntentKind.OPEN
    if given is None and not asked:
        return None
    wanted = [leg for leg, _ in orders.intents(t, run=intent.run)]
    problem = "no person approved it" if given is None else approvals.unfit(given, wanted, legs)
    return Verdict(
        rule=RULE,
        passed=not problem,
        denies=True,
        observed=problem or f"approved by {given.actor if given else ''}",
        limit="exactly the order that a person approved",
        explanation="A person was asked, whose yes is for one exact order",
    )
