"""Anchors of the audit chain in a file of the home: lines that are only appended."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from glassdesk.kernel.errors import Unavailable
from glassdesk.workflow.lineage import anchors
from glassdesk.workflow.lineage.anchors import Anchor
from glassdesk.workflow.lineage.ports import AnchorFile


class FileAnchors(AnchorFile):
    """One JSON object on each line; readable by its owner only."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, anchor: Anchor) -> None:
        try:
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(anchor.line() + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as failure:
            problem = f"the anchor cannot be written: {failure.strerror}"
            raise Unavailable(problem, where=str(self._path)) from failure

    def read(self) -> Sequence[Anchor]:
        if not self._path.exists():
            return ()
        lines = self._path.read_text(encoding="utf-8", errors="replace").splitlines()
        return [
            anchors.read(line, where=f"{self._path.name}, line {number}")
            for number, line in enumerate(lines, start=1)
            if line.strip()
        ]


class MemoryAnchors(AnchorFile):
    """For a database in memory: both are gone together."""

    def __init__(self) -> None:
        self._kept: list[Anchor] = []

    def append(self, anchor: Anchor) -> None:
        self._kept.append(anchor)

    def read(self) -> Sequence[Anchor]:
        return tuple(self._kept)
