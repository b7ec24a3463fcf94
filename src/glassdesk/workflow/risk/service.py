"""Verbs of the risk step."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from glassdesk.kernel.clock import Clock, format_instant
from glassdesk.kernel.errors import Conflict, InvalidInput
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.lineage.model import AuditEntry
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.risk import guards, rules, sizing
from glassdesk.workflow.risk.guards import State, Watched
from glassdesk.workflow.risk.in_force import AccountLimits, GuardLimits, in_force, of_the_guards
from glassdesk.workflow.risk.model import (
    Assessment,
    Denial,
    Exposure,
    Gates,
    Halt,
    HaltLevel,
    LevelChange,
    Limits,
    LiveStanding,
    Proposal,
    Sizing,
    Verdict,
)
from glassdesk.workflow.risk.ports import HaltStore, VerdictStore
from glassdesk.workflow.risk.real_money import RealMoney
from glassdesk.workflow.risk.unlocks import Shown
from glassdesk.workflow.risk.verdicts import Rule

PERSON = "owner"
"""The actor of what the desk's person does."""
AUDITED = 5_000
"""Rows of the audit among which changes of the level are looked for."""


_NO_LIMITS = AccountLimits()


class Risk:
    """May this order be? And: stop."""

    def __init__(
        self,
        halts: HaltStore,
        verdicts: VerdictStore,
        audit: Audit,
        clock: Clock,
        notifications: Notifications | None = None,
        account_limits: AccountLimits = _NO_LIMITS,
        real_money: RealMoney | None = None,
    ) -> None:
        self._real_money = real_money
        self._account_limits = account_limits
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

    def guards(self, watched: Watched, limits: Limits) -> tuple[State, ...]:
        """Every guard as it stands."""
        return guards.states(watched, limits)

    def trip(self, t: Transaction, state: State) -> HaltLevel | None:
        """Raise the level to a guard's; `None` where it is as high already."""
        before, guard = self._halts.halt(t), state.guard
        if guard.level <= before.level:
            return None
        reason = f"{guard.name}: {state.finding.observed}, the limit is {state.finding.limit}"
        return self._put(t, before, guard.level, reason, f"guard:{guard.name}").level

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

    def live(self, t: Transaction, *, approved: bool = False) -> LiveStanding | None:
        """Where a live account stands (`T-61`); `None` on another kind, and where nobody keeps the unlocks:
        the rules take that for locked."""
        found = self._real_money.standing(t) if self._real_money is not None else None
        return None if found is None else replace(found, approved=approved)

    def remind_live(self, t: Transaction) -> datetime | None:
        """Tell of the end of an unlock where it is time. Answers when to look again."""
        return self._real_money.remind(t) if self._real_money is not None else None

    def live_evidence(self, t: Transaction) -> Shown | None:
        """What the last unlock of a live account was granted on."""
        return self._real_money.evidence(t) if self._real_money is not None else None

    def in_force(self, strategy: Limits) -> Limits:
        """The limits of a strategy, never wider than the account's."""
        return in_force(strategy, self._account_limits)

    def guard_limits(self, trading: Mapping[str, Limits]) -> GuardLimits:
        """What the guards measure by, from the limits of the strategies that trade, by name."""
        return of_the_guards(trading, self._account_limits)

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

    def denials(self, t: Transaction, run: str, moment: str) -> tuple[Verdict, ...]:
        """What stands against a run as of the last assessment of that moment, in the order of the rules."""
        latest = {v.rule: v for at, v in self._verdicts.of_run(t, run) if at == moment}
        return Assessment(verdicts=tuple(latest.values())).denials

    def recent_denials(self, t: Transaction, *, days: int, limit: int = 50) -> Sequence[Denial]:
        """What was denied within the last days, newest first."""
        return self._verdicts.denials(t, since=self._clock.now() - timedelta(days=days), limit=limit)

    def history(self, t: Transaction, *, limit: int = 10) -> tuple[LevelChange, ...]:
        """The last changes of the level, newest first, as the audit has them."""
        newest = self._audit.length(t)
        rows = self._audit.entries(t, after=max(0, newest - AUDITED), limit=AUDITED)
        found = [_change(row) for row in rows if row.kind in ("halt", "resume")]
        return tuple(reversed(found))[:limit]

    def rules(self) -> tuple[Rule, ...]:
        """The table of rules."""
        return rules.RULES


def _severity(stop: Halt) -> Severity:
    return Severity.WARNING if stop.actor == PERSON else Severity.ALARM


def _change(row: AuditEntry) -> LevelChange:
    body = json.loads(row.body)
    return LevelChange(
        at=row.at,
        actor=row.actor,
        before=body["before"],
        after=body["after"],
        reason=body["reason"],
    )
