"""A desk for one question where there is none yet: on the simulator, in a folder that is gone afterwards."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from glassdesk.cli.embedded import open_embedded, ready_on_the_simulator
from glassdesk.cli.here import Here
from glassdesk.composition.simulation import end_simulator, start_simulator
from glassdesk.desk import Desk
from glassdesk.kernel.ids import AccountKind
from glassdesk.settings import Settings, load


@contextmanager
def desk_or_trial(here: Here) -> Iterator[Desk]:
    """The desk of this home; where nothing was ever started, one that knows what comes with the program and
    the simulator's prices. The second kind is told on standard error."""
    if here.is_there:
        with here.desk() as desk:
            yield desk
        return
    with TemporaryDirectory(prefix="glassdesk-") as folder:
        settings = _settings(Path(folder) / "home")
        print(
            f"there is no desk in {here.home}: this is answered on the simulator, as of "
            f"{settings.simulator_start}, and nothing of it is kept",
            file=sys.stderr,
        )
        try:
            start_simulator(settings, speed=None)
            with open_embedded(settings) as running, ready_on_the_simulator(running):
                yield running.desk
        finally:
            end_simulator(settings.home)


def _settings(home: Path) -> Settings:
    """Whatever the environment says of brokers, models and messages is not meant for a trial."""
    return load(
        home,
        database_url=f"sqlite:///{home / 'glassdesk.sqlite'}",
        artifacts_url=f"file:{home / 'artifacts'}",
        jobs_url="inline:",
        broker_url="simulator:",
        model_url="rules:",
        clock_url="sim:",
        account_kind=AccountKind.SIMULATED,
        notify_urls="",
        notify_second_urls="",
    )
