"""Nouns of the prompts step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptVersion:
    """One immutable version: text is never edited in place. `sha256` covers language, system and body."""

    name: str
    number: int
    language: str
    system: str
    """Jinja2, sandboxed; static part, sent first."""
    body: str
    """Jinja2, sandboxed; the part of the contract and the bar."""
    sha256: str
    message: str
    """Why this version was made."""
    author: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptRef:
    """Which prompt a strategy uses: a fixed number, else the version a label points to."""

    name: str
    number: int | None = None
    label: str = "live"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A prompt with a run's values in it; what the model is sent, word for word."""

    name: str
    number: int
    prompt_sha256: str
    reason: str
    """Why this version: `fixed` or `label live`."""
    system: str
    user: str
