"""A certificate to trust, and a desk over a gateway in memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.ibkr.certificates import self_signed
from tests.adapters.ibkr.gateway import Desk, desk


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate as a gateway has one."""
    return self_signed(tmp_path_factory.mktemp("certificate") / "gateway.pem")


@pytest.fixture
def over(certificate: Path) -> Iterator[Desk]:
    """A desk whose waits move its clock at once."""
    with desk(certificate) as made:
        yield made
