"""A prompt as one text file that a person can keep in git: a head, the system part, the body.

```
---
name: chart-analyst
kind: combined
language: en
message: First version
---
system part
--- body ---
body
```

A value that does not fit on a line as it stands is written as a JSON string. A text that holds the dividing
line names another one in its head, as `divider`. What is exported comes back exactly.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.prompts.model import Kind, Prompt, PromptVersion

_BODY = "--- body ---"
_LINE = re.compile(r"(?P<key>[a-z0-9_]+):(?: (?P<value>.*))?")
_KEYS = (
    "name", "kind", "language", "number", "sha256", "message", "system_prompt", "translation_of",
    "translates", "tags", "notes", "divider",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptText:
    """A prompt outside the database. `sha256`, where given, is what the text must hash to."""

    name: str
    language: str
    message: str
    system: str
    body: str
    sha256: str = ""
    kind: Kind = Kind.COMBINED
    system_prompt: str = ""
    translation_of: str = ""
    translates: str = ""
    tags: tuple[str, ...] = ()
    notes: str = ""


def export(version: PromptVersion, prompt: Prompt) -> str:
    """The file of a version."""
    divider = _divider(version.system)
    head = {
        "name": version.name,
        "kind": prompt.kind.value,
        "language": version.language,
        "number": str(version.number),
        "sha256": version.sha256,
        "message": version.message,
        "system_prompt": version.system_prompt,
        "translation_of": prompt.translation_of,
        "translates": version.translates,
        "tags": ", ".join(prompt.tags),
        "notes": prompt.notes,
        "divider": "" if divider == _BODY else divider,
    }
    lines = "".join(f"{key}: {_written(value)}\n" for key, value in head.items() if value)
    return f"---\n{lines}---\n{version.system}{divider}\n{version.body}"


def _divider(system: str) -> str:
    lines, divider, number = set(system.split("\n")), _BODY, 1
    while divider in lines:
        number += 1
        divider = f"--- body {number} ---"
    return divider


def _written(value: str) -> str:
    plain = value == value.strip() and value.isprintable() and not value.startswith('"')
    return value if plain else json.dumps(value, ensure_ascii=True)


def _read(value: str, line: int) -> str:
    if not value.startswith('"'):
        return value.strip()
    try:
        found = json.loads(value)
    except ValueError as failure:
        raise InvalidInput("a value in quotes that ends nowhere", where=f"line {line}") from failure
    return str(found)


def parse(text: str) -> PromptText:
    """What `export` wrote. Raises `InvalidInput` naming the line and what would be right."""
    lines = text.replace("\r\n", "\n").split("\n")
    end = next((at for at, line in enumerate(lines) if at and line == "---"), 0)
    if lines[0] != "---" or not end:
        raise _no_prompt()
    head = _head(lines[1:end])
    divider = head.get("divider", _BODY)
    rest = lines[end + 1 :]
    if divider not in rest:
        raise _no_prompt()
    for key in ("name", "language"):
        if not head.get(key):
            raise InvalidInput(f"{key} is missing", where="head", remedy=f"add a line `{key}: …`")
    at = rest.index(divider)
    return _text(head, "".join(f"{line}\n" for line in rest[:at]), "\n".join(rest[at + 1 :]))


def _no_prompt() -> InvalidInput:
    remedy = f"---, a head, ---, system part, {_BODY}, body"
    return InvalidInput("this is no prompt file", where="line 1", remedy=remedy)


def _text(head: Mapping[str, str], system: str, body: str) -> PromptText:
    return PromptText(
        name=head["name"],
        language=head["language"],
        message=head.get("message", ""),
        sha256=head.get("sha256", ""),
        system=system,
        body=body,
        kind=kind_of(head.get("kind", Kind.COMBINED.value)),
        system_prompt=head.get("system_prompt", ""),
        translation_of=head.get("translation_of", ""),
        translates=head.get("translates", ""),
        tags=tags_of(head.get("tags", "")),
        notes=head.get("notes", ""),
    )


def kind_of(word: str) -> Kind:
    """Raises `InvalidInput` naming the kinds."""
    try:
        return Kind(word)
    except ValueError as failure:
        remedy = f"one of {', '.join(Kind)}"
        raise InvalidInput(f"there is no kind {word!r:.40}", where="kind", remedy=remedy) from failure


def tags_of(text: str) -> tuple[str, ...]:
    """Words between commas, each once, sorted. Raises `InvalidInput`."""
    found = sorted({word.strip() for word in text.split(",") if word.strip()})
    for word in found:
        if not re.fullmatch(r"[\w-]{1,40}", word):
            raise InvalidInput(f"{word!r:.60} is no tag", where="tags", remedy="letters, digits, - and _")
    return tuple(found)


def _head(lines: list[str]) -> dict[str, str]:
    head = {}
    for number, line in enumerate(lines, start=2):
        found = _LINE.fullmatch(line)
        if not found or found["key"] not in _KEYS:
            remedy = f"key: value, of {', '.join(_KEYS)}"
            raise InvalidInput(f"{line!r:.60} is no head line", where=f"line {number}", remedy=remedy)
        head[found["key"]] = _read(found["value"] or "", number)
    return head
