"""One answer on the table: what the rules V01 … V20 look at, and how they say what they found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from glassdesk.workflow.signals.levels import Levels
from glassdesk.workflow.signals.model import Action, Answer, Check, Facts, SignalPolicy

ABSTAIN = "abstain"
REJECT = "reject"
DOWNGRADE = "downgrade"
HALVE = "halve"
"""The action stays, at half the size that the limits allow."""
FLAG = "flag"
"""Nothing changes but what is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An answer, the truth, and the strategy's policy. `levels` are the prices on the grid."""

    answer: Answer
    facts: Facts
    policy: SignalPolicy
    asked: Levels
    levels: Levels

    @property
    def buys(self) -> bool:
        return self.answer.action is Action.BUY

    @property
    def trades(self) -> bool:
        return self.answer.action in (Action.BUY, Action.SELL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule found. `effect` says what follows from it; empty where it passed."""

    detail: str
    effect: str = ""


def fine(detail: str = "") -> Finding:
    """The rule holds."""
    return Finding(detail=detail)


def unless(holds: bool, detail: str, effect: str) -> Finding:
    """The rule holds, else `effect`; `detail` names the numbers either way."""
    return Finding(detail=detail, effect="" if holds else effect)


def not_applicable(why: str) -> Finding:
    """The rule has nothing to say here."""
    return Finding(detail=f"not applicable: {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One semantic rule."""

    id: str
    meaning: str
    examine: Callable[[Case], Finding]

    def check(self, case: Case) -> Check:
        """The rule applied to a case."""
        found = self.examine(case)
        return Check(rule=self.id, passed=not found.effect, detail=found.detail, effect=found.effect)


def in_atr(distance: Decimal, atr: Decimal) -> str:
    """A distance as a person reads it: `1.25 ATR`."""
    return f"{distance / atr:.2f} ATR"
