"""Every law of a store runs on every database it may stand on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from glassdesk.adapters.database import Stores, open_database
from tests.chaos.orders.memo import Database
from tests.servers import postgres

EVERYWHERE = ["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.services)]


def url_of(kind: str, folder: Path) -> str:
    """A database nobody else uses."""
    if kind == "postgresql":
        return postgres.server().ready_database()
    return "memory:" if kind == "memory" else f"sqlite:///{folder / 'desk.db'}"


@pytest.fixture(params=EVERYWHERE)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return url_of(request.param, tmp_path)


@pytest.fixture(params=EVERYWHERE[1:])
def lasting_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that outlives its engine and serves a reader beside a writer."""
    return url_of(request.param, tmp_path)


@pytest.fixture
def lasting(lasting_url: str) -> Iterator[Stores]:
    opened = open_database(lasting_url)
    yield opened
    opened.close()


@pytest.fixture(params=[*EVERYWHERE, "remembering"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    """Every database, and the one that the chaos harness plays its seeds on."""
    if request.param == "remembering":
        opened = Database(lambda _: None).stores
    else:
        opened = open_database(url_of(request.param, tmp_path))
    yield opened
    opened.close()
