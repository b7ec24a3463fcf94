"""Answers that a model gave before, from a file: the same prompt and pictures have the same answer.

A line of the file is one answer: `{"prompt": SHA256, "text": …, "model": …, "usage": {…}}`, as
`glassdesk models export` writes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from glassdesk.kernel.canonical import canonical_text, decode_text
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.signals.calls import Prompt, Reply, Usage

ENGINE = "recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One answer as the file holds it."""

    prompt: str
    """`Prompt.sha256`: texts and pictures."""
    text: str
    model: str
    usage: Usage = field(default_factory=Usage)


def write_recordings(recordings: Iterable[Recording]) -> str:
    """The file's text, one line per answer, in the order given."""
    return "".join(f"{canonical_text(one)}\n" for one in recordings)


def read_recordings(text: str, where: str) -> dict[str, Recording]:
    """By prompt; the first answer of a prompt counts. Raises `InvalidInput` naming the line."""
    found: dict[str, Recording] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            one = decode_text(Recording, line)
        except (TypeError, ValueError, KeyError) as failure:
            raise InvalidInput(
                f"line {number} is no recorded answer: {str(failure)[:120]}",
                where=where,
                remedy="a file as `glassdesk models export` writes it",
            ) from failure
        found.setdefault(one.prompt, one)
    return found


class Recorded:
    """The `Model` port over a file. What was not recorded is a failure: nothing is asked, nothing made up."""

    engine = ENGINE
    model = ENGINE
    parameters: tuple[tuple[str, str], ...] = ()

    def __init__(self, file: Path) -> None:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as failure:
            raise InvalidInput(
                f"{str(file) or 'the file'} cannot be read: {type(failure).__name__}",
                where="model_url",
                remedy="recorded:FILE",
            ) from failure
        self.endpoint = f"{ENGINE}:{file.name}"
        self._answers = read_recordings(text, str(file))

    def ask(self, prompt: Prompt, seconds: float) -> Reply:
        """The answer to this very prompt."""
        found = self._answers.get(prompt.sha256)
        if found is None:
            return Reply(failure=f"no answer was recorded for the prompt {prompt.sha256[:12]}", model=ENGINE)
        return Reply(text=found.text, model=found.model, usage=found.usage, finish="stop")
