"""Ollama's own chat protocol: its `format` is a grammar that the local model cannot leave. Pure."""

from __future__ import annotations

from typing import Any

from glassdesk.adapters.llm.reading import Lenient, base64_of, count, parsed, words
from glassdesk.workflow.signals.answers import ANSWER_SCHEMA
from glassdesk.workflow.signals.calls import Prompt, Reply, Usage


class _Message(Lenient):
    content: str | None = None


class _Chat(Lenient):
    message: _Message | None = None
    model: str | None = None
    done: bool = False
    done_reason: str | None = None
    prompt_eval_count: Any = None
    eval_count: Any = None
    error: str | None = None


class Ollama:
    """`POST api/chat`."""

    def path(self, model: str) -> str:
        """The same for every model."""
        return "/api/chat"

    def headers(self, key: str) -> dict[str, str]:
        """A bearer token, where a proxy wants one."""
        return {"Authorization": f"Bearer {key}"} if key else {}

    def request(self, prompt: Prompt, model: str, temperature: float | None) -> dict[str, Any]:
        """System text, then user text with its pictures."""
        options: dict[str, Any] = {"num_predict": prompt.max_output}
        return {
            "model": model,
            "messages": [
                {"role": "system", "content": prompt.system},
                {
                    "role": "user",
                    "content": prompt.user,
                    "images": [base64_of(image) for image in prompt.images],
                },
            ],
            "format": ANSWER_SCHEMA,
            "options": options if temperature is None else {**options, "temperature": temperature},
            "stream": False,
        }

    def read(self, body: bytes) -> Reply:
        """A message that is done."""
        said = parsed(_Chat, body, "chat message")
        if isinstance(said, Reply):
            return said
        text = (said.message.content or "") if said.message else ""
        counts = {"input": said.prompt_eval_count, "output": said.eval_count}
        return Reply(
            text=text,
            model=words(said.model or "", 100),
            usage=Usage(input_tokens=count(counts, "input"), output_tokens=count(counts, "output")),
            finish=words(said.done_reason or "", 40),
            failure=_unusable(said, text),
        )


def _unusable(said: _Chat, text: str) -> str:
    if said.error:
        return f"the server says: {words(said.error, 200)}"
    if said.message is None:
        return "the response is no chat message: it has no message"
    if said.done_reason == "length":
        return "the answer was cut off"
    if not said.done:
        return "the answer is not whole: the server sent a part of it"
    if said.done_reason not in (None, "stop"):
        return f"the model stopped for {words(said.done_reason, 40)!r}"
    return "" if text.strip() else "the answer is empty"
