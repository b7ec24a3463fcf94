"""What an exit is judged by in the moment it begins: every rule, of which few can deny it (`T-40`), kept with
the numbers it was made of (I-20)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from glassdesk.kernel.clock import format_instant
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.looking import of_others
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.submit import Submit
from glassdesk.workflow.orders.model import Intent, SendTerms
from glassdesk.workflow.risk.model import Assessment, Judged, Proposal, Purpose, Verdict


class Judging:
    """Asks every rule about an exit, and writes the answers down."""

    def __init__(self, parts: Parts, submit: Submit) -> None:
        self._parts = parts
        self._submit = submit

    def denials(
        self, t: Transaction, reign: Reign, intent: Intent, terms: SendTerms, quantity: Decimal
    ) -> tuple[Verdict, ...]:
        """What stands against selling so many shares now; while the same rules do, nothing new is written."""
        judged = self._judged(t, reign, intent, terms, quantity)
        found = Assessment(verdicts=judged.verdicts).denials
        before = self._parts.risk.denials(t, intent.run, "send")
        if not found or [one.rule for one in found] != [one.rule for one in before]:
            self._keep(t, intent, judged)
        return found

    def _judged(
        self, t: Transaction, reign: Reign, intent: Intent, terms: SendTerms, quantity: Decimal
    ) -> Judged:
        books = self._parts.portfolio.exposure(t, intent.account, intent.strategy, now=self._parts.now())
        proposal, exposure = _proposal(intent, terms, quantity), of_others(books, intent.run)
        gates, limits = self._submit.gates(t, reign, intent, terms), self._parts.risk.in_force(terms.limits)
        clock = self._parts.broker.clock
        if clock is not None:
            gates = replace(gates, asks_clock=True, clock_skew=_seconds(clock.skew()))
        return Judged(
            proposal=proposal,
            sizing=None,
            exposure=exposure,
            gates=gates,
            verdicts=self._parts.risk.assess(proposal, exposure, gates, limits).verdicts,
            limits=limits,
        )

    def _keep(self, t: Transaction, intent: Intent, judged: Judged) -> None:
        self._parts.risk.keep(t, intent.run, "send", Assessment(verdicts=judged.verdicts))
        self._parts.lineage.record(
            t,
            kind="send_verdicts",
            entity=f"{intent.run}/{format_instant(self._parts.now())}",
            content=judged,
            parents=(f"intent:{intent.intent}",),
            run=intent.run,
        )


def _seconds(skew: timedelta | None) -> Decimal | None:
    return None if skew is None else Decimal(skew // timedelta(milliseconds=1)) / 1000


def _proposal(intent: Intent, terms: SendTerms, quantity: Decimal) -> Proposal:
    return Proposal(
        run="",
        strategy=intent.strategy,
        conid=intent.conid,
        symbol=terms.symbol,
        purpose=Purpose.REDUCING,
        side=intent.side.value,
        quantity=quantity,
        limit=None,
        stop=None,
        target=None,
        reference=None,
        atr=terms.atr,
        tick=terms.tick,
        moment="send",
        by_person=terms.by_person,
    )
