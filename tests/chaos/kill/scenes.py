"""Scenes in which the dealer is killed: what the desk and the broker look like when it begins, and how long
the story goes on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.orders.model import OrderState, Role
from glassdesk.workflow.risk.model import HaltLevel
from ibkr_simulator import certificate
from ibkr_simulator.world import World
from tests.chaos.kill.databases import Databases
from tests.faults.deciding import take_in
from tests.faults.looking import lost
from tests.faults.stage import AAPL, MINUTE, MORNING, SECOND, Stage, build

Prepare = Callable[[Stage], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A story with a name. `prepare` plays what came before; the dealer that is killed plays the rest."""

    name: str
    prepare: Prepare
    span: timedelta
    """Market time in which the story is over, also after a kill."""
    at: str = MORNING
    roles: tuple[str, ...] = ("dealer",)
    """Processes of the story."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A scene ready to be played many times: each play takes copies of both."""

    scene: Scene
    world: World
    folder: Path
    """Holds the gateway's certificate."""
    databases: Databases
    database: str
    """URL of the desk's rows as the scene begins."""


def _entry(stage: Stage) -> None:
    stage.reserve_entry()


def _two_entries(stage: Stage) -> None:
    stage.reserve_entry(limit=stage.price() - 5)
    stage.reserve_entry(8314, limit=stage.price(8314) + 1)


def _partly(stage: Stage) -> None:
    stage.arm(58, quantity=4)
    stage.reserve_entry(8314, ttl_seconds=60)


def _answer_lost(stage: Stage) -> None:
    stage.arm(22, endpoint="reply")
    stage.arm(43, seconds=40)
    stage.reserve_entry()


def _declined(stage: Stage) -> None:
    stage.arm(47, message_id="o77777")
    stage.reserve_entry(limit=stage.price() - 5)


def _refused(stage: Stage) -> None:
    stage.arm(65, text="No trading permissions.")
    stage.reserve_entry()


def _half_live(stage: Stage) -> None:
    stage.arm(52)
    stage.reserve_entry()


def _never_arrived(stage: Stage) -> None:
    stage.arm(48)
    stage.reserve_entry(limit=stage.price() - 5)


def _stopped(stage: Stage) -> None:
    stage.a_position()
    [stop] = [one for one in stage.truth() if one.live and one.kind == "STP"]
    _modify(stage, stop.order_id, str(stage.price() + 1))


def _target(stage: Stage) -> None:
    stage.a_position()
    [target] = [one for one in stage.truth() if one.live and one.side == "SELL" and one.kind == "LMT"]
    stage.ask_control(
        "POST", "/person/modify", {"order_id": target.order_id, "limit": str(stage.price() - 1)}
    )


def _modify(stage: Stage, order: int, stop: str) -> None:
    stage.ask_control("POST", "/person/modify", {"order_id": order, "stop": stop})


def _exit(stage: Stage) -> None:
    target = stage.a_position().orders
    [entry] = [one for one in target if one.role is Role.ENTRY]
    stage.reserve_exit(entry)


def _cancel(stage: Stage) -> None:
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run_until(lambda: stage.entry_state(reservation) is OrderState.WORKING)
    stage.command(CommandKind.CANCEL_ORDER, reservation.orders[0].order)


def _sold_by_hand(stage: Stage) -> None:
    stage.a_position()
    stage.ask_control("POST", "/person/order", {"conid": AAPL, "side": "SELL", "quantity": 6})


def _halted(stage: Stage) -> None:
    stage.a_position(8314)
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run_until(lambda: stage.entry_state(reservation) is OrderState.WORKING)
    stage.write(lambda t: stage.desk.risk.set_halt(t, HaltLevel.HALT_CANCEL_ENTRIES, "a drill", "owner"))


def _unknown_when_it_died(stage: Stage) -> None:
    lost(stage)


def _expires(stage: Stage) -> None:
    stage.reserve_entry(limit=stage.price() - Decimal(5), ttl_seconds=60)


def _strategies(stage: Stage) -> None:
    take_in(stage, "ibm-reversion", "IBM")
    take_in(stage, "goog-confirmation", "GOOG")
    take_in(stage, "fb-reversion", "FB")


SCENES = (
    Scene(name="entry-filled", prepare=_entry, span=5 * MINUTE),
    Scene(name="two-entries", prepare=_two_entries, span=5 * MINUTE),
    Scene(name="entry-partly-filled", prepare=_partly, span=8 * MINUTE),
    Scene(name="answer-lost", prepare=_answer_lost, span=10 * MINUTE),
    Scene(name="question-declined", prepare=_declined, span=8 * MINUTE),
    Scene(name="refused", prepare=_refused, span=8 * MINUTE),
    Scene(name="bracket-half-live", prepare=_half_live, span=8 * MINUTE),
    Scene(name="reply-expired", prepare=_never_arrived, span=15 * MINUTE),
    Scene(name="stopped", prepare=_stopped, span=5 * MINUTE),
    Scene(name="target", prepare=_target, span=5 * MINUTE),
    Scene(name="exit-by-signal", prepare=_exit, span=10 * MINUTE),
    Scene(name="cancel", prepare=_cancel, span=5 * MINUTE),
    Scene(name="sold-by-hand", prepare=_sold_by_hand, span=5 * MINUTE),
    Scene(name="halted", prepare=_halted, span=5 * MINUTE),
    Scene(name="unknown-before", prepare=_unknown_when_it_died, span=12 * MINUTE),
    Scene(name="entry-expires", prepare=_expires, span=8 * MINUTE),
    Scene(
        name="decided-by-a-worker",
        prepare=_strategies,
        span=90 * MINUTE,
        at="2012-10-10T12:40:00Z",
        roles=("dealer", "worker"),
    ),
)
"""In the last one three shipped strategies decide on one morning: two enter, one has no signal."""


@contextmanager
def prepared(scene: Scene, folder: Path, databases: Databases) -> Iterator[Prepared]:
    """Play what came before, close the desk's files and keep the broker's world."""
    (folder / "simulator").mkdir(parents=True)
    os.environ.setdefault("IBKR_SIMULATOR_VIOLATIONS", str(folder / "violations.txt"))
    pem = certificate.ensure(folder / "simulator")
    database = databases.fresh(folder)
    stage = build(pem, folder, at=scene.at, poll=6 * SECOND, database=database)
    try:
        stage.run(10 * SECOND)
        scene.prepare(stage)
        stage.dealers[-1].step_down()
    finally:
        stage.broker.close()
        stage.ground.stores.close()
    try:
        yield Prepared(scene=scene, world=stage.world, folder=folder, databases=databases, database=database)
    finally:
        databases.dropped(database)
        stage.world.truth.close()
