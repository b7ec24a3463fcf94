"""What the whole desk's tests stand on."""

from __future__ import annotations

from pathlib import Path

import pytest

from ibkr_simulator import certificate


@pytest.fixture(scope="session")
def pem(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The gateway's certificate and its key."""
    return certificate.ensure(tmp_path_factory.mktemp("gateway"))
