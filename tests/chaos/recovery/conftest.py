"""Stages, as the tests of faults have them."""

from tests.faults.conftest import make, pem

__all__ = ["make", "pem"]
