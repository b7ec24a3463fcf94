"""Which function tests which fault. The name says it: `test_F_22_lost_response_after_acceptance`."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from functools import cache

from tests.faults.conftest import Make

Test = Callable[[Make], None]
SECTIONS = ("session", "wire", "market_data", "order_reads", "orders", "order_life", "portfolio", "stream")
NAME = re.compile(r"test_F_(\d\d)_\w+")


@cache
def registered() -> dict[int, tuple[str, Test]]:
    """By number: where the test stands (`tests/faults/test_wire.py::test_F_…`), and the function. Fails where
    two functions claim a number."""
    found: dict[int, tuple[str, Test]] = {}
    for section in SECTIONS:
        module = importlib.import_module(f"tests.faults.test_{section}")
        for name, function in vars(module).items():
            named = NAME.fullmatch(name)
            if named:
                number = int(named.group(1))
                assert number not in found, f"F-{number:02} is tested twice"
                found[number] = (f"tests/faults/test_{section}.py::{name}", function)
    return found
