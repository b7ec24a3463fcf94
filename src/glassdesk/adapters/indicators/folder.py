"""Loads the files. They are code that runs with the desk's rights, so nothing of them is read unasked."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from glassdesk.kernel.canonical import sha256_hex
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.indicators.kind import Kind


def own_kinds(folder: Path) -> tuple[Kind, ...]:
    """What the folder's files define as `INDICATOR`, by file name; nothing where there is no folder.

    Raises `InvalidInput` naming file and remedy: for a file that others may write, that does not run, or that
    defines no indicator.
    """
    return tuple(_kind(path) for path in files_of(folder))


def own_mark(folder: Path) -> str:
    """What the program's version is followed by in a run's lineage: a hash of the files, or nothing."""
    texts = [path.read_bytes() for path in files_of(folder)]
    return f"+own.{sha256_hex(b''.join(texts))[:12]}" if texts else ""


def files_of(folder: Path) -> Sequence[Path]:
    """The folder's Python files, by name; those whose names begin with _ are helpers of nobody."""
    return sorted(path for path in folder.glob("*.py") if not path.name.startswith("_"))


def _kind(path: Path) -> Kind:
    _refuse_foreign(path)
    found = getattr(_run(path), "INDICATOR", None)
    if not isinstance(found, Kind):
        raise InvalidInput(
            "it defines no indicator",
            where=str(path),
            remedy="INDICATOR = Kind(...), see add-an-indicator.md",
        )
    return found


def _refuse_foreign(path: Path) -> None:
    about = path.stat()
    others = about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    if others or about.st_uid != os.getuid():
        raise InvalidInput(
            "somebody else may write this code",
            where=str(path),
            remedy=f"chown it to yourself and chmod go-w {path.name}",
        )


def _run(path: Path) -> ModuleType:
    module = ModuleType(f"glassdesk_own_{path.stem}")
    module.__file__ = str(path)
    try:
        exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)  # noqa: S102 (what the setting allows)
    except Exception as failure:
        raise InvalidInput(
            f"it does not run: {type(failure).__name__}: {failure}", where=str(path), remedy="mend it"
        ) from failure
    return module
