"""Servers that answer as a test says, one for each protocol."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.adapters.llm.asking import Starts
from tests.adapters.llm.protocols import PROTOCOLS, Protocol
from tests.adapters.llm.standin import Answerer, StandIn


@pytest.fixture
def server() -> Iterator[Starts]:
    opened: list[StandIn] = []

    def start(answer: Answerer) -> StandIn:
        opened.append(StandIn(answer))
        return opened[-1].__enter__()

    yield start
    for one in opened:
        one.__exit__(None, None, None)


@pytest.fixture(params=list(PROTOCOLS.values()), ids=list(PROTOCOLS))
def protocol(request: pytest.FixtureRequest) -> Protocol:
    found: Protocol = request.param
    return found
