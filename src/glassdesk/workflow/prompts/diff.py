"""What changed between two versions of a prompt, part by part."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from glassdesk.workflow.prompts.model import PromptVersion


def compare(before: PromptVersion, after: PromptVersion) -> str:
    """A unified diff of both parts; empty when they read the same."""
    return "".join(line for part in ("system", "body") for line in _part(part, before, after))


def _part(part: str, before: PromptVersion, after: PromptVersion) -> Iterator[str]:
    yield from difflib.unified_diff(
        _lines(getattr(before, part)),
        _lines(getattr(after, part)),
        fromfile=f"{before.name}@{before.number} {part}",
        tofile=f"{after.name}@{after.number} {part}",
    )


def _lines(text: str) -> list[str]:
    return [line + "\n" for line in text.split("\n")]
