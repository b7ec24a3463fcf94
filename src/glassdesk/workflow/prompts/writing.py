"""What makes a text the same text, and what a name and a language may be."""

from __future__ import annotations

import re

from glassdesk.kernel.canonical import digest
from glassdesk.kernel.errors import InvalidInput

MOST_NOTES = 10_000

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_LANGUAGE = re.compile(r"[a-z]{2}(-[A-Za-z0-9]{2,8})?")


def prompt_sha256(language: str, system: str, body: str, system_prompt: str = "") -> str:
    """The identity of a prompt's text, whatever it is called."""
    shared = {"system_prompt": system_prompt} if system_prompt else {}
    return digest({"language": language, "system": system, "body": body, **shared})


def normal(text: str) -> str:
    """The text with LF and one newline at its end; nothing stays nothing."""
    # A browser sends CRLF, an editor LF: the same text must be the same version.
    plain = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    return plain + "\n" if plain else ""


def check_names(name: str, language: str) -> None:
    """Raises `InvalidInput`."""
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f"{name!r:.60} is no name for a prompt",
            where="name",
            remedy="up to 40 of a-z, 0-9 and -, beginning with a letter or digit",
        )
    if not _LANGUAGE.fullmatch(language):
        remedy = "for example en or zh-Hant"
        raise InvalidInput(f"{language!r:.20} is no language", where="language", remedy=remedy)


def check_notes(notes: str) -> None:
    """Raises `InvalidInput`."""
    if len(notes) > MOST_NOTES:
        raise InvalidInput(f"{len(notes):,} characters", where="notes", remedy=f"at most {MOST_NOTES:,}")
