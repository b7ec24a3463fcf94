"""What all tests under fire share."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from ibkr_simulator import certificate


@pytest.fixture(scope="session")
def pem(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The gateway's certificate and its key."""
    return certificate.ensure(tmp_path_factory.mktemp("gateway"))


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """A desk under fire has much to say."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
