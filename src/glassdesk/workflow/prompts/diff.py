"""What changed between two versions of a prompt, part by part: its texts, the answer it asks for."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator

from glassdesk.workflow.prompts.model import PromptVersion, Rendered


def compare(before: PromptVersion, after: PromptVersion) -> str:
    """A unified diff of both parts and of the answer's schema; empty when they read the same. A version from
    before schemas were kept says nothing about its schema."""
    names = f"{before.name}@{before.number}", f"{after.name}@{after.number}"
    told = [
        _unified(part, getattr(before, part), getattr(after, part), names)
        for part in ("language", "system_prompt", "system", "body")
    ]
    if before.answer_schema and after.answer_schema:
        schemas = _pretty(before.answer_schema), _pretty(after.answer_schema)
        told.append(_unified("answer schema", *schemas, names))
    return "".join(line for part in told for line in part)


def compare_rendered(before: Rendered, after: Rendered) -> str:
    """A unified diff of what a model would be sent, on the same values."""
    names = f"{before.name}@{before.number}", f"{after.name}@{after.number}"
    parts = ("system", "user")
    told = [_unified(part, getattr(before, part), getattr(after, part), names) for part in parts]
    return "".join(line for part in told for line in part)


def _unified(part: str, before: str, after: str, names: tuple[str, str]) -> Iterator[str]:
    yield from difflib.unified_diff(
        _lines(before), _lines(after), fromfile=f"{names[0]} {part}", tofile=f"{names[1]} {part}"
    )


def _pretty(schema: str) -> str:
    return json.dumps(json.loads(schema), indent=2, ensure_ascii=False)


def _lines(text: str) -> list[str]:
    return [line + "\n" for line in text.split("\n")]
