"""A past decision with another prompt: what would be sent, and what would be answered. Nothing is traded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from glassdesk.kernel.errors import InvalidInput, NotFound
from glassdesk.kernel.unit_of_work import Transaction, Transactions
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.lineage.ports import ArtifactStore
from glassdesk.workflow.prompts import diff, tokens
from glassdesk.workflow.prompts.model import PromptTest, PromptVersion, Rendered
from glassdesk.workflow.prompts.service import Prompts
from glassdesk.workflow.runs import prompting
from glassdesk.workflow.runs.asking import question_of
from glassdesk.workflow.runs.model import Run
from glassdesk.workflow.runs.outputs import Asked, Story
from glassdesk.workflow.runs.prompting import Chosen
from glassdesk.workflow.runs.service import Runs
from glassdesk.workflow.runs.wording import context_of, earlier_signals
from glassdesk.workflow.signals.calls import REPLAY
from glassdesk.workflow.signals.case import ABSTAIN, REJECT
from glassdesk.workflow.signals.model import Question, RawAnswer, Signal
from glassdesk.workflow.signals.ports import Analyst
from glassdesk.workflow.signals.prices import Prices, load_prices
from glassdesk.workflow.signals.repair import advice
from glassdesk.workflow.signals.rules.analyst import ENGINE as RULES
from glassdesk.workflow.signals.service import Signals
from glassdesk.workflow.signals.wording import clean
from glassdesk.workflow.strategies.model import StrategyRow
from glassdesk.workflow.strategies.service import Strategies

ANSWER_TOKENS = 600
"""Of an answer, where a cost is told before there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a model would be sent for a past decision."""

    run: str
    symbol: str
    slot: str
    rendered: Rendered
    images: tuple[str, ...]
    """PNG artifacts, in the order the prompt speaks of them."""
    tokens: int
    """Of the text; an estimate on the high side."""
    costs: tuple[Cost, ...]
    """With each model that the price table knows."""
    changes: str
    """Against what was sent at the time, as a unified diff; empty where it is the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one question costs with a model of the price table."""

    model: str
    """As the table names it: `engine:model`."""
    input_tokens: int
    """Text, estimated, and pictures."""
    dollars: Decimal
    """With an answer of `ANSWER_TOKENS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One prompt's answer to a decision, and the signal it is judged to be."""

    prompt: str
    answer: RawAnswer
    signal: Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The answer of the time beside the one asked for now."""

    run: str
    preview: Preview
    then: Side
    now: Side
    answer_sha256: str
    """Artifact of the new answer, word for word."""
    problem: str
    """Why the answer cannot be used: a version that fails so does not go live."""
    advice: tuple[str, ...]
    """What may help; empty where it can be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    run: Run
    row: StrategyRow
    story: Story
    asked: Asked
    chosen: Chosen
    context: dict[str, object]
    now: datetime

    @property
    def shown(self) -> int:
        """Which of the texts of the time stands in the place of the one that is looked at."""
        same = len(self.chosen.prompts) == len(self.asked.readings) + 1
        return self.chosen.shown if same else -1


class Replays:
    """Reads runs; writes nothing but an audit row for each model that was asked."""

    def __init__(
        self,
        transactions: Transactions,
        runs: Runs,
        strategies: Strategies,
        prompts: Prompts,
        signals: Signals,
        artifacts: ArtifactStore,
        audit: Audit,
        analyst: Callable[[str], Analyst],
        prices: Callable[[], Prices] = load_prices,
    ) -> None:
        self._transactions = transactions
        self._runs = runs
        self._strategies = strategies
        self._prompts = prompts
        self._signals = signals
        self._artifacts = artifacts
        self._audit = audit
        self._analyst = analyst
        self._prices = prices

    def preview(self, run: str, version: PromptVersion | None = None) -> Preview:
        """A version on a run's values, else the one its strategy would use now. Raises `NotFound` where the
        run did not get as far as its question, `InvalidInput` where the prompt cannot be rendered."""
        with self._transactions.read() as t:
            past = self._past(t, run, version)
        return self._preview(past)

    def replay(self, run: str, version: PromptVersion | None, actor: str) -> Replay:
        """Ask the model once more with a version, about the same pictures and numbers.

        Opens transactions of its own: the model is asked outside of them. Raises as `preview`, and `NotFound`
        without an answer to compare with.
        """
        with self._transactions.read() as t:
            past = self._past(t, run, version)
        story = past.story
        if story.answer is None or story.signal is None:
            raise NotFound("the run has no answer to compare with", where="run", remedy="preview it instead")
        preview = self._rendered(past, version, actor)
        question = self._question(past)
        raw = self._analyst(past.row.strategy.analyst).ask(question)
        kept = self._artifacts.put(raw.text.encode())
        signal = replace(self._signals.judge(raw, question), run="")
        problem = _problem(raw, signal)
        self._note(past, preview.rendered, raw, signal, kept, actor)
        self._keep_test(past, preview.rendered, raw, problem, kept, actor)
        return Replay(
            run=past.run.run,
            preview=preview,
            then=Side(prompt=_name(past.asked.rendered), answer=story.answer, signal=story.signal),
            now=Side(prompt=_name(preview.rendered), answer=raw, signal=signal),
            answer_sha256=kept,
            problem=problem,
            advice=advice(signal, raw.failure) if problem else (),
        )

    def _rendered(self, past: _Past, version: PromptVersion | None, actor: str) -> Preview:
        """The preview; a version that cannot be rendered on a real decision has failed its test."""
        try:
            return self._preview(past)
        except InvalidInput as failure:
            if version is not None:
                test = _test(past, version.name, version.number, str(failure), actor)
                with self._transactions.begin() as t:
                    self._prompts.keep_test(t, test)
            raise

    def _keep_test(
        self, past: _Past, rendered: Rendered, raw: RawAnswer, problem: str, kept: str, actor: str
    ) -> None:
        """The rules read no prompt: what they answer is no test of one."""
        if raw.engine != RULES:
            made = _test(past, rendered.name, rendered.number, problem, actor)
            test = replace(made, engine=raw.engine, model=raw.model, answer=kept)
            with self._transactions.begin() as t:
                self._prompts.keep_test(t, test)

    def _past(self, t: Transaction, identity: str, version: PromptVersion | None) -> _Past:
        run = self._runs.run(t, identity)
        story = self._runs.story(t, run.run)
        if story.question is None:
            problem = f"the run asked nothing: {run.reason or run.state.value}"
            raise NotFound(problem, where="run", remedy="choose one that got as far as its question")
        row = self._strategies.get(t, run.strategy, run.version)
        chosen = self._chosen(t, row, story, version)
        facts, earlier = story.question.facts, earlier_signals(self._signals, t, run)
        in_steps = len(chosen.prompts) > 1
        return _Past(
            run=run,
            row=row,
            story=story,
            asked=story.question,
            chosen=chosen,
            context=context_of(run, row.strategy, story, facts, earlier, in_steps=in_steps),
            now=self._prompts.now(),
        )

    def _chosen(
        self, t: Transaction, row: StrategyRow, story: Story, version: PromptVersion | None
    ) -> Chosen:
        usual = prompting.choose(self._prompts, t, row.strategy, story)
        return usual if version is None else prompting.instead(self._prompts, t, usual, version)

    def _preview(self, past: _Past) -> Preview:
        rendered = self._prompts.render(past.chosen.prompts[past.chosen.shown], past.context)
        then = (*past.asked.readings, past.asked.rendered)[past.shown]
        images = _pictures(past)
        length = tokens.estimate(rendered.system) + tokens.estimate(rendered.user)
        return Preview(
            run=past.run.run,
            symbol=past.run.symbol,
            slot=past.run.slot.isoformat(),
            rendered=rendered,
            images=images,
            tokens=length,
            costs=tuple(costs(self._prices(), length, len(images))),
            changes=diff.compare_rendered(then, rendered),
        )

    def _question(self, past: _Past) -> Question:
        *readings, rendered = prompting.render(self._prompts, past.chosen, past.context)
        asked = replace(past.asked, rendered=rendered, readings=tuple(readings))
        story = replace(past.story, question=asked)
        asked_then = question_of(self._artifacts, past.run, past.row.strategy, story)
        # Its calls are rows of their own, and paid by the desk: the strategy did not ask.
        return replace(asked_then, run=f"{REPLAY}{past.run.run}", strategy="")

    def _note(
        self, past: _Past, rendered: Rendered, raw: RawAnswer, signal: Signal, kept: str, actor: str
    ) -> None:
        told = {
            "prompt": _name(rendered),
            "prompt_sha256": rendered.prompt_sha256,
            "engine": raw.engine,
            "model": raw.model,
            "input_tokens": raw.input_tokens,
            "output_tokens": raw.output_tokens,
            "cost": raw.cost,
            "action": signal.action,
            "answer": kept,
        }
        with self._transactions.begin() as t:
            self._audit.append(
                t, actor, "run.replay", f"run:{past.run.run}", told, before=past.story.answer, after=raw
            )


def costs(prices: Prices, text: int, pictures: int) -> Iterator[Cost]:
    """What a question of so many tokens of text and so many pictures costs, with every model of the table."""
    for model, price in prices.models.items():
        read = text + pictures * price.image_tokens
        dollars = (read * price.input + ANSWER_TOKENS * price.output) / Decimal(1_000_000)
        yield Cost(model=model, input_tokens=read, dollars=dollars)


_OF_THE_STRATEGY = ("V11", "V12", "V14", "V16", "V19")
"""Rules that a good answer may fail: limits of the strategy, and the age of the bars."""


def _problem(raw: RawAnswer, signal: Signal) -> str:
    """Why the answer is none that a prompt may give."""
    if raw.failure or not signal.checks:
        return signal.reason
    failed = (one for one in signal.checks if one.effect in (ABSTAIN, REJECT))
    told = [f"{one.rule} {one.detail}" for one in failed if one.rule not in _OF_THE_STRATEGY]
    return clean("; ".join(told), 240)


def _test(past: _Past, name: str, number: int, problem: str, actor: str) -> PromptTest:
    return PromptTest(
        name=name,
        number=number,
        test=0,
        run=past.run.run,
        engine="",
        model="",
        problem=problem,
        answer="",
        actor=actor,
        at=past.now,
    )


def _pictures(past: _Past) -> tuple[str, ...]:
    """Those that go with the text that is looked at: in three steps one each, and none with the last."""
    at, texts = past.chosen.shown, len(past.chosen.prompts)
    images = past.asked.images
    return images if texts == 1 else () if at in (-1, texts - 1) else images[at : at + 1]


def _name(rendered: Rendered) -> str:
    return f"{rendered.name}@{rendered.number}"
