"""The four wire protocols from the server's side: where a request holds what, and what a response looks like.

From the public descriptions: https://platform.openai.com/docs/api-reference/chat,
https://docs.anthropic.com/en/api/messages, https://ai.google.dev/api/generate-content,
https://github.com/ollama/ollama/blob/main/docs/api.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MODEL = "stand-in-1"

Body = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """One of them. `response` makes a whole response around a text; its options bend it."""

    name: str
    path: str
    key_header: str
    system: Callable[[Body], str]
    user: Callable[[Body], str]
    images: Callable[[Body], list[str]]
    schema: Callable[[Body], dict[str, Any]]
    most: Callable[[Body], int]
    response: Callable[..., bytes]
    refusal: Callable[[], bytes]
    truncation: Callable[[str], bytes]
    error: Callable[[str], bytes]
    suffix: str = ""

    def model_url(self, base: str) -> str:
        """A `model_url` that leads to this protocol of a stand-in."""
        return f"{self.name}:{base}{self.suffix}?model=stand-in"


def _bytes(value: object) -> bytes:
    return json.dumps(value).encode()


def _completion(text: str | None, *, finish: str = "stop", refusal: str | None = None, **extra: Any) -> bytes:
    message = {"role": "assistant", "content": text, "refusal": refusal}
    return _bytes(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "model": MODEL,
            "choices": [{"index": 0, "finish_reason": finish, "message": message}],
            "usage": {
                "prompt_tokens": 1200,
                "completion_tokens": 300,
                "total_tokens": 1500,
                "prompt_tokens_details": {"cached_tokens": 1024},
                "completion_tokens_details": {"reasoning_tokens": 64},
            },
            **extra,
        }
    )


def _completions_user(body: Body) -> str:
    return "".join(part["text"] for part in body["messages"][1]["content"] if part["type"] == "text")


def _completions_images(body: Body) -> list[str]:
    urls = [p["image_url"]["url"] for p in body["messages"][1]["content"] if p["type"] == "image_url"]
    if not all(url.startswith("data:image/png;base64,") for url in urls):
        raise ValueError("a picture that is no PNG")
    return [url.partition(",")[2] for url in urls]


def _completions(name: str, limit: str) -> Protocol:
    return Protocol(
        name=name,
        path=r"/v1/chat/completions",
        suffix="/v1",
        key_header="authorization",
        system=lambda body: body["messages"][0]["content"],
        user=_completions_user,
        images=_completions_images,
        schema=lambda body: body["response_format"]["json_schema"]["schema"],
        most=lambda body: body[limit if limit in body else "max_tokens"],
        response=_completion,
        refusal=lambda: _completion(None, refusal="I cannot give advice"),
        truncation=lambda text: _completion(text, finish="length"),
        error=lambda said: _bytes({"error": {"message": said, "type": "server_error", "code": None}}),
    )


def _message(text: str, *, stop: str = "end_turn", **extra: Any) -> bytes:
    return _bytes(
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": MODEL,
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "x"},
                {"type": "text", "text": text},
            ],
            "stop_reason": stop,
            "stop_sequence": None,
            "usage": {
                "input_tokens": 176,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 1024,
                "output_tokens": 300,
            },
            **extra,
        }
    )


def _message_parts(body: Body, kind: str) -> list[Body]:
    return [part for part in body["messages"][0]["content"] if part["type"] == kind]


def _generated(text: str, *, finish: str = "STOP", **extra: Any) -> bytes:
    parts = [{"text": "hm", "thought": True}, {"text": text}]
    return _bytes(
        {
            "candidates": [
                {"content": {"role": "model", "parts": parts}, "finishReason": finish, "index": 0}
            ],
            "modelVersion": MODEL,
            "responseId": "r1",
            "usageMetadata": {
                "promptTokenCount": 1200,
                "candidatesTokenCount": 236,
                "thoughtsTokenCount": 64,
                "cachedContentTokenCount": 1024,
                "totalTokenCount": 1500,
            },
            **extra,
        }
    )


def _generate_images(body: Body) -> list[str]:
    found = [part["inlineData"] for part in body["contents"][0]["parts"] if "inlineData" in part]
    if any(part["mimeType"] != "image/png" for part in found):
        raise ValueError("a picture that is no PNG")
    return [part["data"] for part in found]


def _chat(text: str, *, reason: str = "stop", **extra: Any) -> bytes:
    return _bytes(
        {
            "model": MODEL,
            "created_at": "2024-03-01T14:30:00Z",
            "message": {"role": "assistant", "content": text},
            "done": True,
            "done_reason": reason,
            "total_duration": 1,
            "prompt_eval_count": 1200,
            "eval_count": 300,
            **extra,
        }
    )


PROTOCOLS: dict[str, Protocol] = {
    "openai": _completions("openai", "max_completion_tokens"),
    "openai-compatible": _completions("openai-compatible", "max_tokens"),
    "anthropic": Protocol(
        name="anthropic",
        path=r"/v1/messages",
        key_header="x-api-key",
        system=lambda body: "".join(part["text"] for part in body["system"]),
        user=lambda body: "".join(part["text"] for part in _message_parts(body, "text")),
        images=lambda body: [part["source"]["data"] for part in _message_parts(body, "image")],
        schema=lambda body: body["output_config"]["format"]["schema"],
        most=lambda body: body["max_tokens"],
        response=_message,
        refusal=lambda: _message("I cannot give advice", stop="refusal"),
        truncation=lambda text: _message(text, stop="max_tokens"),
        error=lambda said: _bytes({"type": "error", "error": {"type": "api_error", "message": said}}),
    ),
    "google": Protocol(
        name="google",
        path=r"/v1beta/models/[^/:]+:generateContent",
        key_header="x-goog-api-key",
        system=lambda body: "".join(part["text"] for part in body["systemInstruction"]["parts"]),
        user=lambda body: "".join(part.get("text", "") for part in body["contents"][0]["parts"]),
        images=_generate_images,
        schema=lambda body: body["generationConfig"]["responseJsonSchema"],
        most=lambda body: body["generationConfig"]["maxOutputTokens"],
        response=_generated,
        refusal=lambda: _generated("", finish="SAFETY"),
        truncation=lambda text: _generated(text, finish="MAX_TOKENS"),
        error=lambda said: _bytes({"error": {"code": 500, "message": said, "status": "INTERNAL"}}),
    ),
    "ollama": Protocol(
        name="ollama",
        path=r"/api/chat",
        key_header="authorization",
        system=lambda body: body["messages"][0]["content"],
        user=lambda body: body["messages"][1]["content"],
        images=lambda body: body["messages"][1]["images"],
        schema=lambda body: body["format"],
        most=lambda body: body["options"]["num_predict"],
        response=_chat,
        refusal=lambda: _chat("", reason="refused"),
        truncation=lambda text: _chat(text, reason="length"),
        error=lambda said: _bytes({"error": said}),
    ),
}


def protocol_of(path: str) -> Protocol:
    """The protocol that a path belongs to. Raises KeyError."""
    for protocol in PROTOCOLS.values():
        if re.fullmatch(protocol.path, path):
            return protocol
    raise KeyError(path)
