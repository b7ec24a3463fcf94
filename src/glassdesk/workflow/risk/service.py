"""Verbs of the risk step."""

from __future__ import annotations

from collections.abc import Sequence

from glassdesk.kernel.clock import Clock, format_instant
from glassdesk.kernel.errors import Conflict, InvalidInput
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.risk import rules, sizing
from glassdesk.workflow.risk.model import (
    Assessment,
    Exposure,
    Gates,
    Halt,
    HaltLevel,
    Limits,
    Proposal,
    Sizing,
    Verdict,
)
from glassdesk.workflow.risk.ports import HaltStore, VerdictStore
from glassdesk.workflow.risk.verdicts import Rule

PERSON = "owner"
"""The actor of what the desk's person does."""


class Risk:
    """May this order be? And: stop."""

    def __init__(
        self,
        halts: HaltStore,
        verdicts: VerdictStore,
        audit: Audit,
        clock: Clock,
        notifications: Notifications | None = None,
    ) -> None:
        self._notifications = notifications
        self._halts = halts
        self._verdicts = verdicts
        self._audit = audit
        self._clock = clock

    def halt(self, t: Transaction) -> Halt:
        """The level in force."""
        return self._halts.halt(t)

    def set_halt(self, t: Transaction, level: HaltLevel, reason: str, actor: str) -> Halt:
        """Raise the level. Raises `Conflict` when that would lower it: `resume` says why it is safe again."""
        before = self._halts.halt(t)
        if level < before.level:
            raise Conflict(f"the level is {before.level.name} already", where="level", remedy="resume first")
        return self._put(t, before, level, reason, actor)

    def resume(self, t: Transaction, reason: str, actor: str) -> Halt:
        """Back to ACTIVE. Raises `InvalidInput` without a reason."""
        return self._put(t, self._halts.halt(t), HaltLevel.ACTIVE, reason, actor)

    def _put(self, t: Transaction, before: Halt, level: HaltLevel, reason: str, actor: str) -> Halt:
        if not reason.strip():
            raise InvalidInput("no reason given", where="reason", remedy="say why in a few words")
        after = Halt(level=level, reason=reason.strip(), actor=actor, since=self._clock.now())
        self._halts.put_halt(t, after)
        kind = "halt" if level is not HaltLevel.ACTIVE else "resume"
        body = {"before": before.level.name, "after": level.name, "reason": after.reason}
        self._audit.append(t, actor, kind, "halt", body)
        self._tell(t, after)
        return after

    def _tell(self, t: Transaction, after: Halt) -> None:
        """Told in the transaction that moves it (`T-76`): an alarm where the desk moved it by itself."""
        if self._notifications is None:
            return
        stopped = after.level is not HaltLevel.ACTIVE
        severity = _severity(after) if stopped else Severity.INFO
        title = f"Trading is stopped: {after.level.name}" if stopped else "Trading goes on"
        key = f"halt:{after.level.name.lower()}:{format_instant(self._clock.now())}"
        self._notifications.tell(t, key, severity, title, f"{after.reason} (by {after.actor})", "halt")

    def assess(self, proposal: Proposal, exposure: Exposure, gates: Gates, limits: Limits) -> Assessment:
        """Every rule's verdict on a proposal."""
        return rules.assess(proposal, exposure, gates, limits)

    def size(self, proposal: Proposal, exposure: Exposure, limits: Limits) -> Sizing:
        """Whole shares for an entry, with the cap that bound."""
        return sizing.size(proposal, exposure, limits)

    def keep(self, t: Transaction, run: str, moment: str, assessment: Assessment) -> None:
        """Store all verdicts of an assessment; `moment` is `reserve` or `send`."""
        self._verdicts.add(t, run, moment, assessment.verdicts, at=self._clock.now())

    def verdicts(self, t: Transaction, run: str) -> Sequence[tuple[str, Verdict]]:
        """(moment, verdict) of a run, in order."""
        return self._verdicts.of_run(t, run)

    def rules(self) -> tuple[Rule, ...]:
        """The table of rules."""
        return rules.RULES


def _severity(stop: Halt) -> Severity:
    return Severity.WARNING if stop.actor == PERSON else Severity.ALARM
