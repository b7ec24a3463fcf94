"""A model's decision from first call to last: steps, a second attempt, one repair, the chain's next model.

All calls of a decision share one time budget (`design.md` §5): 60 s for a first attempt, 45 s for its one
retry, 105 s in all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from glassdesk.kernel.canonical import digest
from glassdesk.kernel.clock import Clock, Stopwatch, format_instant
from glassdesk.kernel.work import Kind, doing
from glassdesk.workflow.signals.answers import ANSWER_SCHEMA
from glassdesk.workflow.signals.calls import CallOutcome, ModelCall, Prompt, Reply
from glassdesk.workflow.signals.flow import steps_of
from glassdesk.workflow.signals.governor import BUSY, Governor
from glassdesk.workflow.signals.model import Action, Question, RawAnswer, Signal
from glassdesk.workflow.signals.ports import Analyst, Model
from glassdesk.workflow.signals.prices import Prices, tokens_at_most
from glassdesk.workflow.signals.repair import again, repairable
from glassdesk.workflow.signals.service import judge

FIRST, RETRY, IN_ALL = 60.0, 45.0, 105.0
"""Seconds of machine time."""

HOSTED = ("openai", "anthropic", "google")
"""Engines that cost money: without a price one is not asked."""

_LOOKS_AGAIN = 0.1
"""Seconds between two looks whether a provider's line has become free."""

_LEAST = 1.0
"""A call that has less time left is not sent."""

