"""From what was seen to a finding."""

from __future__ import annotations

from collections.abc import Iterable

from glassdesk.workflow.dealing.findings import Confidence, Finding
from glassdesk.workflow.dealing.probe.catalogue import BY_CODE
from glassdesk.workflow.orders.switches import UNKNOWN


def shown(
    code: str,
    done: str,
    conclusion: str,
    *,
    setting: str = UNKNOWN,
    confidence: Confidence = Confidence.SHOWN,
) -> Finding:
    """An answer; `setting` where it sets the question's switch."""
    question = BY_CODE[code]
    return Finding(
        code=code,
        question=question.text,
        done=done,
        conclusion=conclusion,
        confidence=confidence,
        switch=question.switch if setting != UNKNOWN else "",
        setting=setting,
    )


def unanswered(codes: Iterable[str], why: str) -> list[Finding]:
    """Not found out: the safe assumption stays."""
    return [shown(code, "", f"not found out: {why}", confidence=Confidence.NONE) for code in codes]
