"""The corpus of hostile answers: no invalid order, no crash, each is decided by what it is about."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from glassdesk.kernel.canonical import canonical_text
from glassdesk.workflow.signals.breaker import Breaker
from glassdesk.workflow.signals.calls import Prompt, Reply
from glassdesk.workflow.signals.case import FLAG
from glassdesk.workflow.signals.governor import Allowance
from glassdesk.workflow.signals.model import Action, Question, Signal, SignalPolicy
from glassdesk.workflow.signals.service import judge
from glassdesk.workflow.signals.validation import outcome
from tests.workflow.signals.cases import question, raw
from tests.workflow.signals.desks import Named, Scene, scene, well
from tests.workflow.signals.hostile import UNREADABLE, Entry, by_rule, sound, truths, unreadable

LEAST = 20
ENTRIES = [*by_rule(), *unreadable()]


def decided_by(signal: Signal, said: Action) -> str:
    """The gravest rule that did not pass, else the first that was flagged; `unreadable` without any."""
    if not signal.checks:
        return UNREADABLE
    stopped = outcome(said, signal.checks)[1]
    flagged = [check.rule for check in signal.checks if check.effect == FLAG and check.rule != "V11"]
    return stopped.rule if stopped is not None else next(iter(flagged), "nothing")


def judged(entry: Entry) -> Signal:
    return judge(raw(entry.text), question(entry.facts, entry.policy))


def said_by(entry: Entry) -> Action:
    return Action.HOLD if entry.decides == "V07" else Action.BUY


def invalid_order(signal: Signal, entry: Entry) -> str:
    """Why a signal that would become an order must not; empty for one that may."""
    if signal.action not in (Action.BUY, Action.SELL):
        return ""
    if entry.decides not in ("V20",):
        return f"{entry.decides} lets it pass"
    levels = (signal.stop, signal.entry_high, signal.target)
    if any(level is None or level <= 0 for level in levels) or list(levels) != sorted(levels):  # type: ignore[type-var]
        return f"prices out of order {levels}"
    return "" if signal.symbol == entry.facts.symbol else "another instrument"


def test_every_hostile_answer_is_decided_by_what_it_is_about_and_none_is_an_invalid_order() -> None:
    """≥ 2,000 answers, ≥ 20 for each rule; the counts are printed."""
    counted: Counter[str] = Counter()
    wrong: list[str] = []
    for entry in ENTRIES:
        signal = judged(entry)
        canonical_text(signal)
        by = decided_by(signal, said_by(entry))
        counted[by] += 1
        if by != entry.decides:
            wrong.append(f"{entry.name}: {by} instead of {entry.decides}: {signal.reason}")
        if bad := invalid_order(signal, entry):
            wrong.append(f"{entry.name}: an order though {bad}")
    sys.stdout.write(f"{len(ENTRIES)} answers: {dict(sorted(counted.items()))}\n")
    assert wrong == []
    assert len({entry.text for entry in ENTRIES}) >= 2_000
    assert all(counted[f"V{number:02}"] >= LEAST for number in range(1, 21))


def test_what_the_corpus_changes_is_all_that_is_wrong() -> None:
    """Without the change each of its answers is a sound BUY: the corpus proves something."""
    for facts in truths():
        signal = judge(raw(json.dumps(sound(facts))), question(facts, SignalPolicy()))
        assert signal.action is Action.BUY, signal.reason
        assert decided_by(signal, Action.BUY) == "nothing"


def test_words_that_do_not_belong_are_stripped_from_what_is_kept() -> None:
    for entry in ENTRIES:
        if entry.decides == "V20":
            kept = judged(entry).rationale
            assert not any(word in kept for word in ("http", "www.", "Ignore all", "<system>"))


def failing(reply: Reply) -> Named:
    return Named(lambda _: reply)


FAILURES: dict[str, Reply] = {
    "timeout": Reply(failure="no answer within 60 s", again=True),
    "429": Reply(failure="HTTP 429", again=True, after=1.0, billed=False),
    "5xx": Reply(failure="HTTP 503", again=True, billed=False),
    "4xx": Reply(failure="HTTP 401", billed=False),
    "connection": Reply(failure="the connection failed: ConnectError"),
    "refusal": Reply(failure="the model refused: no advice"),
    "truncation": Reply(text="{", failure="the answer was cut off"),
    "empty": Reply(failure="the answer is empty"),
    "content type": Reply(failure="HTTP 200 with text/html, not JSON"),
    "not recorded": Reply(failure="no answer was recorded for the prompt abc"),
}


def asked(number: int) -> Question:
    facts = truths()[number % len(truths())]
    return replace(question(facts), run=f"run-{number}", images=(b"png",), strategy="s")


@pytest.mark.parametrize(("name", "reply"), FAILURES.items(), ids=FAILURES.keys())
def test_each_failure_of_a_model_ends_in_no_order_and_says_why(name: str, reply: Reply) -> None:
    with scene(Allowance(breaker=Breaker(failures=10_000))) as desk:
        for number in range(LEAST):
            put = asked(number)
            signal = judge(desk.analyst(failing(reply)).ask(put), put)
            assert (signal.action, signal.entry_high) == (Action.ABSTAIN, None)
            assert signal.reason.startswith(f"no answer: {reply.failure[:40]}"), name


def late(desk: Scene) -> Named:
    def answer(_: Prompt) -> Reply:
        desk.clock.advance(timedelta(minutes=5))
        return well()

    return Named(answer)


def test_each_refusal_of_the_governor_ends_in_no_order_and_says_why() -> None:
    cases = {
        "budget of the day": Allowance(per_day=Decimal(0)),
        "budget of the month": Allowance(per_month=Decimal(0)),
        "budget of s": Allowance(strategy_per_day=Decimal(0)),
        "calls of the day": Allowance(calls_per_day=0),
        "a call may cost": Allowance(per_call=Decimal(0)),
        "not asked until": Allowance(breaker=Breaker(failures=1)),
    }
    for told, allowance in cases.items():
        with scene(allowance) as desk:
            model = failing(Reply(failure="HTTP 401"))
            if "until" in told:
                desk.analyst(model).ask(asked(10_000))
            for number in range(LEAST):
                put = asked(number)
                signal = judge(desk.analyst(model).ask(put), put)
                assert signal.action is Action.ABSTAIN
                assert told in signal.reason, signal.reason
            assert len(model.asked) == ("until" in told)


def test_what_comes_late_without_price_or_after_its_time_ends_in_no_order() -> None:
    with scene() as desk:
        for number in range(LEAST):
            put = replace(asked(number), deadline=desk.clock.now())
            assert "after the slot's deadline" in judge(desk.analyst(late(desk)).ask(put), put).reason
            put = asked(100 + number)
            unpriced = desk.analyst(Named(lambda _: well(), "google"))
            assert "no price is known" in judge(unpriced.ask(put), put).reason
            put = asked(200 + number)
            slow = Named(
                lambda _: Reply(failure="no answer within 60 s", again=True), watch=desk.watch, takes=60
            )
            spent = judge(desk.analyst(slow, slow).ask(put), put)
            assert "105 s of the decision are used up" in spent.reason
            desk.clock.advance(timedelta(minutes=5))
