"""Anthropic's messages protocol. Pure."""

from __future__ import annotations

from typing import Any

from glassdesk.adapters.llm.reading import Lenient, base64_of, count, parsed, total, words
from glassdesk.workflow.signals.answers import ANSWER_SCHEMA
from glassdesk.workflow.signals.calls import Prompt, Reply, Usage

VERSION = "2023-06-01"


class _Block(Lenient):
    type: str
    text: str | None = None


class _Said(Lenient):
    content: list[_Block]
    model: str | None = None
    stop_reason: str | None = None
    usage: Any = None


class Messages:
    """`POST v1/messages` with `output_config.format`."""

    def path(self, model: str) -> str:
        """The same for every model."""
        return "/v1/messages"

    def headers(self, key: str) -> dict[str, str]:
        """The protocol's version, and the key."""
        return {"anthropic-version": VERSION} | ({"x-api-key": key} if key else {})

    def request(self, prompt: Prompt, model: str, temperature: float | None) -> dict[str, Any]:
        """The system text is marked for the provider's cache: it is the same for every symbol. Pictures stand
        before the text that speaks of them, as the provider advises."""
        content: list[dict[str, Any]] = [
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": base64_of(image)},
            }
            for image in prompt.images
        ]
        body: dict[str, Any] = {
            "model": model,
            "max_tokens": prompt.max_output,
            "system": [{"type": "text", "text": prompt.system, "cache_control": {"type": "ephemeral"}}],
            "messages": [{"role": "user", "content": [*content, {"type": "text", "text": prompt.user}]}],
            "output_config": {"format": {"type": "json_schema", "schema": ANSWER_SCHEMA}},
        }
        return body if temperature is None else {**body, "temperature": temperature}

    def read(self, body: bytes) -> Reply:
        """The text blocks of a message that ended its turn; thinking is not the answer."""
        said = parsed(_Said, body, "message")
        if isinstance(said, Reply):
            return said
        text = "".join(block.text or "" for block in said.content if block.type == "text")
        return Reply(
            text=text,
            model=words(said.model or "", 100),
            usage=_usage(said.usage),
            finish=words(said.stop_reason or "", 40),
            failure=_unusable(said, text),
        )


def _usage(said: object) -> Usage:
    cached = count(said, "cache_read_input_tokens")
    return Usage(
        # Cached tokens are not among `input_tokens` here.
        input_tokens=total(count(said, "input_tokens"), cached, count(said, "cache_creation_input_tokens")),
        output_tokens=count(said, "output_tokens"),
        cached_tokens=cached,
    )


def _unusable(said: _Said, text: str) -> str:
    if said.stop_reason == "refusal":
        return f"the model refused: {words(text, 200) or 'without a word'}"
    if said.stop_reason in ("max_tokens", "model_context_window_exceeded"):
        return "the answer was cut off"
    if said.stop_reason not in (None, "end_turn", "stop_sequence"):
        return f"the model stopped for {words(said.stop_reason, 40)!r}"
    return "" if text.strip() else "the answer is empty"
