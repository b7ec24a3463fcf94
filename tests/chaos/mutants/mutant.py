"""A mutant: deliberate damage to a copy of the package, as text that must be there exactly once."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PACKAGE, EXAMPLES = ROOT / "src" / "glassdesk", ROOT / "examples"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One place in one file of the package."""

    file: str
    before: str
    after: str

    def text(self, package: Path = PACKAGE) -> str:
        """The file with the change made. Raises `ValueError` where `before` is not there exactly once."""
        source = (package / self.file).read_text()
        found = source.count(self.before)
        if found != 1:
            raise ValueError(f"{self.file}: {found} places read {self.before!r}, the patch needs one")
        return source.replace(self.before, self.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """What somebody could have got wrong, and which invariants of the history have to see it."""

    name: str
    what: str
    changes: tuple[Change, ...]
    seen_by: tuple[str, ...]
    """Any of them kills it."""
    stories: tuple[str, ...] = ()
    """Stories of the whole desk made for it, or known to need what it lacks."""
    where: tuple[str, ...] = ("E1", "E2", "E0")
    """Environments in which it is reachable, the quickest first. Without these and without stories it is
    reachable nowhere, and `survives` says why."""
    survives: str = ""

    def __str__(self) -> str:
        return self.name


def one(file: str, before: str, after: str) -> tuple[Change, ...]:
    """A mutant of a single place."""
    return (Change(file=file, before=before, after=after),)


def damaged(mutant: Mutant, folder: Path) -> Path:
    """A copy of the package with the damage done; answers what belongs on the path. Raises `ValueError`."""
    copy = folder / "glassdesk"
    # Times are kept, so what is compiled of the untouched files still counts.
    shutil.copytree(PACKAGE, copy)
    shutil.copytree(EXAMPLES, copy / "examples", dirs_exist_ok=True)
    for change in mutant.changes:
        (copy / change.file).write_text(change.text(copy))
    return folder
