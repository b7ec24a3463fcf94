"""Worlds and browsers-to-be for the pages' tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.web.visitor import BASE, Visitor
from tests.web.world import World, live_a_week, open_world


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A desk after a week; tests may look, and act only where it harms nobody."""
    with open_world(tmp_path_factory.mktemp("lived")) as world:
        live_a_week(world)
        yield world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An empty desk of the test's own."""
    with open_world(tmp_path) as fresh:
        yield fresh


@pytest.fixture(scope="session")
def reader(lived: World) -> Iterator[Visitor]:
    """Signed in at the desk after a week."""
    with TestClient(lived.app(), base_url=BASE, raise_server_exceptions=False) as client:
        visitor = Visitor(lived, client)
        visitor.enter()
        yield visitor


@pytest.fixture
def visitor(world: World) -> Iterator[Visitor]:
    """At the door of the empty desk, not signed in."""
    with TestClient(world.app(), base_url=BASE, raise_server_exceptions=False) as client:
        yield Visitor(world, client)


@pytest.fixture
def owner(visitor: Visitor) -> Visitor:
    """Signed in at the empty desk."""
    visitor.enter()
    return visitor
