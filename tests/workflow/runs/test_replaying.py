"""Past decisions with other prompts; and labels that the next run, and the run after a rollback, obey."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from glassdesk.kernel.errors import Conflict, InvalidInput, NotFound
from glassdesk.workflow.prompts.model import Kind, PromptRef, PromptVersion
from glassdesk.workflow.runs.asking import question_of
from glassdesk.workflow.runs.replaying import Replays
from glassdesk.workflow.signals.flow import PLACES, steps_of
from glassdesk.workflow.signals.model import Action, Question, RawAnswer
from glassdesk.workflow.signals.ports import Analyst
from glassdesk.workflow.signals.rules.analyst import RulesAnalyst
from tests.workflow.runs.harness import SLOT, Harness, harness

BODY = "{{ symbol }} closed at {{ close }} in a {{ trend }} market.\n"


@pytest.fixture
def h(tmp_path: Path) -> Iterator[Harness]:
    with harness(tmp_path) as made:
        yield made


def decided(h: Harness, symbol: str = "UP") -> str:
    h.strategy("trend", symbol)
    [run] = h.due()
    h.execute(run)
    return run


def revised(h: Harness, body: str = BODY) -> PromptVersion:
    with h.desk.transactions.begin() as t:
        system = h.desk.prompts.versions(t, "chart-analyst")[-1].system
        return h.desk.prompts.revise(t, "chart-analyst", system, body, "shorter", "ada")


class Model:
    """A model that says what it was asked, and never a usable answer."""

    engine = "stand-in"

    def __init__(self) -> None:
        self.asked: list[Question] = []

    def ask(self, question: Question) -> RawAnswer:
        self.asked.append(question)
        return RawAnswer(text="do not buy", engine=self.engine, model="m-1", input_tokens=7, output_tokens=3)


def replays_with(h: Harness, model: Analyst) -> Replays:
    desk = h.desk
    return Replays(
        desk.transactions, desk.runs, desk.strategies, desk.prompts, desk.signals, desk.artifacts,
        desk.audit, lambda _: model,
    )  # fmt: skip


def test_a_preview_is_what_was_sent_where_nothing_changed(h: Harness) -> None:
    """R-42, R-65: on a real run's values, with its pictures."""
    run = decided(h)
    told = h.desk.replays.preview(run)
    with h.desk.transactions.read() as t:
        asked = h.desk.runs.story(t, run).question
    assert asked is not None
    assert (told.rendered, told.images, told.changes) == (asked.rendered, asked.images, "")
    assert [h.desk.artifacts.get(sha256)[1:4] for sha256 in told.images] == [b"PNG"]
    assert 500 < told.tokens <= 2_600
    nano = next(one for one in told.costs if one.model == "openai:gpt-5.4-nano")
    assert nano.input_tokens == told.tokens + 922
    assert nano.dollars == (nano.input_tokens * Decimal("0.2") + 600 * Decimal("1.25")) / 1_000_000


def test_a_preview_of_another_version_shows_what_would_change(h: Harness) -> None:
    run, made = decided(h), revised(h)
    told = h.desk.replays.preview(run[:8], made)
    assert told.rendered.user == "UP closed at 268.0 in a N/A market."
    assert "+UP closed at 268.0 in a N/A market." in told.changes
    assert "-Symbol: UP" in told.changes
    assert "chart-analyst@2 user" in told.changes


def test_a_run_that_asked_nothing_has_no_preview(h: Harness) -> None:
    h.broker.bars.clear()
    run = decided(h)
    with pytest.raises(NotFound, match="the run asked nothing"):
        h.desk.replays.preview(run)


def test_a_replay_asks_about_the_same_pictures_and_trades_nothing(h: Harness) -> None:
    """R-38: test run; X-2: text that says buy somewhere is no answer."""
    run, made, model = decided(h), revised(h), Model()
    with h.desk.transactions.read() as t:
        before = h.desk.orders.orders(t), h.desk.lineage.graph(t, f"signal:{run}").nodes
    told = replays_with(h, model).replay(run, made, "ada")
    [question] = model.asked
    assert question.user == "UP closed at 268.0 in a N/A market."
    assert question.images == tuple(h.desk.artifacts.get(one) for one in told.preview.images)
    assert (told.then.prompt, told.then.signal.action) == ("chart-analyst@1", Action.BUY)
    assert (told.now.prompt, told.now.signal.action) == ("chart-analyst@2", Action.ABSTAIN)
    assert h.desk.artifacts.get(told.answer_sha256) == b"do not buy"
    with h.desk.transactions.read() as t:
        assert (h.desk.orders.orders(t), h.desk.lineage.graph(t, f"signal:{run}").nodes) == before
        row = h.desk.audit.entries(t)[-1]
    assert (row.actor, row.kind, row.ref) == ("ada", "run.replay", f"run:{run}")
    body = json.loads(row.body)
    assert (body["prompt"], body["action"], body["input_tokens"]) == ("chart-analyst@2", "ABSTAIN", 7)


