"""The databases of the laws, for what lies under the stores."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from glassdesk.adapters.database import Stores, open_database
from tests.adapters.laws.conftest import database_url as database_url


@pytest.fixture
def stores(database_url: str) -> Iterator[Stores]:
    """The stores of that very database."""
    opened = open_database(database_url)
    yield opened
    opened.close()
