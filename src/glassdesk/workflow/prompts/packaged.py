"""The prompts that come with the program, as files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib import resources

from glassdesk.workflow.prompts.bundle import PromptText, parse
from glassdesk.workflow.prompts.model import Kind, PromptVersion
from glassdesk.workflow.prompts.writing import normal, prompt_sha256

ACTOR = "glassdesk"
"""Author of the packaged prompts."""

IN_STEPS = {
    Kind.DAILY: "chart-daily",
    Kind.WEEKLY: "chart-weekly",
    Kind.CONSOLIDATION: "chart-consolidation",
}
"""What a decision in three steps asks, in order; a strategy has its own texts by labels of its own."""


@cache
def packaged() -> tuple[str, ...]:
    """Their texts: what others lean on comes first."""
    folder = resources.files("glassdesk.workflow.prompts").joinpath("texts")
    files = [file for file in folder.iterdir() if file.name.endswith(".md")]
    texts = [file.read_text(encoding="utf-8") for file in sorted(files, key=lambda file: file.name)]
    return tuple(in_order(texts))


def in_order(texts: Sequence[str]) -> list[str]:
    """Shared system parts first, translations last, so that what a text names is there before it."""

    def place(text: str) -> tuple[bool, bool]:
        file = parse(text)
        return bool(file.translation_of), bool(file.system_prompt)

    return sorted(texts, key=place)


def version_of(name: str, at: datetime) -> PromptVersion | None:
    """The file of a name as version 0."""
    for text in packaged():
        file = parse(text)
        if file.name == name:
            return _version(file, at)
    return None


def _version(file: PromptText, at: datetime) -> PromptVersion:
    system, body = normal(file.system), normal(file.body)
    return PromptVersion(
        name=file.name,
        number=0,
        language=file.language,
        system=system,
        body=body,
        sha256=prompt_sha256(file.language, system, body, file.system_prompt),
        message=file.message,
        author=ACTOR,
        created_at=at,
        system_prompt=file.system_prompt,
        translates=file.translates,
    )
