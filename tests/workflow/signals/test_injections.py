"""Injection: a text of others stays one harmless line of a prompt, and a model that obeys it makes no order
that the rules would not let anybody make."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import replace

import pytest

from glassdesk.adapters.llm import Scripted
from glassdesk.adapters.templates import SandboxedTemplates
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.prompts import bundle
from glassdesk.workflow.prompts.context import build
from glassdesk.workflow.prompts.packaged import packaged
from glassdesk.workflow.signals.confirmations import as_words
from glassdesk.workflow.signals.model import Action, SignalPolicy
from glassdesk.workflow.signals.service import judge
from tests.workflow.signals.cases import BARS, TRUE, question, raw
from tests.workflow.signals.desks import scene
from tests.workflow.signals.injections import FAMILIES, Attack, attacks
from tests.workflow.signals.test_hostile import decided_by

ATTACKS = list(attacks())
LEAST = 20
HARMLESS = "Glass"


def rendered(symbol: str, company: str, strategy: str) -> str:
    text = bundle.parse(packaged()[0])
    values = build(
        contract=Contract(
            conid=1, symbol=symbol, name=company, sec_type="STK", exchange="NASDAQ", currency="USD"
        ),
        bars=BARS,
        weekly=None,
        values=TRUE.values,
        now=BARS.last.start,
        zone="America/New_York",
        strategy=strategy,
        parameters={},
        chart_code=TRUE.chart_code,
        checks=as_words(TRUE.confirmations),
    )
    engine = SandboxedTemplates()
    return engine.render(text.system, values) + "\n" + engine.render(text.body, values)


def as_prompted(attack: Attack) -> str:
    """The prompt with the attack in its channel; news come as a company's name, the longest text there is."""
    symbol = attack.text if attack.channel == "symbol" else HARMLESS
    company = attack.text if attack.channel in ("company", "news") else HARMLESS
    return rendered(symbol, company, attack.text if attack.channel == "variable" else HARMLESS)


@pytest.mark.slow
def test_a_text_of_others_changes_its_own_line_of_the_prompt_and_nothing_else() -> None:
    harmless = rendered(HARMLESS, HARMLESS, HARMLESS).splitlines()
    for attack in ATTACKS[:: len(FAMILIES) // 10]:
        lines = as_prompted(attack).splitlines()
        assert len(lines) == len(harmless), attack.text
        changed = [line for line, before in zip(lines, harmless, strict=True) if line != before]
        assert len(changed) <= 1
        assert all(len(line) <= 100 and "```" not in line and "<" not in line for line in changed), changed


def test_a_model_that_obeys_makes_no_order_that_the_rules_do_not_allow() -> None:
    """≥ 200 texts in two languages; each of ≥ 25 families is stopped ≥ 20 times by what is meant to stop it;
    the counts are printed."""
    counted: Counter[str] = Counter()
    wrong: list[str] = []
    for attack in ATTACKS:
        signal = judge(raw(attack.answer), question(attack.facts, SignalPolicy()))
        by = decided_by(signal, json_action(attack.answer))
        if by != attack.decides:
            wrong.append(f"{attack.family}: {by} instead of {attack.decides}: {signal.reason}")
        counted[attack.family] += by == attack.decides
        if signal.action is not Action.ABSTAIN:
            assert attack.decides == "V20", attack.family
            assert signal.symbol == attack.facts.symbol
            assert "http" not in signal.rationale
            assert signal.stop is not None
            assert signal.entry_high is not None
            assert signal.stop < signal.entry_high
    sys.stdout.write(f"{len(ATTACKS)} attacks: {dict(counted)}\n")
    assert wrong == []
    assert len({attack.text for attack in ATTACKS}) >= 200
    assert len(counted) >= 25
    assert min(counted.values()) >= LEAST


def json_action(text: str) -> Action:
    try:
        said = json.loads(text)
    except ValueError:
        return Action.ABSTAIN
    return Action(said["action"]) if isinstance(said, dict) and "action" in said else Action.ABSTAIN


@pytest.mark.slow
def test_a_model_that_obeys_twice_still_makes_none() -> None:
    """Through the whole decision: the repair does not help the attacker."""
    with scene() as desk:
        for number, attack in enumerate(ATTACKS[::6]):
            put = question(attack.facts, SignalPolicy())
            asked = desk.analyst(Scripted(lambda _, said=attack.answer: said))  # type: ignore[misc]
            signal = judge(asked.ask(replace(put, run=f"run-{number}")), put)
            assert signal.action is Action.ABSTAIN or attack.decides == "V20", attack.family
