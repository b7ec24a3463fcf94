"""A plugin of pytest: no test may run unless the package under test is the copy that was meant."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import glassdesk

COPY = "GLASSDESK_MUTATED"
"""Names the folder of the copy to the tests' process."""
ANOTHER = 77
"""Exit code: the tests would have run over another package."""


def pytest_sessionstart(session: pytest.Session) -> None:
    meant, found = Path(os.environ[COPY]).resolve(), Path(str(glassdesk.__file__)).resolve()
    if not found.is_relative_to(meant):
        pytest.exit(f"under test is {found}, not the copy in {meant}", returncode=ANOTHER)
