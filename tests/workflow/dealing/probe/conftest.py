"""Paper desks in front of a simulated broker whose switches the test sets and the probe has to find out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from glassdesk.kernel.ids import AccountKind
from ibkr_simulator import certificate
from tests.faults.stage import MORNING, SECOND, Stage, build

DAY = timedelta(days=1)
Paper = Callable[..., Stage]


@pytest.fixture(scope="session")
def pem(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The gateway's certificate and its key."""
    return certificate.ensure(tmp_path_factory.mktemp("gateway"))


@pytest.fixture
def paper(pem: tuple[Path, Path], tmp_path: Path) -> Iterator[Paper]:
    """Makes paper desks half an hour after the open; words are switches of the simulator."""
    made: list[Stage] = []

    def begin(
        kind: AccountKind = AccountKind.PAPER, at: str = MORNING, *, events: bool = False, **switches: str
    ) -> Stage:
        poll = DAY if events else 3 * SECOND
        stage = build(pem, tmp_path, at=at, kind=kind, events=events, poll=poll, switches=switches)
        made.append(stage)
        return stage

    yield begin
    for stage in made:
        stage.broker.close()
        stage.ground.stores.close()
        stage.world.truth.close()
