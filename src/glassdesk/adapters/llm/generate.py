"""Google's generateContent protocol. Pure."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from pydantic import Field

from glassdesk.adapters.llm.reading import Lenient, base64_of, count, parsed, total, words
from glassdesk.workflow.signals.answers import ANSWER_SCHEMA
from glassdesk.workflow.signals.calls import Prompt, Reply, Usage


class _Part(Lenient):
    text: str | None = None
    thought: bool = False


class _Content(Lenient):
    parts: list[_Part] = Field(default_factory=list)


class _Candidate(Lenient):
    content: _Content | None = None
    finish_reason: str | None = Field(default=None, alias="finishReason")


class _Feedback(Lenient):
    block_reason: str | None = Field(default=None, alias="blockReason")


class _Generated(Lenient):
    candidates: list[_Candidate] = Field(default_factory=list)
    feedback: _Feedback | None = Field(default=None, alias="promptFeedback")
    model: str | None = Field(default=None, alias="modelVersion")
    usage: Any = Field(default=None, alias="usageMetadata")


class Generate:
    """`POST v1beta/models/MODEL:generateContent` with `responseJsonSchema`."""

    def path(self, model: str) -> str:
        """Each model has an address of its own."""
        return f"/v1beta/models/{quote(model, safe='')}:generateContent"

    def headers(self, key: str) -> dict[str, str]:
        """The key in a header: an address is written into logs."""
        return {"x-goog-api-key": key} if key else {}

    def request(self, prompt: Prompt, model: str, temperature: float | None) -> dict[str, Any]:
        """System text, user text, pictures; one candidate."""
        parts: list[dict[str, Any]] = [{"text": prompt.user}]
        parts += [
            {"inlineData": {"mimeType": "image/png", "data": base64_of(image)}} for image in prompt.images
        ]
        asked: dict[str, Any] = {
            "responseMimeType": "application/json",
            "responseJsonSchema": ANSWER_SCHEMA,
            "maxOutputTokens": prompt.max_output,
            "candidateCount": 1,
        }
        return {
            "systemInstruction": {"parts": [{"text": prompt.system}]},
            "contents": [{"role": "user", "parts": parts}],
            "generationConfig": asked if temperature is None else {**asked, "temperature": temperature},
        }

    def read(self, body: bytes) -> Reply:
        """The parts of one candidate that are no thoughts."""
        said = parsed(_Generated, body, "generated content")
        if isinstance(said, Reply):
            return said
        first = said.candidates[0] if said.candidates else _Candidate()
        parts = first.content.parts if first.content else []
        text = "".join(part.text or "" for part in parts if not part.thought)
        return Reply(
            text=text,
            model=words(said.model or "", 100),
            usage=_usage(said.usage),
            finish=words(first.finish_reason or "", 40),
            failure=_unusable(said, first, text),
        )


def _usage(said: object) -> Usage:
    thoughts = count(said, "thoughtsTokenCount")
    return Usage(
        input_tokens=count(said, "promptTokenCount"),
        # Thoughts are billed as output and counted beside it here.
        output_tokens=total(count(said, "candidatesTokenCount"), thoughts),
        cached_tokens=count(said, "cachedContentTokenCount"),
        reasoning_tokens=thoughts,
    )


_REFUSALS = ("SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "IMAGE_SAFETY", "RECITATION")


def _unusable(said: _Generated, first: _Candidate, text: str) -> str:
    if said.feedback and said.feedback.block_reason:
        return f"the model refused: the prompt was blocked for {words(said.feedback.block_reason, 40)}"
    if not said.candidates:
        return "the response is no generated content: it has no candidates"
    if first.finish_reason in _REFUSALS:
        return f"the model refused: {first.finish_reason}"
    if first.finish_reason == "MAX_TOKENS":
        return "the answer was cut off"
    if first.finish_reason not in (None, "STOP"):
        return f"the model stopped for {words(first.finish_reason, 40)!r}"
    if len(said.candidates) > 1:
        return f"{len(said.candidates)} answers where one was asked for"
    return "" if text.strip() else "the answer is empty"
