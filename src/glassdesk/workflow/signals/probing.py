"""What an endpoint can do, found by asking it once: does it see a picture, does it keep to the schema?"""

from __future__ import annotations

from decimal import Decimal

from glassdesk.kernel.canonical import digest
from glassdesk.kernel.clock import Clock, Stopwatch
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.signals.answers import ANSWER_SCHEMA, parse
from glassdesk.workflow.signals.calls import CallOutcome, Capability, ModelCall, Prompt, Reply
from glassdesk.workflow.signals.governor import Governor
from glassdesk.workflow.signals.ports import Model
from glassdesk.workflow.signals.prices import Prices, tokens_at_most
from glassdesk.workflow.signals.wording import clean

PROBES = "probe"
"""Where a run's identity stands in the calls of a probe."""

SECONDS = 60.0

SYSTEM = (
    "This is a test of the connection. The picture shows a chart; in its upper right corner four characters "
    "are printed in a box."
)
USER = (
    "Symbol: PROBE\nTimeframe: 1d\nLast bar: 2020-01-31\nLast close: 100\nBars: 40\n\n"
    "Do not answer in JSON: write the word HELLO and then the four characters you see in the box. Where you "
    "can answer in JSON only, the four characters are echo.chart_code and the action is ABSTAIN."
)
"""Asks for plain words: who answers in the schema's form all the same is held to it by the server."""


class Prober:
    """Asks endpoints, within the budgets, and keeps what was found."""

    def __init__(self, governor: Governor, prices: Prices, clock: Clock, stopwatch: Stopwatch) -> None:
        self._governor = governor
        self._prices = prices
        self._clock = clock
        self._stopwatch = stopwatch

    def probe(self, model: Model, png: bytes, code: str) -> Capability:
        """Ask once with a picture that holds `code`; keep and answer what was found. Never raises for a
        model's fault."""
        prompt = Prompt(
            system=SYSTEM, user=USER, images=(png,), max_output=self._governor.allowance.max_output
        )
        call, refusal = self._governor.reserve(self._planned(model, prompt))
        began = self._stopwatch.seconds()
        reply = Reply(failure=refusal) if refusal else model.ask(prompt, SECONDS)
        latency = round((self._stopwatch.seconds() - began) * 1000)
        found = self._found(model, reply, code, latency)
        if not refusal:
            self._governor.settle(self._outcome(model, call, reply, found))
        self._governor.keep(found)
        return found

    def _planned(self, model: Model, prompt: Prompt) -> ModelCall:
        return ModelCall(
            call=PROBES,
            run=PROBES,
            strategy="",
            endpoint=model.endpoint,
            step="probe",
            attempt=1,
            key=digest({"endpoint": model.endpoint, "prompt": prompt.sha256, "probe": True}),
            system=prompt.system,
            user=prompt.user,
            images=prompt.image_hashes,
            reserved=self._prices.at_most(model.engine, model.model, prompt) or Decimal(0),
            reserved_tokens=tokens_at_most(prompt),
            at=self._clock.now(),
            schema=digest(ANSWER_SCHEMA),
            parameters=model.parameters,
        )

    def _found(self, model: Model, reply: Reply, code: str, latency: int) -> Capability:
        try:
            parse(reply.text)
            schema = True
        except InvalidInput:
            schema = False
        return Capability(
            endpoint=model.endpoint,
            at=self._clock.now(),
            sees=not reply.failure and code in reply.text.upper(),
            schema=schema and not reply.failure,
            model=reply.model,
            latency_ms=latency,
            detail=clean(reply.text, 120),
            failure=clean(reply.failure, 240),
        )

    def _outcome(self, model: Model, call: ModelCall, reply: Reply, found: Capability) -> CallOutcome:
        cost = self._prices.cost(model.engine, model.model, reply.usage) if reply.billed else Decimal(0)
        seen = "sees pictures" if found.sees else "sees no picture"
        return CallOutcome(
            call=call.call,
            endpoint=call.endpoint,
            text=reply.text,
            model=reply.model,
            usage=reply.usage,
            finish=reply.finish,
            failure=reply.failure,
            cost=cost,
            prices=self._prices.version,
            waited_ms=0,
            latency_ms=found.latency_ms,
            at=found.at,
            verdict=f"{seen}, {'keeps to the schema' if found.schema else 'keeps to no schema'}",
        )
