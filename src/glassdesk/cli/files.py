"""Files a person names: errors say which and why; `-` is standard input or output."""

from __future__ import annotations

import sys
from pathlib import Path

from glassdesk.cli.here import Here
from glassdesk.cli.show import done, text
from glassdesk.kernel.errors import InvalidInput

MOST_BYTES = 1_000_000


def read_text(path: Path) -> str:
    """The text of a file. Raises `InvalidInput`."""
    if str(path) == "-":
        return sys.stdin.read(MOST_BYTES + 1)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InvalidInput("the file is too large", where=str(path), remedy=f"at most {MOST_BYTES} bytes")
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as failure:
        raise InvalidInput("this is no text", where=str(path), remedy="save it as UTF-8") from failure
    except OSError as failure:
        raise InvalidInput(_why(failure), where=str(path), remedy="name a file that can be read") from failure


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file. Raises `InvalidInput`."""
    try:
        path.write_bytes(data)
    except OSError as failure:
        raise InvalidInput(
            _why(failure), where=str(path), remedy="name a file that can be written"
        ) from failure


def hand_out(here: Here, name: str, content: str, output: Path | None) -> None:
    """A text to a file where one is named, else to standard output."""
    if output is None or str(output) == "-":
        text(here, name, content)
        return
    write_bytes(output, content.encode())
    done(here, f"written to {output}", {"file": str(output)})


def _why(failure: OSError) -> str:
    return (failure.strerror or str(failure)).lower()
