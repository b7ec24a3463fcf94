"""Makes stages, one or more for each test, and takes them down.

A fault's test is one plain function `test_F_NN_name(make)` in the file of its section: its number and name
are those of the catalogue, it arms the fault by number and asserts what the product makes of it. A fault with
a star has a mutant in `mutants/`: the product without the handling, under which the same function is red.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.session.clocks import Region
from ibkr_simulator import certificate
from tests.faults.stage import MORNING, SECOND, Stage, build

Make = Callable[..., Stage]


@pytest.fixture(scope="session")
def pem(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The gateway's certificate and its key."""
    return certificate.ensure(tmp_path_factory.mktemp("gateway"))


@pytest.fixture
def make(pem: tuple[Path, Path], tmp_path: Path) -> Iterator[Make]:
    """Makes stages; words that are none of `build`'s are switches of the simulator."""
    made: list[Stage] = []

    def begin(
        *,
        at: str = MORNING,
        kind: AccountKind = AccountKind.SIMULATED,
        signed_in: bool = True,
        events: bool = False,
        poll: timedelta | None = 3 * SECOND,
        delayed: bool = False,
        region: Region = Region.US,
        suppressed: tuple[str, ...] = (),
        stream: bool = False,
        **switches: str,
    ) -> Stage:
        stage = build(
            pem,
            tmp_path,
            at=at,
            kind=kind,
            signed_in=signed_in,
            events=events,
            poll=poll,
            delayed=delayed,
            region=region,
            suppressed=suppressed,
            stream=stream,
            switches=switches,
        )
        made.append(stage)
        return stage

    yield begin
    for stage in made:
        if stage.air is not None:
            stage.air.end()
        stage.broker.close()
        stage.ground.stores.close()
        stage.world.truth.close()
