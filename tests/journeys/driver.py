"""A desk that dies where it is told to: `tests/journeys/driver.py --home H --sessions N --strategies A,B`.

The same command again attaches to the living simulator and goes on until the last session is over. What may
kill it stands in `GLASSDESK_KILL_AT`, names separated by commas; each kills once, as `<home>/kills.log` says:

    step:bars:written      the step's row is inserted, its transaction is still open
    step:bars:committed    the transaction is durable, the next step has not begun
    place:before           the SENDING row is committed, nothing has left this machine
    place:after            the broker has answered, the outcome is not stored
    modify:before, modify:after

`#2` behind a name is the same for another order. The simulator is paused before a kill, so that a dead desk
loses no more market time than a start takes; with `:running` behind a name time runs on. The program knows
nothing of this: methods of two classes are wrapped here.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
import time as machine
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from glassdesk.adapters.bundles.strategies import load_strategy
from glassdesk.adapters.database.runs import DatabaseRunStore
from glassdesk.adapters.ibkr.orders import IbkrOrders
from glassdesk.adapters.simulation import ControlPlane, Endpoint
from glassdesk.cli.embedded import Embedded, open_embedded
from glassdesk.composition.examples import example_files
from glassdesk.composition.simulation import start_simulator
from glassdesk.desk import Desk
from glassdesk.settings import load
from glassdesk.workflow.orders.model import Ticket

START = date(2012, 10, 1)
START_SECONDS = 20
"""Market time that a new start takes; a broker that saw ten starts in one second would limit us."""
MOST_PER_INSTANT = 4
"""Five lost claims quarantine a run, and every run of the instant loses its claim with the process."""
MOST_PER_ORDER = 2


class Killer:
    """Ends this process at named points, each once in the life of a home."""

    def __init__(self, home: Path, points: list[str], control: ControlPlane) -> None:
        self._log = home / "kills.log"
        self._control = control
        self._lock = threading.Lock()
        told = [line.split() for line in self._log.read_text().splitlines()] if self._log.exists() else []
        self._left = set(points) - {point for point, _ in told}
        self._keys = [key for _, key in told]
        self._seen = {(_plain(point), key) for point, key in told}

    def reached(self, point: str, key: str, most: int) -> None:
        """Die here if that is wanted, at most so often for one `key`: an instant or an order."""
        with self._lock:
            wanted = next((name for name in sorted(self._left) if _plain(name) == point), None)
            if wanted is None or (point, key) in self._seen or self._keys.count(key) >= most:
                return
            if not wanted.endswith(":running"):
                self._control.pause()
            with self._log.open("a") as log:
                log.write(f"{wanted} {key}\n")
                log.flush()
                os.fsync(log.fileno())
            os.kill(os.getpid(), signal.SIGKILL)


def _plain(name: str) -> str:
    return name.removesuffix(":running").partition("#")[0]


def wrap(killer: Killer) -> None:
    """Put the killer around a step's row, and around what is sent to the broker."""
    put_step: Callable[..., None] = DatabaseRunStore.put_step

    def kept(self: DatabaseRunStore, t: Any, run: Any, step: Any) -> None:
        put_step(self, t, run, step)
        instant = run.slot.isoformat()
        killer.reached(f"step:{step.name}:written", instant, MOST_PER_INSTANT)
        t.after_commit(lambda: killer.reached(f"step:{step.name}:committed", instant, MOST_PER_INSTANT))

    DatabaseRunStore.put_step = kept  # type: ignore[method-assign]
    for verb in ("place", "modify"):
        setattr(IbkrOrders, verb, _around(killer, verb, getattr(IbkrOrders, verb)))


def _around(killer: Killer, verb: str, send: Callable[..., Any]) -> Callable[..., Any]:
    def sent(self: IbkrOrders, *arguments: Any) -> Any:
        ticket: Ticket = arguments[-1] if verb == "modify" else arguments[-1][0]
        killer.reached(f"{verb}:before", ticket.coid, MOST_PER_ORDER)
        outcome = send(self, *arguments)
        killer.reached(f"{verb}:after", ticket.coid, MOST_PER_ORDER)
        return outcome

    return sent


def take_in(desk: Desk, names: list[str]) -> None:
    """Keep and enable example strategies, unless they are there from an earlier life."""
    with desk.transactions.read() as t:
        known = {row.strategy.name for row in desk.strategies.list(t)}
    with desk.transactions.begin() as t:
        desk.prompts.seed(t)
    for file in example_files():
        if file.stem in names and file.stem not in known:
            strategy = load_strategy(
                file.read_bytes(),
                file=file.name,
                account=desk.account,
                resolve=lambda symbol: _resolved(desk, symbol),
            )
            with desk.transactions.begin() as t:
                desk.strategies.create(t, strategy, author="driver", message=file.name)
                desk.strategies.enable(t, strategy.name, "driver")


def _resolved(desk: Desk, symbol: str) -> int:
    contract = desk.contracts.resolve(symbol)
    with desk.transactions.begin() as t:
        desk.contracts.remember(t, contract)
    return contract.conid


def last_evening(desk: Desk, sessions: int) -> datetime:
    """A quarter of an hour after the last session's close."""
    at = datetime.combine(START, time(5), tzinfo=UTC)
    for _ in range(sessions):
        at = desk.contracts.next_session("XNYS", at).closes_at
    return at + timedelta(minutes=15)


def wait_until_ready(running: Embedded) -> None:
    """Until the brokerage session stands and its accounts are known. Raises TimeoutError."""
    for turn in range(3_000):
        with running.desk.transactions.read() as t:
            status = running.desk.session.status(t)
            if status is not None and status.ready and running.desk.session.accounts(t):
                return
        machine.sleep(0.01)
        if turn % 200 == 199:
            # A desk that was restarted at this very instant waits for its predecessor's requests to age.
            running.ground.clock.wait_until(running.ground.clock.now() + timedelta(seconds=1))
    raise TimeoutError("the brokerage session did not become ready")


def live(running: Embedded, control: ControlPlane, sessions: int, names: list[str]) -> None:
    """From wherever the last life ended to the last evening."""
    clock = running.ground.clock
    with clock.working("driver", "person"):
        if not control.health()["signed_in"]:
            control.sign_in()
        running.start()
        wait_until_ready(running)
        take_in(running.desk, names)
        end = last_evening(running.desk, sessions)
        while clock.now() < end and running.failure is None:
            clock.wait_until(end)
        control.pause()
    if running.failure is not None:
        raise running.failure


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--sessions", type=int, required=True)
    parser.add_argument("--strategies", required=True)
    given = parser.parse_args(arguments)
    settings = load(given.home, simulator_start=START)
    endpoint: Endpoint = start_simulator(settings, speed=None)
    control = ControlPlane(endpoint)
    if (given.home / "kills.log").exists():
        control.advance_to(control.now() + timedelta(seconds=START_SECONDS))
        control.resume()
    points = [name for name in os.environ.get("GLASSDESK_KILL_AT", "").split(",") if name]
    wrap(Killer(given.home, points, control))
    with open_embedded(settings) as running:
        live(running, control, given.sessions, given.strategies.split(","))
    sys.stdout.write(json.dumps({"now": control.clock()["now"]}) + "\n")
    control.close()


if __name__ == "__main__":
    main(sys.argv[1:])
