"""What a rule is: a name, a meaning, a default, and a pure function that finds what it finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from glassdesk.kernel.money import tidy
from glassdesk.workflow.risk.model import Exposure, Gates, Limits, Proposal, Purpose, Verdict

MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule saw: the number, the limit, and in one line what follows."""

    passed: bool
    observed: str
    limit: str
    explanation: str = ""


Judge = Callable[[Proposal, Exposure, Gates, Limits], Finding]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One risk rule, as the documentation and `risk limits` show it."""

    name: str
    meaning: str
    default: str
    source: str
    judge: Judge
    denies_exits: bool = False
    """True for what `T-40` lists; every other rule only warns on an exit."""
    warns_before_send: bool = False
    """True where a breach at reserve only means: wait (`closed market, then queued`)."""
    waits: bool = False
    """True where a breach at the send may pass by itself: it is asked again until the entry window closes."""
    control: str = ""
    """Its name among the field's controls; its own where they agree."""

    @property
    def acts_on(self) -> str:
        return "entries and exits" if self.denies_exits else "entries; a warning on exits"


def declared(
    name: str,
    judge: Judge,
    meaning: str,
    default: object,
    source: str,
    *,
    control: str = "",
    denies_exits: bool = False,
    warns_before_send: bool = False,
    waits: bool = False,
) -> Rule:
    """A rule of the table; `control` is its own name where none is given."""
    return Rule(
        name=name,
        meaning=meaning,
        default=str(default),
        source=source,
        judge=judge,
        denies_exits=denies_exits,
        warns_before_send=warns_before_send,
        waits=waits,
        control=control or name,
    )


def verdict(rule: Rule, proposal: Proposal, exposure: Exposure, gates: Gates, limits: Limits) -> Verdict:
    """The rule's word on one proposal."""
    try:
        found = rule.judge(proposal, exposure, gates, limits)
    except ArithmeticError:
        found = missing("a number", "a number")
    denies = rule.denies_exits or proposal.purpose is Purpose.OPENING
    return Verdict(
        rule=rule.name,
        passed=found.passed,
        denies=denies and not (rule.warns_before_send and proposal.moment != "send"),
        observed=found.observed,
        limit=found.limit,
        explanation=found.explanation or rule.meaning,
    )


def missing(what: str, limit: str) -> Finding:
    """A number is not there: a breach for an entry, a warning for an exit (`T-40`)."""
    return Finding(passed=False, observed=MISSING, limit=limit, explanation=f"{what} is missing")


def at_the_send() -> Finding:
    """Nothing to say yet: the answer exists when the order goes out."""
    return says(True, "not yet", "at the send", "asked when the order goes out")


def at_the_decision(why: str) -> Finding:
    """Said once, at the decision."""
    return says(True, "as decided", "at the decision", why)


def counted(others: int | None, own: int, limit: int) -> Finding:
    """A count with this order in it must not exceed `limit`."""
    if others is None:
        return missing("the list of orders", str(limit))
    return says(others + own <= limit, str(others + own), str(limit))


def at_most(observed: Decimal | None, limit: Decimal | None, what: str, explanation: str = "") -> Finding:
    """`observed` must not exceed `limit`; neither may be missing."""
    if limit is None:
        return missing("desk capital", MISSING)
    if observed is None:
        return missing(what, amount(limit))
    return Finding(
        passed=observed <= limit, observed=amount(observed), limit=amount(limit), explanation=explanation
    )


def amount(value: Decimal) -> str:
    """Plain text of a number."""
    return tidy(value)


def says(passed: bool, observed: str, limit: str, explanation: str = "") -> Finding:
    """A finding of a rule that compares words."""
    return Finding(passed=passed, observed=observed, limit=limit, explanation=explanation)
