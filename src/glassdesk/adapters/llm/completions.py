"""The chat completions protocol: a question as a request, a response as an outcome. Pure."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from glassdesk.workflow.signals.answers import ANSWER_SCHEMA
from glassdesk.workflow.signals.model import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one exchange gave. `again` says that a second try may do better."""

    text: str = ""
    model: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    failure: str = ""
    again: bool = False


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class _Message(_Lenient):
    content: str | None = None
    refusal: str | None = None


class _Choice(_Lenient):
    message: _Message
    finish_reason: str | None = None


class _Completion(_Lenient):
    choices: list[_Choice] = Field(min_length=1)
    model: str | None = None
    usage: Any = None
    """Read as far as it makes sense: a bad count voids no answer."""


def request(question: Question, model: str, temperature: float | None) -> dict[str, Any]:
    """The body: system and user text word for word, then the pictures, and the schema to be enforced."""
    content: list[dict[str, Any]] = [{"type": "text", "text": question.user}]
    content += [{"type": "image_url", "image_url": {"url": data_url(image)}} for image in question.images]
    body: dict[str, Any] = {
        "model": model,
        "messages": [
            {"role": "system", "content": question.system},
            {"role": "user", "content": content},
        ],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": ANSWER_SCHEMA},
        },
        "stream": False,
    }
    return body if temperature is None else {**body, "temperature": temperature}


def data_url(png: bytes) -> str:
    """A picture inside an address."""
    return "data:image/png;base64," + base64.b64encode(png).decode()


def read(status: int, content_type: str, body: bytes) -> Outcome:
    """What a response says. Anything but one whole, unrefused text is a failure."""
    if status != 200:
        return _refused(status, body)
    if "json" not in content_type.lower():
        return Outcome(failure=f"HTTP 200 with {_words(content_type, 60) or 'no content type'}, not JSON")
    try:
        completion = _Completion.model_validate_json(body)
    except ValidationError as failure:
        first = failure.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        return Outcome(failure=f"the response is no completion: {where[:80]}: {first['msg'][:120]}")
    return _completed(completion)


def _completed(completion: _Completion) -> Outcome:
    choice = completion.choices[0]
    text = choice.message.content or ""
    return Outcome(
        text=text,
        model=_words(completion.model or "", 100),
        input_tokens=_count(completion.usage, "prompt_tokens"),
        output_tokens=_count(completion.usage, "completion_tokens"),
        failure=_unusable(choice, text, len(completion.choices)),
    )


def _count(usage: object, name: str) -> int | None:
    count = usage.get(name) if isinstance(usage, dict) else None
    if isinstance(count, bool) or not isinstance(count, int):
        return None
    return count if 0 <= count < 10**9 else None


def _words(said: str, most: int) -> str:
    """A server's words as one printable line."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in said).split())[:most]


def _unusable(choice: _Choice, text: str, choices: int) -> str:
    if choice.message.refusal:
        return f"the model refused: {_words(choice.message.refusal, 200)}"
    if choice.finish_reason == "content_filter":
        return "the provider's filter stopped the answer"
    if choice.finish_reason == "length":
        return "the answer was cut off"
    if choice.finish_reason not in (None, "stop"):
        return f"the model stopped for {_words(choice.finish_reason, 40)!r}"
    if choices > 1:
        return f"{choices} answers where one was asked for"
    return "" if text.strip() else "the answer is empty"


def _refused(status: int, body: bytes) -> Outcome:
    again = status == 429 or 500 <= status <= 599
    return Outcome(failure=f"HTTP {status}{_complaint(body)}", again=again)


def _complaint(body: bytes) -> str:
    """The server's own words, where it has some."""
    try:
        said = json.loads(body[:20_000])
    except (ValueError, RecursionError):
        return ""
    error = said.get("error") if isinstance(said, dict) else None
    message = error.get("message") if isinstance(error, dict) else error
    return f": {_words(message, 200)}" if isinstance(message, str) else ""
