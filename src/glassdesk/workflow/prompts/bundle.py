"""A prompt as one text file that a person can keep in git: a head, the system part, the body.

```
---
name: chart-analyst
language: en
message: First version
---
system part
--- body ---
body
```
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.prompts.model import PromptVersion

_BODY = "--- body ---"
_FILE = re.compile(r"\A---\n(?P<head>.*?)\n---\n(?P<system>.*?)\n--- body ---\n(?P<body>.*)\Z", re.DOTALL)
_LINE = re.compile(r"(?P<key>[a-z0-9_]+): (?P<value>.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptText:
    """A prompt outside the database. `sha256`, where given, is what the text must hash to."""

    name: str
    language: str
    message: str
    system: str
    body: str
    sha256: str = ""


def export(version: PromptVersion) -> str:
    """The file of a version. Raises `InvalidInput` where its text holds the file's own dividing line."""
    if _BODY in version.system.split("\n"):
        raise InvalidInput(f"a line reads {_BODY!r}", where="system", remedy="change that line before export")
    head = {
        "name": version.name,
        "language": version.language,
        "number": str(version.number),
        "sha256": version.sha256,
        "message": " ".join(version.message.split()),
    }
    lines = "\n".join(f"{key}: {value}" for key, value in head.items())
    return f"---\n{lines}\n---\n{version.system}{_BODY}\n{version.body}"


def parse(text: str) -> PromptText:
    """What `export` wrote, but for newlines at the end of a part. Raises `InvalidInput`."""
    found = _FILE.match(text.replace("\r\n", "\n"))
    if not found:
        raise InvalidInput(
            "this is no prompt file", where="line 1", remedy=f"---, a head, ---, system part, {_BODY}, body"
        )
    head = _head(found["head"])
    for key in ("name", "language"):
        if not head.get(key):
            raise InvalidInput(f"{key} is missing", where="head", remedy=f"add a line `{key}: …`")
    return PromptText(
        name=head["name"],
        language=head["language"],
        message=head.get("message", ""),
        sha256=head.get("sha256", ""),
        system=found["system"],
        body=found["body"],
    )


def _head(text: str) -> dict[str, str]:
    head = {}
    for number, line in enumerate(text.split("\n"), start=2):
        found = _LINE.fullmatch(line)
        if not found:
            raise InvalidInput(f"{line!r:.60} is no head line", where=f"line {number}", remedy="key: value")
        head[found["key"]] = found["value"].strip()
    return head
