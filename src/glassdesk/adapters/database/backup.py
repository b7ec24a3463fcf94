"""A copy of the database while the desk works."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

from glassdesk.adapters.database.engine import WAIT_SECONDS, open_engine
from glassdesk.kernel.errors import InvalidInput, Unavailable


def backup(url: str, target: Path) -> None:
    """Copy the SQLite database at `url` into the new file `target`: one consistent picture, then checked.

    Writers go on meanwhile. Raises `InvalidInput` for another database or a target that is there,
    `Unavailable` when the copy fails.
    """
    open_engine(url).dispose()
    source = make_url(url).database if url.startswith("sqlite:///") else None
    if not source or source == ":memory:":
        remedy = "PostgreSQL has its own tools: pg_dump, or archived logs"
        raise InvalidInput("only an SQLite file is copied so", where="database_url", remedy=remedy)
    if target.exists():
        raise InvalidInput(f"{target} is there already", where="target", remedy="name a new file")
    try:
        _copy(Path(source), target)
    except sqlite3.Error as fault:
        target.unlink(missing_ok=True)
        raise Unavailable(f"the database could not be copied: {fault}", where=source) from fault


def _copy(source: Path, target: Path) -> None:
    read_only = f"{source.absolute().as_uri()}?mode=ro"
    opened = sqlite3.connect(read_only, uri=True, timeout=WAIT_SECONDS)
    with closing(opened) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        # a copy is one file: it must not need a log beside it
        new.execute("PRAGMA journal_mode=DELETE")
        _check(new)


def check_copy(file: Path) -> None:
    """Read every page of a copy. Raises `InvalidInput` for one that is damaged or no database."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as copy:
            _check(copy)
    except sqlite3.Error as fault:
        raise InvalidInput(f"the database in it is damaged: {fault}", where=file.name) from fault


def _check(database: sqlite3.Connection) -> None:
    (found,) = database.execute("PRAGMA integrity_check").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError(found)