_SCHEMA = digest(ANSWER_SCHEMA)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Seconds of machine time for a first attempt, its retry, and a whole decision."""

    first: float = FIRST
    retry: float = RETRY
    in_all: float = IN_ALL
    pause: float = 0.5
    """At least so long before a retry; up to three times as long."""


@dataclass(slots=True, kw_only=True)
class _Decision:
    """What one decision used so far."""

    question: Question
    began: float
    calls: int = 0
    rejected: str = ""
    used: list[CallOutcome] = field(default_factory=list)


class ModelAnalyst:
    """The `Analyst` port over a chain of models. Never raises for a model's fault."""

    def __init__(
        self,
        models: Sequence[Model],
        governor: Governor,
        prices: Prices,
        clock: Clock,
        stopwatch: Stopwatch,
        *,
        last: Analyst | None = None,
        times: Times | None = None,
    ) -> None:
        self.engine = models[0].engine
        self._models = tuple(models)
        self._governor = governor
        self._prices = prices
        self._clock = clock
        self._stopwatch = stopwatch
        self._last = last
        self._times = times or Times()

    def ask(self, question: Question) -> RawAnswer:
        """The first model's answer that can be used, else the next one's; an answer that the rules void is
        one: another model is asked only where there is none. Then the rules analyst where it was declared."""
        decision = _Decision(question=question, began=self._stopwatch.seconds())
        answer = RawAnswer(text="", engine=self.engine, model="", attempts=0, failure="no model")
        for model in self._models:
            answer = self._asked(model, decision)
            if not answer.failure:
                return answer
        if self._last is None or answer.text:
            return answer
        instead = self._last.ask(question)
        return replace(
            instead,
            input_tokens=answer.input_tokens,
            output_tokens=answer.output_tokens,
            cost=answer.cost,
            attempts=answer.attempts + instead.attempts,
        )

    def _asked(self, model: Model, decision: _Decision) -> RawAnswer:
        said: dict[str, str] = {}
        reply, prompt, name = Reply(failure="nothing was asked"), None, ""
        for step in steps_of(decision.question, self._governor.allowance.max_output):
            name, prompt = step.name, step.prompt(said)
            reply = self._call(model, prompt, name, decision)
            if reply.failure:
                return self._raw(model, reply, decision)
            said[name] = reply.text
        if prompt is not None:
            reply = self._repaired(model, prompt, reply, decision)
        return self._raw(model, self._in_time(reply, decision.question), decision)

    def _repaired(self, model: Model, prompt: Prompt, reply: Reply, decision: _Decision) -> Reply:
        """The answer, or the one to a second question where only its form was wrong. A repair that fails
        leaves the first answer: the rules void it."""
        signal = _judged(reply, decision.question)
        if signal.action is not Action.ABSTAIN or not repairable(signal):
            return reply
        second = self._call(model, again(prompt, reply.text, signal), "repair", decision)
        if second.failure:
            return reply
        decision.rejected = reply.text
        return second

    def _call(self, model: Model, prompt: Prompt, step: str, decision: _Decision) -> Reply:
        """One call and, where a second attempt may do better, that one too."""
        call = self._planned(model, prompt, step, decision.question)
        kept = self._governor.answered(decision.question.run, call.key)
        if kept is not None:
            decision.used.append(kept)
            return Reply(text=kept.text, model=kept.model, usage=kept.usage, finish=kept.finish)
        reply = self._attempt(model, prompt, call, self._times.first, decision)
        wait = _wait(reply, call.key, self._times.pause)
        if not reply.again or self._left(decision) < wait + _LEAST:
            return reply
        self._stopwatch.pause(wait)
        return self._attempt(model, prompt, replace(call, attempt=2), self._times.retry, decision)

    def _attempt(
        self, model: Model, prompt: Prompt, call: ModelCall, seconds: float, decision: _Decision
    ) -> Reply:
        began = self._stopwatch.seconds()
        refusal = self._unpriced(model)
        while not refusal and (left := min(began + seconds, self._ends(decision)) - self._now()) >= _LEAST:
            call, refusal = self._governor.reserve(call)
            if refusal != BUSY:
                return Reply(failure=refusal) if refusal else self._sent(model, prompt, call, began, decision)
            refusal = ""
            self._stopwatch.pause(min(_LOOKS_AGAIN, left))
        return Reply(failure=refusal or f"the {self._times.in_all:g} s of the decision are used up")

    def _sent(
        self, model: Model, prompt: Prompt, call: ModelCall, began: float, decision: _Decision
    ) -> Reply:
        """Send what is reserved, and settle."""
        sent = self._stopwatch.seconds()
        decision.calls += 1
        within = self._times.first if call.attempt == 1 else self._times.retry
        with doing(Kind.MODEL, model.endpoint, run=call.run, step=call.step) as work:
            reply = model.ask(prompt, max(_LEAST, min(within, self._left(decision))))
            work.result = "failed" if reply.failure else "ok"
        outcome = self._outcome(model, call, reply, decision.question, began, sent)
        self._governor.settle(outcome)
        decision.used.append(outcome)
        return reply

    def _unpriced(self, model: Model) -> str:
        if model.engine in HOSTED and self._prices.of(model.engine, model.model) is None:
            return f"no price is known for {model.endpoint}: name it in the price table"
        return ""

    def _planned(self, model: Model, prompt: Prompt, step: str, question: Question) -> ModelCall:
        return ModelCall(
            call=question.run,
            run=question.run,
            strategy=question.strategy,
            endpoint=model.endpoint,
            step=step,
            attempt=1,
            key=cache_key(model, prompt, question),
            system=prompt.system,
            user=prompt.user,
            images=prompt.image_hashes,
            reserved=self._prices.at_most(model.engine, model.model, prompt) or Decimal(0),
            reserved_tokens=tokens_at_most(prompt),
            at=self._clock.now(),
            schema=_SCHEMA,
            parameters=model.parameters,
        )

    def _outcome(
        self, model: Model, call: ModelCall, reply: Reply, question: Question, began: float, sent: float
    ) -> CallOutcome:
        final = call.step in ("combined", "consolidation", "repair")
        signal = _judged(reply, question) if final and not reply.failure else None
        now = self._clock.now()
        return CallOutcome(
            call=call.call,
            endpoint=call.endpoint,
            text=reply.text,
            model=reply.model,
            usage=reply.usage,
            finish=reply.finish,
            failure=reply.failure,
            cost=self._prices.cost(model.engine, model.model, reply.usage) if reply.billed else Decimal(0),
            prices=self._prices.version,
            waited_ms=round((sent - began) * 1000),
            latency_ms=round((self._stopwatch.seconds() - sent) * 1000),
            at=now,
            late=question.deadline is not None and now > question.deadline,
            verdict="" if signal is None else f"{signal.action}: {signal.reason}",
            checks=() if signal is None else signal.checks,
        )

    def _in_time(self, reply: Reply, question: Question) -> Reply:
        now, deadline = self._clock.now(), question.deadline
        if deadline is None or now <= deadline:
            return reply
        late = f"it came at {format_instant(now)}, after the slot's deadline {format_instant(deadline)}"
        return replace(reply, failure=late)

    def _raw(self, model: Model, reply: Reply, decision: _Decision) -> RawAnswer:
        used = decision.used
        return RawAnswer(
            text=reply.text,
            engine=model.engine,
            model=reply.model or model.model,
            input_tokens=_sum([one.usage.input_tokens for one in used]),
            output_tokens=_sum([one.usage.output_tokens for one in used]),
            cost=_total([one.cost for one in used]),
            attempts=len(used),
            failure=reply.failure,
            rejected=decision.rejected,
        )

    def _left(self, decision: _Decision) -> float:
        return self._ends(decision) - self._now()

    def _ends(self, decision: _Decision) -> float:
        return decision.began + self._times.in_all

    def _now(self) -> float:
        return self._stopwatch.seconds()


def cache_key(model: Model, prompt: Prompt, question: Question) -> str:
    """What an answer depends on (§4.6 of the signals sheet): who is asked, texts, pictures, data, schema and
    parameters. The endpoint's name holds provider, model and address."""
    return digest(
        {
            "endpoint": model.endpoint,
            "model": model.model,
            "prompt": prompt.sha256,
            "data": digest(question.facts),
            "schema": _SCHEMA,
            "parameters": [*model.parameters, ["max_output", str(prompt.max_output)]],
            "sample": 0,
        }
    )


def _judged(reply: Reply, question: Question) -> Signal:
    return judge(RawAnswer(text=reply.text, engine="", model=reply.model, failure=reply.failure), question)


def _wait(reply: Reply, key: str, pause: float) -> float:
    """Seconds before a retry: what the server asks for, at least a pause that differs from call to call."""
    spread = 1 + 2 * int(key[:4], 16) / 0xFFFF
    return max(pause * spread, reply.after or 0.0)


def _sum(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _total(costs: Sequence[Decimal | None]) -> Decimal | None:
    """The sum of what is known; `None` where a cost is not."""
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if len(known) == len(costs) else None
