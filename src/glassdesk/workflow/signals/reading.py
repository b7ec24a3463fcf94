"""Rules about reading: did the analyst see this very chart (V01–V04, V13, V15, V17, V20)?"""

from __future__ import annotations

import re
from decimal import Decimal

from glassdesk.workflow.signals.case import ABSTAIN, FLAG, Case, Finding, fine, not_applicable, unless
from glassdesk.workflow.signals.model import Evidence, Facts
from glassdesk.workflow.signals.wording import problems

_CLOSE_TOLERANCE = Decimal("0.005")
_VALUE_TOLERANCE = 0.02
_SMALLEST_DIFFERENCE = 0.005
_RSI_POINTS = 1.0
_ENOUGH = 0.8
REPEATS = 20
"""Answers in a row with the same confidence say nothing."""


def v01(case: Case) -> Finding:
    """The echo names this symbol and timeframe."""
    said = (case.answer.echo.symbol, case.answer.echo.timeframe)
    true = (case.facts.symbol, case.facts.timeframe)
    return unless(said == true, f"said {said[0]} {said[1]}, is {true[0]} {true[1]}", ABSTAIN)


def v02(case: Case) -> Finding:
    """The echo names the last closed bar."""
    said, true = case.answer.echo.last_bar, case.facts.last_bar
    return unless(said == true, f"said {said}, is {true}", ABSTAIN)


def v03(case: Case) -> Finding:
    """The echoed close is within 0.5 % or one tick of the true one."""
    said, true = case.answer.echo.last_close, case.facts.last_close
    allowed = max(true * _CLOSE_TOLERANCE, case.facts.tick)
    return unless(abs(said - true) <= allowed, f"said {said}, is {true}", ABSTAIN)


def v04(case: Case) -> Finding:
    """The code drawn in the picture was read."""
    if not case.facts.chart_code:
        return not_applicable("no picture was shown")
    said = case.answer.echo.chart_code.strip().upper()
    effect = FLAG if case.policy.chart_code == "warn" else ABSTAIN
    right = said == case.facts.chart_code
    return unless(right, "read" if right else f"read {said!r}, which is not in the picture", effect)


def v13(case: Case) -> Finding:
    """The four confirmations are what the indicators say; one slip is a flag, two void the answer."""
    said, true = case.answer.confirmations, case.facts.confirmations
    names = ("supertrend", "price_vs_sma20", "macd", "rsi")
    slips = [
        f"{name}: said {getattr(said, name)}, is {getattr(true, name)}"
        for name in names
        if getattr(said, name) is not getattr(true, name)
    ]
    if not slips:
        return fine("all four agree")
    return Finding(detail="; ".join(slips), effect=FLAG if len(slips) == 1 else ABSTAIN)


def v15(case: Case) -> Finding:
    """Four of five values quoted as evidence are true within 2 % (RSI: one point)."""
    claims = [claim for claim in case.answer.evidence if claim.value is not None]
    wrong = [claim for claim in claims if not is_true(claim, case.facts)]
    if not claims:
        return Finding(detail="no value was quoted", effect=FLAG if case.trades else "")
    told = f"{len(claims) - len(wrong)} of {len(claims)} quoted values are true"
    if wrong:
        told += f"; {_said(wrong[0], case.facts)}"
    return unless(len(claims) - len(wrong) >= _ENOUGH * len(claims), told, ABSTAIN)


def _said(claim: Evidence, facts: Facts) -> str:
    true = value_of(claim.indicator, facts)
    known = "there is no such value" if true is None else f"is {true:.6g}"
    return f"{claim.indicator[:40]}: said {claim.value:.6g}, {known}"


def is_true(claim: Evidence, facts: Facts) -> bool:
    """The claimed value is the newest one of its line, within 2 % (RSI: one point)."""
    true = value_of(claim.indicator, facts)
    if true is None or claim.value is None:
        return False
    points = _RSI_POINTS if _folded(claim.indicator).startswith("rsi") else _SMALLEST_DIFFERENCE
    return abs(claim.value - true) <= max(abs(true) * _VALUE_TOLERANCE, points)


def value_of(name: str, facts: Facts) -> float | None:
    """The newest value of a line by its name, however it is punctuated: `RSI(14)` is `rsi_14`."""
    folded = _folded(name)
    if folded in ("close", "lastclose", "currentprice", "price"):
        return float(facts.last_close)
    for line in facts.values.names:
        if _folded(line) == folded:
            return facts.values.last(line)
    return None


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def v17(case: Case) -> Finding:
    """Confidence is a probability; certainty is none, and what is always the same says nothing."""
    confidence = case.answer.confidence
    if confidence is None:
        return fine("none given")
    if not 0 <= confidence <= 1:
        return Finding(detail=f"{confidence} is no probability", effect=ABSTAIN)
    if len(case.facts.confidences) >= REPEATS and set(case.facts.confidences) == {confidence}:
        told = f"{confidence:.2f}, as in each of the last {len(case.facts.confidences)}: uninformative"
        return Finding(detail=told, effect=FLAG)
    return unless(0 < confidence < 1, f"{confidence:.2f}", FLAG)


def v20(case: Case) -> Finding:
    """The texts hold no address, instruction or other ticker; what does is removed."""
    answer = case.answer
    spoken = (answer.rationale, answer.counter_case, answer.invalidation, *answer.data_issues)
    found = [problem for text in spoken for problem in problems(text, case.facts.symbol)]
    return unless(not found, "; ".join(found) or "plain text", FLAG)
