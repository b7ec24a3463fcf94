"""Nouns of the prompts step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a prompt is for."""

    DAILY = "daily"
    """Reads the chart of the strategy's own bars alone."""
    WEEKLY = "weekly"
    """Reads the weekly chart alone."""
    COMBINED = "combined"
    """Reads all charts in one question: what a strategy asks by default."""
    CONSOLIDATION = "consolidation"
    """Joins the answers of a daily and a weekly prompt."""
    SYSTEM = "system"
    """A system part that other prompts share; it has no body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptVersion:
    """One immutable version: text is never edited in place. `sha256` covers language, system, body and the
    name of a shared system part."""

    name: str
    number: int
    """From 1; 0 is the file that comes with the program."""
    language: str
    system: str
    """Jinja2, sandboxed; static part, sent first. Empty where `system_prompt` names a shared one."""
    body: str
    """Jinja2, sandboxed; the part of the contract and the bar."""
    sha256: str
    message: str
    """Why this version was made."""
    author: str
    created_at: datetime
    system_prompt: str = ""
    """The prompt of kind system whose text is this one's system part; empty: it has its own."""
    translates: str = ""
    """`sha256` of the text that this one says in another language; empty where it is no translation."""
    answer_schema: str = ""
    """JSON of the answer asked for when the version was saved; empty before that was kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What may change about a prompt: everything but its texts."""

    name: str
    kind: Kind
    tags: tuple[str, ...] = ()
    notes: str = ""
    translation_of: str = ""
    """The prompt of which this one is the translation."""
    archived_at: datetime | None = None
    """Since when it is out of the lists; nothing is ever deleted."""
    edition: int = 1
    """Grows with each change, so that two people who change it at once learn of each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One label pointed somewhere. The newest move of (name, label, scope) says where it points."""

    name: str
    label: str
    scope: str
    """Empty: for all; `strategy:NAME` or `class:STK`: instead of the label for all."""
    move: int
    number: int | None
    """The version; `None`: nowhere, the label for all holds again."""
    before: int | None
    undoes: bool
    """True for a rollback: it takes back the newest move that was not taken back yet."""
    reason: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptTest:
    """A version tried on a past decision, once; the newest one of a version counts."""

    name: str
    number: int
    test: int
    """From 1, of each version."""
    run: str
    engine: str
    """Empty where nobody was asked: the text could not be rendered."""
    model: str
    problem: str
    """Why it failed; empty where it passed."""
    answer: str
    """Artifact of the answer, empty without one."""
    actor: str
    at: datetime

    @property
    def passed(self) -> bool:
        """The model read the picture and gave an answer that can be used."""
        return not self.problem


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptRef:
    """Which prompt a strategy uses: a fixed number, else the version a label points to."""

    name: str
    number: int | None = None
    label: str = "live"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The version that answers a `PromptRef`, and why it is that one."""

    version: PromptVersion
    reason: str
    """`fixed`, `label live`, `label live of strategy trend`, `packaged file` …"""
    system: PromptVersion | None = None
    """The shared system part, where the version names one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A prompt as a list shows it."""

    prompt: Prompt
    newest: PromptVersion
    labels: Mapping[str, int]
    """Labels for all."""
    scoped: Mapping[tuple[str, str], int]
    """Labels of one strategy or class of contracts, by (scope, label)."""
    stale: bool = False
    """True for a translation whose original has a newer text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which prompts a list shows; empty values ask for nothing."""

    text: str = ""
    """Stands in the name, the tags, the notes, or the newest text."""
    kind: str = ""
    language: str = ""
    tag: str = ""
    label: str = ""
    """Prompts for which this label points somewhere."""
    archived: bool = False
    """True: the archived ones, and no others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A prompt with a run's values in it; what the model is sent, word for word."""

    name: str
    number: int
    prompt_sha256: str
    reason: str
    """Why this version: see `Resolution.reason`."""
    system: str
    user: str
    language: str = "en"
    system_name: str = ""
    """The prompt whose text the system part is, where it is a shared one; then also its number and hash."""
    system_number: int | None = None
    system_sha256: str = ""
