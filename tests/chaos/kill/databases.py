"""Where the desk of a scene keeps its rows: a file that is copied, or a database that its server copies."""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from tests.chaos.kill.proxy import Target
from tests.servers.postgres import Postgres
from tests.servers.starting import HERE


class Databases(Protocol):
    """Fresh databases, and copies of them for every point."""

    def fresh(self, folder: Path) -> str:
        """URL of one without any table."""
        ...

    def copied(self, url: str, home: Path) -> str:
        """URL of a copy as it stands. Nobody may be connected to the first."""
        ...

    def dropped(self, url: str) -> None:
        """Nobody needs it again."""
        ...


class Files:
    """SQLite: one file in the home."""

    def fresh(self, folder: Path) -> str:
        return f"sqlite:///{folder / 'glassdesk.sqlite'}"

    def copied(self, url: str, home: Path) -> str:
        shutil.copy(url.removeprefix("sqlite:///"), home)
        return self.fresh(home)

    def dropped(self, url: str) -> None:
        """It goes with its home."""


class Server:
    """PostgreSQL: every copy is made from its template by the server."""

    def __init__(self, server: Postgres, prefix: str) -> None:
        self._server = server
        self._prefix = prefix
        self._numbers = count(1)

    def fresh(self, folder: Path) -> str:
        return self._server.named_database(self._name())

    def copied(self, url: str, home: Path) -> str:
        return self._server.named_database(self._name(), template=name_of(url))

    def dropped(self, url: str) -> None:
        self._server.drop(name_of(url))

    def _name(self) -> str:
        return f"{self._prefix}_{next(self._numbers)}"


def target_of(url: str) -> Target:
    """Where the server of a URL listens."""
    parts = urlsplit(url)
    folder = parse_qs(parts.query).get("host")
    return f"{folder[0]}/.s.PGSQL.5432" if folder else (parts.hostname or HERE, parts.port or 5432)


def through(url: str, port: int) -> str:
    """The same database, reached through a port of this machine."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.username}@{HERE}:{port}/{name_of(url)}"


def name_of(url: str) -> str:
    """The database's name in its URL."""
    return urlsplit(url).path.removeprefix("/")