class Reader:
    """A model that reads its picture and answers as the rules would."""

    engine = "stand-in"

    def ask(self, question: Question) -> RawAnswer:
        return replace(RulesAnalyst().ask(question), engine=self.engine, model="m-2")


def test_a_version_that_failed_its_test_is_kept_from_live_until_it_passes_one(h: Harness) -> None:
    """R-38, R-66: what was sent, why it failed and what may help are told; the newest test counts."""
    run, made = decided(h), revised(h)
    failed = replays_with(h, Model()).replay(run, made, "ada")
    assert "it is no JSON object" in failed.problem
    assert failed.advice == ("ask for one JSON object and nothing else, and name every field of the answer",)
    assert failed.preview.rendered.user == "UP closed at 268.0 in a N/A market."
    with h.desk.transactions.begin() as t:
        kept = h.desk.prompts.last_test(t, "chart-analyst", 2)
        with pytest.raises(Conflict, match=r"chart-analyst@2 failed its last test, on run .*no JSON object"):
            h.desk.prompts.label(t, "chart-analyst", "live", 2, "ada", reason="untested, because I say so")
    assert kept is not None
    assert (kept.test, kept.run, kept.model, kept.answer) == (1, run, "m-1", failed.answer_sha256)
    passed = replays_with(h, Reader()).replay(run, made, "ada")
    assert (passed.problem, passed.advice) == ("", ())
    with h.desk.transactions.begin() as t:
        h.desk.prompts.label(t, "chart-analyst", "live", 2, "ada")
        assert h.desk.prompts.labels(t, "chart-analyst")["live"] == 2
    unfit = revised(h, "{{ indicators.sma_77 }}")
    with pytest.raises(InvalidInput, match="sma_77"):
        h.desk.replays.replay(run, unfit, "ada")
    with h.desk.transactions.read() as t:
        assert "sma_77" in h.desk.prompts.tests(t, "chart-analyst")[3].problem


def test_a_replay_with_the_rules_says_the_same_again(h: Harness) -> None:
    run = decided(h)
    told = h.desk.replays.replay(run, None, "ada")
    assert told.now == told.then


def test_a_prompt_that_cannot_be_rendered_on_a_run_says_so(h: Harness) -> None:
    run = decided(h)
    made = revised(h, "{{ indicators.sma_77 }}")
    with pytest.raises(InvalidInput, match="sma_77"):
        h.desk.replays.preview(run, made)


def prompt_of(h: Harness, run: str) -> tuple[str, str]:
    """The prompt's node in the run's lineage, and the reason."""
    with h.desk.transactions.read() as t:
        graph = h.desk.lineage.graph(t, f"signal:{run}")
        asked = h.desk.runs.story(t, run).question
    assert asked is not None
    [node] = [node.entity for node in graph.nodes if node.kind == "prompt"]
    return node, asked.rendered.reason


def test_X_13_the_next_run_uses_what_the_label_says_and_the_run_after_a_rollback_what_it_said(
    h: Harness,
) -> None:
    """X-13, R-06, R-53: editing and labelling a prompt changes the next decision, visibly."""
    h.strategy("trend", "DOWN")
    revised(h)
    seen = []
    for day, act in enumerate(("none", "label", "scope", "rollback")):
        with h.desk.transactions.begin() as t:
            if act == "label":
                h.desk.prompts.label(t, "chart-analyst", "live", 2, "ada")
            elif act == "scope":
                h.desk.prompts.label(t, "chart-analyst", "live", 1, "ada", scope="strategy:trend")
            elif act == "rollback":
                h.desk.prompts.rollback(t, "chart-analyst", "live", "ada", scope="strategy:trend")
        [run] = h.tick_at(SLOT + timedelta(days=day))
        h.execute(run)
        seen.append(prompt_of(h, run))
    assert seen == [
        ("chart-analyst@1", "label live"),
        ("chart-analyst@2", "label live"),
        ("chart-analyst@1", "label live of strategy trend"),
        ("chart-analyst@2", "label live"),
    ]


