"""One running desk under faults: its servers, processes and simulator, what is read of it, and what it is
waited for to do next."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from glassdesk.adapters.simulation import ControlPlane, Endpoint
from glassdesk.composition.ground import open_ground
from glassdesk.composition.reading import reading_desk
from glassdesk.composition.simulation import start_simulator
from glassdesk.settings import Settings, load
from tests.chaos.distributed import trading
from tests.chaos.distributed.grounds import Grounds, opened_grounds, plain
from tests.chaos.distributed.processes import DEPLOYMENT, ROLES, TOKEN, Processes

PATIENCE = 1200.0
"""Machine seconds after which something that should come counts as lost: longer than the broker's penalty of
a quarter of an hour, which two dealers that ask at once may earn."""
_LOOK = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the desk had done until a moment."""

    runs: int
    """Runs that ended."""
    sends: int
    """Writes that the broker has accepted: brackets, and exits that turn a target into a sale."""
    reign: str
    """Who holds the dealers' lease."""


class Desk:
    """See the module."""

    def __init__(self, folder: Path, grounds: Grounds, endpoint: Endpoint, settings: Settings) -> None:
        self.grounds = grounds
        self.endpoint = endpoint
        self.settings = settings
        self.control = ControlPlane(endpoint)
        self.processes = Processes(folder, grounds.settings)
        self._link: psycopg.Connection[Any] | None = None

    # --- reading, past the wires

    def rows(self, statement: str, *values: object) -> list[Any]:
        """Rows of the desk's database; none while it is away."""
        try:
            if self._link is None:
                self._link = psycopg.connect(plain(self.grounds.database), autocommit=True, connect_timeout=5)
            return self._link.execute(statement.encode(), values or None).fetchall()
        except psycopg.OperationalError:
            self._link = None
            return []

    def progress(self) -> Progress | None:
        """Where it stands; None while the database is away."""
        found = self.rows(
            "SELECT (SELECT count(*) FROM runs WHERE state NOT IN ('due', 'running', 'decided')),"
            " (SELECT count(*) FROM send_outcomes WHERE kind = 'accepted'),"
            " (SELECT owner FROM leases WHERE name LIKE 'dealer:%' LIMIT 1)"
        )
        if not found:
            return None
        [(runs, sends, reign)] = found
        return Progress(runs=int(runs), sends=int(sends), reign=str(reign or ""))

    @property
    def reigning(self) -> str:
        """Name of the process whose lease it is."""
        before = self.progress()
        assert before is not None
        return self.processes.named(int(before.reign.split("-")[1]))

    def close_strategies(self) -> None:
        """No entries from now on."""
        with open_ground(self.settings) as ground, reading_desk(ground) as product:
            trading.leave(product)

    # --- waiting

    def until(self, true: Callable[[], object], what: str, patience: float = PATIENCE) -> float:
        """Wait for it; machine seconds that it took. Raises TimeoutError."""
        began = time.monotonic()
        while not true():
            if time.monotonic() - began > patience:
                raise TimeoutError(f"{what}: not within {patience:.0f} s")
            time.sleep(_LOOK)
        return time.monotonic() - began

    def lets_pass(self, seconds: float) -> None:
        """Wait so many market seconds."""
        began = self.control.now()
        self.until(lambda: (self.control.now() - began).total_seconds() >= seconds, "market time")

    def goes_on(self, before: Progress) -> bool:
        """Since then a run has ended and the broker took a write: it decides and trades."""
        now = self.progress()
        return now is not None and now.runs > before.runs and now.sends > before.sends

    def works(self) -> float:
        """Machine seconds until the next run has ended and the broker took the next write."""
        before = self.settled_progress()
        return self.until(lambda: self.goes_on(before), "the next run and the next write")

    def settled_progress(self) -> Progress:
        """Progress as soon as the database answers."""
        found: list[Progress] = []

        def look() -> bool:
            now = self.progress()
            found.extend([now] if now is not None else [])
            return bool(found)

        self.until(look, "the database")
        return found[-1]

    @contextmanager
    def standing(self) -> Iterator[None]:
        """Market time stands, and everybody waits for it."""
        self.control.pause()
        try:
            self.until(self._all_wait, "everybody waits", 60)
            yield
        finally:
            self.control.resume()

    def _all_wait(self) -> bool:
        return all(one["state"] == "WAITING" for one in self.control.clock()["participants"])


@contextmanager
def running_desk(folder: Path, speed: float, names: Sequence[str], symbols: Sequence[str]) -> Iterator[Desk]:
    """Processes of these names trade these symbols, at so many market seconds to a second."""
    with opened_grounds(folder, tuple(set(ROLES.values()))) as grounds:
        settings = _settings(folder / "home", grounds)
        endpoint = start_simulator(settings, speed=speed)
        desk = Desk(folder, grounds, endpoint, settings)
        try:
            desk.control.sign_in()
            desk.control.advance_to(trading.BEGIN)
            with desk.processes.cleared():
                _begin(desk, names, symbols)
                yield desk
        finally:
            desk.control.close()
            os.kill(endpoint.pid, signal.SIGTERM)
            with suppress(ChildProcessError):
                os.waitpid(endpoint.pid, 0)


def _settings(home: Path, grounds: Grounds) -> Settings:
    """Of this process, past the wires."""
    return load(
        home,
        database_url=grounds.database,
        artifacts_url=grounds.bucket.url,
        s3_endpoint=grounds.objects.endpoint,
        s3_key=grounds.bucket.key,
        s3_secret=grounds.bucket.secret,
        gate_token=TOKEN,
        deployment=DEPLOYMENT,
        simulator_start=trading.DAY,
    )


def _begin(desk: Desk, names: Sequence[str], symbols: Sequence[str]) -> None:
    desk.control.pause()
    first, *others = names
    desk.processes.start(first)
    # An empty database is made ready by whoever comes first.
    desk.until(lambda: "ready" in desk.processes.said(first), "the first dealer")
    for name in others:
        desk.processes.start(name)
    roles = [name for name in names if ROLES[name] != "web"]
    desk.until(lambda: all("ready" in desk.processes.said(name) for name in roles), "all processes")
    desk.control.resume()
    with open_ground(desk.settings) as ground, reading_desk(ground) as product:

        def ready() -> bool:
            with product.transactions.read() as t:
                status = product.session.status(t)
                return status is not None and status.ready and bool(product.session.accounts(t))

        desk.until(ready, "the session")
        trading.take_in(product, symbols)
    desk.until(lambda: desk.settled_progress().sends > 0, "the first order")
