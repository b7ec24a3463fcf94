"""A desk of prompts, and a transaction on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from glassdesk.adapters.database import open_database, upgrade
from glassdesk.kernel.unit_of_work import Transaction
from tests.workflow.prompts.world import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    url = f"sqlite:///{tmp_path}/desk.db"
    upgrade(url)
    return Desk(open_database(url))


@pytest.fixture
def t(desk: Desk) -> Iterator[Transaction]:
    with desk.transactions.begin() as transaction:
        yield transaction
