"""The chat completions protocol: OpenAI, and every server that copies it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import Field

from glassdesk.adapters.llm.reading import Lenient, base64_of, count, parsed, words
from glassdesk.workflow.signals.answers import ANSWER_SCHEMA
from glassdesk.workflow.signals.calls import Prompt, Reply, Usage


class _Message(Lenient):
    content: str | None = None
    refusal: str | None = None


class _Choice(Lenient):
    message: _Message
    finish_reason: str | None = None


class _Completion(Lenient):
    choices: list[_Choice] = Field(min_length=1)
    model: str | None = None
    usage: Any = None
    """Read as far as it makes sense: a bad count voids no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completions:
    """`POST chat/completions`. `limit` is the field that bounds what is written: its name differs."""

    limit: str = "max_tokens"

    def path(self, model: str) -> str:
        """The same for every model."""
        return "/chat/completions"

    def headers(self, key: str) -> dict[str, str]:
        """A bearer token."""
        return {"Authorization": f"Bearer {key}"} if key else {}

    def request(self, prompt: Prompt, model: str, temperature: float | None) -> dict[str, Any]:
        """System and user text word for word, then the pictures, and the schema to be enforced."""
        content: list[dict[str, Any]] = [{"type": "text", "text": prompt.user}]
        content += [{"type": "image_url", "image_url": {"url": data_url(image)}} for image in prompt.images]
        body: dict[str, Any] = {
            "model": model,
            "messages": [
                {"role": "system", "content": prompt.system},
                {"role": "user", "content": content},
            ],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": ANSWER_SCHEMA},
            },
            self.limit: prompt.max_output,
            "stream": False,
        }
        return body if temperature is None else {**body, "temperature": temperature}

    def read(self, body: bytes) -> Reply:
        """One choice with a text."""
        completion = parsed(_Completion, body, "completion")
        return completion if isinstance(completion, Reply) else _completed(completion)


def data_url(png: bytes) -> str:
    """A picture inside an address."""
    return "data:image/png;base64," + base64_of(png)


def _completed(completion: _Completion) -> Reply:
    choice = completion.choices[0]
    text = choice.message.content or ""
    return Reply(
        text=text,
        model=words(completion.model or "", 100),
        usage=_usage(completion.usage),
        finish=words(choice.finish_reason or "", 40),
        failure=_unusable(choice, text, len(completion.choices)),
    )


def _usage(said: object) -> Usage:
    details = said if isinstance(said, dict) else {}
    return Usage(
        input_tokens=count(said, "prompt_tokens"),
        output_tokens=count(said, "completion_tokens"),
        cached_tokens=count(details.get("prompt_tokens_details"), "cached_tokens"),
        reasoning_tokens=count(details.get("completion_tokens_details"), "reasoning_tokens"),
    )


def _unusable(choice: _Choice, text: str, choices: int) -> str:
    if choice.message.refusal:
        return f"the model refused: {words(choice.message.refusal, 200)}"
    if choice.finish_reason == "content_filter":
        return "the provider's filter stopped the answer"
    if choice.finish_reason == "length":
        return "the answer was cut off"
    if choice.finish_reason not in (None, "stop"):
        return f"the model stopped for {words(choice.finish_reason, 40)!r}"
    if choices > 1:
        return f"{choices} answers where one was asked for"
    return "" if text.strip() else "the answer is empty"