def test_three_steps_ask_prompts_of_their_kinds_and_the_lineage_names_each_version(h: Harness) -> None:
    """R-13, R-81, R-111: the words of the steps are prompts like any other, a strategy may have its own."""
    h.strategy("trend", "UP", weekly="true")
    with h.desk.transactions.begin() as t:
        plain = h.desk.strategies.get(t, "trend").strategy
        policy = replace(plain.policy, flow="three_steps")
        h.desk.strategies.create(t, replace(plain, policy=policy), author="ada")
        system = h.desk.prompts.versions(t, "chart-weekly")[-1]
        own = h.desk.prompts.revise(t, "chart-weekly", "", f"Mine. {system.body}", "mine", "ada")
        h.desk.prompts.label(t, "chart-weekly", "live", 2, "ada", scope="strategy:trend")
        assert h.desk.strategies.followers(t, "chart-daily") == ["trend"]
    [run] = h.due()
    h.execute(run)
    with h.desk.transactions.read() as t:
        graph = h.desk.lineage.graph(t, f"signal:{run}")
        story = h.desk.runs.story(t, run)
    prompts = {node.entity for node in graph.nodes if node.kind == "prompt"}
    assert prompts == {"chart-daily@1", "chart-weekly@2", "chart-consolidation@1", "chart-system@1"}
    asked = story.question
    assert asked is not None
    names = [(one.name, one.number, one.system_name) for one in (*asked.readings, asked.rendered)]
    assert names == [
        ("chart-daily", 1, "chart-system"),
        ("chart-weekly", 2, "chart-system"),
        ("chart-consolidation", 1, "chart-system"),
    ]
    question = question_of(h.desk.artifacts, h.run(run), plain, story)
    said = {name: name.upper() for name in PLACES}
    first, second, last = (step.prompt(said) for step in steps_of(question, 4_000))
    assert [len(one.images) for one in (first, second, last)] == [1, 1, 0]
    assert second.user.startswith("Mine. ")
    assert "```json\nDAILY\n```" in last.user
    assert "```json\nWEEKLY\n```" in last.user
    seen = h.desk.replays.preview(run, own)
    assert (seen.rendered, seen.images, seen.changes) == (
        replace(asked.readings[1], reason="explicit"),
        asked.images[1:],
        "",
    )
    model = Model()
    replays_with(h, model).replay(run, own, "ada")
    assert [one.name for one in model.asked[0].readings] == ["daily", "weekly"]


def test_a_prompt_may_read_the_signals_before_it_and_they_are_in_its_lineage(h: Harness) -> None:
    """R-25."""
    h.strategy("trend", "DOWN")
    revised(h, "{% for one in previous_analyses %}{{ one.date }} {{ one.signal }};{% endfor %}")
    with h.desk.transactions.begin() as t:
        h.desk.prompts.label(t, "chart-analyst", "live", 2, "ada")
    runs = []
    for day in range(3):
        [run] = h.tick_at(SLOT + timedelta(days=day))
        h.execute(run)
        runs.append(run)
    with h.desk.transactions.read() as t:
        asked = h.desk.runs.story(t, runs[2]).question
        parents = {node.node for node in h.desk.lineage.graph(t, f"question:{runs[2]}").nodes}
    assert asked is not None
    assert asked.rendered.user == "2012-10-01 HOLD;2012-09-28 HOLD;"
    assert {f"signal:{run}" for run in runs[:2]} <= parents
    assert h.desk.replays.preview(runs[2]).changes == ""


def test_a_strategy_is_not_kept_with_a_prompt_that_asks_nothing_or_was_put_away(h: Harness) -> None:
    h.strategy("trend", "UP")
    with h.desk.transactions.begin() as t:
        h.desk.prompts.create(t, "sys", "en", "Answer in JSON.", "", "", "ada", kind=Kind.SYSTEM)
        h.desk.prompts.label(t, "sys", "live", 1, "ada")
        h.desk.prompts.clone(t, "chart-analyst", 1, "old", "ada")
        h.desk.prompts.label(t, "old", "live", 1, "ada")
        h.desk.prompts.archive(t, "old", "ada")
        mine = h.desk.strategies.get(t, "trend").strategy
    for name, told in (("sys", "sys is a system part only"), ("old", "old is archived")):
        other = replace(mine, name="other", prompt=PromptRef(name=name))
        with pytest.raises(InvalidInput, match=told), h.desk.transactions.begin() as t:
            h.desk.strategies.create(t, other, author="ada")
