"""What an analyst said beside what is true: for people, from what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.signals.answers import parse
from glassdesk.workflow.signals.confirmations import agreement, as_words
from glassdesk.workflow.signals.model import Answer, Check, Facts, RawAnswer
from glassdesk.workflow.signals.reading import is_true, value_of

READING = ("V01", "V02", "V03", "V04", "V13", "V15")
"""The rules that tell whether this very chart was read."""

LABELLED = 150
"""Decisions with a known end that a calibration needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """One claim and the desk's own number or word."""

    what: str
    said: str
    true: str
    agrees: bool
    panel: str = ""
    reading: str = ""


def beside(raw: RawAnswer, facts: Facts) -> tuple[Beside, ...]:
    """Every claim of an answer that can be checked: echo, evidence, confirmations, weekly agreement. Empty
    where there is no answer that can be read."""
    try:
        answer = parse(raw.text)
    except InvalidInput:
        return ()
    return (*_echo(answer, facts), *_evidence(answer, facts), *_views(answer, facts))


def _echo(answer: Answer, facts: Facts) -> tuple[Beside, ...]:
    echo = answer.echo
    pairs = (
        ("symbol", echo.symbol, facts.symbol),
        ("timeframe", echo.timeframe, facts.timeframe),
        ("last bar", str(echo.last_bar), str(facts.last_bar)),
        ("last close", f"{echo.last_close:g}", f"{facts.last_close:g}"),
        ("bars", str(echo.n_bars), str(facts.n_bars)),
        ("code in the picture", echo.chart_code.strip().upper(), facts.chart_code),
    )
    return tuple(_pair(what, said, true, "echo") for what, said, true in pairs)


def _evidence(answer: Answer, facts: Facts) -> tuple[Beside, ...]:
    found = []
    for claim in answer.evidence:
        true = value_of(claim.indicator, facts)
        found.append(
            Beside(
                what=claim.indicator,
                said="" if claim.value is None else f"{claim.value:.6g}",
                true="no such value" if true is None else f"{true:.6g}",
                agrees=claim.value is None or is_true(claim, facts),
                panel=claim.panel,
                reading=claim.reading,
            )
        )
    return tuple(found)


def _views(answer: Answer, facts: Facts) -> tuple[Beside, ...]:
    said, true = as_words(answer.confirmations), as_words(facts.confirmations)
    views = [_pair(name, said[name], true[name], "confirmations") for name in said]
    weekly = agreement(answer.action, facts.weekly)
    return (*views, _pair("weekly agreement", answer.weekly_agreement, weekly, "weekly"))


def _pair(what: str, said: str, true: str, panel: str) -> Beside:
    return Beside(what=what, said=str(said), true=str(true), agrees=str(said) == str(true), panel=panel)


def reading_score(checks: Sequence[Check]) -> Decimal | None:
    """Share of the reading rules that passed, of those that applied: proof that this chart was looked at, no
    confidence. `None` without an answer."""
    applied = [c for c in checks if c.rule in READING and not c.detail.startswith("not applicable")]
    return Decimal(sum(c.passed for c in applied)) / len(applied) if applied else None
