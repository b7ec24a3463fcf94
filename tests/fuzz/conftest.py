"""The certificate that the gateway in memory is trusted by."""

from pathlib import Path

import pytest

from tests.adapters.ibkr.certificates import self_signed


@pytest.fixture(scope="session")
def certificate_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_signed(tmp_path_factory.mktemp("certificate") / "gateway.pem")
