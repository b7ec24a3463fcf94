"""Worlds and browsers-to-be for the pages' tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, sync_playwright

from tests.web.visitor import BASE, Visitor
from tests.web.world import World, furnish, live_a_week, open_world

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the pages of a file: while it is there, nothing else here can run an event loop."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@contextmanager
def door_of(world: World) -> Iterator[Visitor]:
    """A browser at the desk's door."""
    with TestClient(world.app(), base_url=BASE, raise_server_exceptions=False) as client:
        yield Visitor(world, client)


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
    with door_of(lived) as visitor:
        visitor.enter()
        yield visitor


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """Signed in at a desk without anything; for looking only."""
    with open_world(tmp_path_factory.mktemp("bare")) as world, door_of(world) as visitor:
        visitor.enter()
        yield visitor


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """Signed in at a desk with two strategies; for looking, and for forms that are refused."""
    with open_world(tmp_path_factory.mktemp("stocked")) as world, door_of(world) as visitor:
        furnish(world)
        visitor.enter()
        yield visitor


@pytest.fixture
def visitor(world: World) -> Iterator[Visitor]:
    """At the door of the empty desk, not signed in."""
    with door_of(world) as stranger:
        yield stranger


@pytest.fixture
def owner(visitor: Visitor) -> Visitor:
    """Signed in at the empty desk."""
    visitor.enter()
    return visitor
