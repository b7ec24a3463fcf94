"""Nouns of one call of a model: what is sent, what comes back, and what a desk keeps of both.

A decision may take several calls (steps, a repair, a second attempt, another model); each is a row before it
is sent and another one when it has ended, so that money is never spent unseen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from glassdesk.kernel.canonical import digest, sha256_hex
from glassdesk.workflow.signals.model import Check


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What one call sends, word for word."""

    system: str
    user: str
    images: tuple[bytes, ...] = ()
    """PNG, in the order the text speaks of them."""
    max_output: int = 4_000
    """Tokens that the model may write, reasoning included."""

    @property
    def sha256(self) -> str:
        """Identity of texts and pictures, whoever is asked."""
        return prompt_sha256(self.system, self.user, self.image_hashes)

    @property
    def image_hashes(self) -> tuple[str, ...]:
        """The pictures by their artifacts' names."""
        return tuple(sha256_hex(image) for image in self.images)


REPLAY = "replay:"
"""Begins the run of a call that asks a past decision again: the run's own calls stay as they were."""


def prompt_sha256(system: str, user: str, images: tuple[str, ...]) -> str:
    """Identity of texts and pictures, the pictures by their hashes."""
    return digest({"system": system, "user": user, "images": images})


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens as the provider counted them; `None` where it did not say."""

    input_tokens: int | None = None
    """All that were read, cached ones included."""
    output_tokens: int | None = None
    """All that were written, reasoning included."""
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What one call gave. `again` says that a second attempt may do better, `after` how many seconds the
    server asks to be left alone first."""

    text: str = ""
    model: str = ""
    """As the provider calls what answered: it may differ from what was asked for."""
    usage: Usage = field(default_factory=Usage)
    finish: str = ""
    failure: str = ""
    again: bool = False
    after: float | None = None
    billed: bool = True
    """False where the server took nothing on: what was reserved is free again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCall:
    """One call, written down before it is sent."""

    call: str
    """`RUN/NUMBER`, or `probe/ENDPOINT/NUMBER`."""
    run: str
    """The run, `replay:RUN` where a past decision is asked again; empty for a probe."""
    strategy: str
    endpoint: str
    """`openai:gpt-5.4-mini`: which model, behind which door."""
    step: str
    """`combined`, `daily`, `weekly`, `consolidation`, `repair`, `probe`."""
    attempt: int
    key: str
    """What is cached under (§4.6 of the signals sheet)."""
    system: str
    user: str
    images: tuple[str, ...]
    reserved: Decimal
    """US dollars that it may cost at most."""
    reserved_tokens: int
    at: datetime
    schema: str = ""
    """Hash of the schema that the provider enforces."""
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOutcome:
    """How a call ended."""

    call: str
    endpoint: str
    text: str
    model: str
    usage: Usage
    finish: str
    failure: str
    cost: Decimal | None
    """US dollars by the price table; `None` where it does not know the model."""
    prices: str
    """Version of the price table."""
    waited_ms: int
    """Machine time in the line of the provider."""
    latency_ms: int
    at: datetime
    late: bool = False
    """It came after the slot's deadline: kept, never traded."""
    verdict: str = ""
    """What the rules made of it, in one line."""
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """What the breaker needs of an outcome."""

    at: datetime
    failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """A call with its end; `None` where it never ended: the process died, or it still runs."""

    call: ModelCall
    outcome: CallOutcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a span of time cost: settled calls by their cost, others by what was reserved."""

    calls: int = 0
    cost: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """What a probe of an endpoint found: its last answer holds until the next probe."""

    endpoint: str
    at: datetime
    sees: bool
    """The code drawn in a picture came back."""
    schema: bool
    """The answer had the schema's form though the text asked for another."""
    model: str
    latency_ms: int
    detail: str
    failure: str = ""
