"""The form of a rule of the rules analyst."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from glassdesk.workflow.indicators.catalogue import complete, line_names
from glassdesk.workflow.indicators.model import IndicatorSpec
from glassdesk.workflow.signals.confirmations import last
from glassdesk.workflow.signals.model import Action, Facts

Params = Mapping[str, float]
"""Every parameter of a rule by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleParameter:
    """A number a strategy may choose; `low` and `high` are allowed themselves."""

    name: str
    default: float
    low: float
    high: float
    meaning: str
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a rule says: the action, why in one sentence, and the lines it read."""

    action: Action
    why: str
    read: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    """What it would have needed; then the action is ABSTAIN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesRule:
    """One rule. `needs` are the indicators a strategy's set must hold; `decide` is pure."""

    name: str
    title: str
    meaning: str
    parameters: tuple[RuleParameter, ...]
    needs: Callable[[Params], tuple[IndicatorSpec, ...]]
    decide: Callable[[Facts, Params], Decision]
    refuse: Callable[[Params], str] = lambda params: ""
    """Why parameters that are each in range do not fit together; empty when they do."""


def average(kind: str, length: float) -> IndicatorSpec:
    """An indicator with one length: `average("sma", 20)`."""
    return IndicatorSpec(kind=kind, params=(("length", length),))


def line(spec: IndicatorSpec) -> str:
    """The name of an indicator's first line."""
    return line_names(complete(spec))[0]


def newest(facts: Facts, *names: str, back: int = 1) -> tuple[float, ...] | None:
    """The lines' values `back` bars from the end, `None` when one of them has none."""
    found = [last(facts.values, name, back) for name in names]
    known = tuple(value for value in found if value is not None)
    return known if len(known) == len(names) else None


def cannot(facts: Facts, *names: str) -> Decision:
    """ABSTAIN, naming the lines without a value."""
    missing = tuple(name for name in names if last(facts.values, name) is None)
    return Decision(
        action=Action.ABSTAIN, why=f"no value for {', '.join(missing or names)}", missing=missing or names
    )
