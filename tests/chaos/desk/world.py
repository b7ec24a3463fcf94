"""The whole desk over the simulator, all in one thread: two dealers, a worker and a hand for its runs, each
an instance with stores, clock, wire and gate of its own over one database and one broker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from glassdesk.adapters.calendars import ExchangeCalendar
from glassdesk.adapters.database import Stores
from glassdesk.adapters.ibkr import connect
from glassdesk.adapters.ibkr.broker import reading_ports
from glassdesk.adapters.ibkr.callbook import CallBook
from glassdesk.adapters.ibkr.gate import Gate
from glassdesk.adapters.memory.bell import MemoryBell
from glassdesk.composition.brokerage import Brokerage
from glassdesk.composition.ground import Ground
from glassdesk.composition.pipelines import build_parts
from glassdesk.composition.services import build_desk
from glassdesk.composition.trading import FilingDealer, dealer_parts
from glassdesk.dealer.role import DealerRole
from glassdesk.desk import Desk
from glassdesk.kernel.errors import GlassdeskError
from glassdesk.kernel.ids import AccountKind
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.worker.building import build_worker
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.turn import Dealer
from glassdesk.workflow.notifications.dispatching import Channels
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.orders.switches import told
from glassdesk.workflow.runs.pipeline import Pipeline
from ibkr_simulator.control.clock import Clock as Round
from ibkr_simulator.control.routes import Control
from ibkr_simulator.instants import from_datetime, to_datetime
from ibkr_simulator.world import World
from tests.chaos.desk.ports import DeskBell, DeskChannel, DeskClock, DeskWire, PersonClock, noted
from tests.chaos.desk.reads import LivingGate
from tests.chaos.desk.witness import Witness
from tests.chaos.history.books import Books, read_books
from tests.chaos.history.journal import Journal
from tests.chaos.history.recorder import recorded
from tests.chaos.history.truth import Truth
from tests.chaos.ports import Instance, NoFaults, Plan, Stage, noting
from tests.chaos.scheduler import Scheduler, Task, Trace
from tests.faults.grounds import a_ground, a_world
from tests.faults.market import StillStopwatch
from tests.workflow.dealing.makers import a_strategy

Value = TypeVar("Value")
ACCOUNT, EXCHANGE = "DU1234567", "XNYS"
SECOND = timedelta(seconds=1)
DEALERS = ("dealer-a", "dealer-b")


@dataclass(slots=True)
class DeskWorld:
    """One seed's world. `run_until` lets everybody live; `calm` ends the faults and waits for rest."""

    broker: World
    scheduler: Scheduler
    stage: Stage
    journal: Journal
    witness: Witness
    stores: Stores
    ground: Ground
    pem: tuple[Path, Path]
    control: Control
    desk: Desk
    """A person's: no crash points, commits noted."""
    gates: list[tuple[Instance, Gate]]
    _resting: list[Task] = field(default_factory=list)

    # ------------------------------------------------------------ time

    @property
    def now(self) -> datetime:
        return self.scheduler.now

    def rest(self, instant: datetime | None, *, on_event: bool) -> None:
        """The calling role waits for an instant or, where it wants, an event."""
        task = self.scheduler.running
        assert task is not None, "only a role can wait"
        if on_event:
            self._resting.append(task)
        due = self.now + timedelta(days=3650) if instant is None else instant
        try:
            self.scheduler.sleep_until(max(due, self.now))
        finally:
            if task in self._resting:
                self._resting.remove(task)

    def poke(self) -> None:
        """Something happened: whoever waits for events wakes."""
        resting, self._resting = self._resting, []
        for task in resting:
            task.resume_at(self.now)

    def travel(self, to: datetime) -> None:
        """The broker's time goes with the scheduler's."""
        if self.broker.advance(from_datetime(to), tickled=True):
            self.scheduler.at(to, self.poke)

    def run_until(self, end: datetime) -> None:
        """Everything happens up to an instant, the market's own events included."""
        while self.now < end:
            due = self.scheduler.next_instant()
            horizon = min(end, due) if due is not None else end
            event = self.broker.exchange.next_event(from_datetime(horizon))
            if event is not None and event.at > from_datetime(self.now):
                horizon = min(horizon, to_datetime(event.at))
            self.scheduler.run_until(horizon)

    # ------------------------------------------------------------ roles

    def stores_of(self, me: Instance) -> Stores:
        """The stores of one instance: crash points around commits, which the journal has."""
        noting = recorded(self.stores, self.journal, me.name, lambda: self.scheduler.now)
        return replace(noting, transactions=me.transactions(noting.transactions))

    def ground_of(self, me: Instance) -> Ground:
        """What an instance stands on."""
        artifacts = me.port(self.ground.artifacts, "artifacts")
        return replace(
            self.ground,
            clock=DeskClock(me, self),
            stopwatch=me.stopwatch(),
            stores=self.stores_of(me),
            artifacts=artifacts,
        )

    def dealer(self, me: Instance) -> Callable[[], None]:
        """The dealer's role over a broker of its own."""
        ground, book = self.ground_of(me), CallBook()
        broker = connect(
            "https://localhost:5000",
            str(self.pem[0]),
            ground.clock,
            ground.stopwatch,
            book,
            ACCOUNT,
            memory=self.ground.settings.home,
            transport=DeskWire(me, self),
        )
        self.gates.append((me, broker.gate))
        desk = build_desk(ground, broker, MemoryBell(), broker.session.login_url)
        parts = dealer_parts(ground, desk, Brokerage(broker=broker, book=book, gate_address=""), me.name)
        filing = FilingDealer(Dealer(self._noted(parts, me)), desk, book, files_for_runs=True)
        role = DealerRole(name=me.name, clock=ground.clock, stopwatch=ground.stopwatch, dealer=filing)
        return role.loop

    def _noted(self, parts: Parts, me: Instance) -> Parts:
        ports = parts.broker
        return replace(
            parts,
            broker=replace(
                ports,
                session=noted(ports.session, "session", me),
                orders=noting(me.port(ports.orders, "orders"), "orders", me),
                reads=noted(ports.reads, "reads", me),
                positions=noted(ports.positions, "positions", me),
                portfolio=noted(ports.portfolio, "portfolio", me),
            ),
            simulated=lambda: told(self.broker.switches.all(), self.now),
        )

    def worker(self, me: Instance) -> Callable[[], None]:
        """Ticker, sweeper and dispatcher."""
        ground, book = self.ground_of(me), CallBook()
        desk = self._desk_of(me, ground)
        parts = build_parts(ground, desk, DeskBell(self), book, me.name)
        return build_worker(ground, desk, parts, me.name).loop

    def hand(self, me: Instance) -> Callable[[], None]:
        """Executes the runs that wait, as a worker's threads do."""
        ground, book = self.ground_of(me), CallBook()
        desk = self._desk_of(me, ground)
        pipeline = Pipeline(build_parts(ground, desk, DeskBell(self), book, me.name))

        def loop() -> None:
            while True:
                for run in self._unfinished(ground.stores):
                    pipeline.execute(run)
                ground.clock.wait_until(self.now + 15 * SECOND if self._unfinished(ground.stores) else None)

        return loop

    def _unfinished(self, stores: Stores) -> list[str]:
        with stores.transactions.read() as t:
            return [run.run for run in stores.runs.unfinished(t)]

    def _desk_of(self, me: Instance, ground: Ground) -> Desk:
        reads = reading_ports(LivingGate(me, ground.clock, self.gates), ground.clock, ACCOUNT)
        desk = build_desk(ground, reads, DeskBell(self), "https://localhost:5000")
        channel = me.port(DeskChannel(self), "channel")
        stores = ground.stores
        told_of = Notifications(
            stores.transactions, stores.outbox, Channels(first=(channel,)), ground.clock, desk.audit
        )
        return replace(desk, notifications=told_of)

    # ------------------------------------------------------------ persons

    def attempt(self, deed: Callable[[], Value]) -> Value | None:
        """What somebody tries outside of every role; a refusal is an answer."""
        try:
            return deed()
        except GlassdeskError:
            return None

    def write(self, deed: Callable[[Transaction], Value]) -> Value | None:
        """One transaction of a person. Dealers and workers notice."""

        def written() -> Value:
            with self.desk.transactions.begin() as t:
                return deed(t)

        try:
            return self.attempt(written)
        finally:
            self.poke()

    # ------------------------------------------------------------ looking

    def truth(self) -> Truth:
        """What really happened."""
        return self.witness.truth()

    def books(self) -> Books:
        """What the product has written down."""
        calendar = self.ground.calendar
        return read_books(
            self.stores,
            ACCOUNT,
            AccountKind.SIMULATED,
            self.now,
            is_open=lambda at: _open(calendar, at),
        )

    def close(self) -> None:
        """Unwind every life, and close what is open."""
        self.stage.close()
        self.stores.close()
        self.broker.truth.close()


def _open(calendar: ExchangeCalendar, at: datetime) -> bool:
    session = calendar.hours(EXCHANGE, at.astimezone(ZoneInfo(calendar.zone(EXCHANGE))).date())
    return session is not None and session.opens_at <= at < session.closes_at


def a_desk_world(
    pem: tuple[Path, Path],
    home: Path,
    dice: Random,
    *,
    at: str,
    switches: dict[str, str] | None = None,
    plan: Plan | None = None,
    trace: Trace | None = None,
) -> DeskWorld:
    """A world at an instant, nobody alive yet, a person signed in at the gateway."""
    broker = a_world(at, switches or {})
    broker.in_round = lambda: True
    made: list[DeskWorld] = []

    def travel(to: datetime) -> None:
        made[0].travel(to)

    scheduler = Scheduler(to_datetime(broker.now), dice, travel=travel)
    journal, clock = Journal(), PersonClock(scheduler)
    base = a_ground(home, AccountKind.SIMULATED, clock, StillStopwatch())
    person = recorded(base.stores, journal, "person", clock.now)
    ground = replace(base, stores=person)
    gates: list[tuple[Instance, Gate]] = []
    reads = reading_ports(LivingGate(None, clock, gates), clock, ACCOUNT)
    world = DeskWorld(
        broker=broker,
        scheduler=scheduler,
        stage=Stage(scheduler, plan=plan or NoFaults(), trace=trace or Trace(), journal=journal),
        journal=journal,
        witness=Witness(broker, journal, ACCOUNT),
        stores=base.stores,
        ground=ground,
        pem=pem,
        control=Control(broker, Round(broker), "history"),
        desk=build_desk(ground, reads, MemoryBell(), "https://localhost:5000"),
        gates=gates,
    )
    made.append(world)
    # The control plane's own clock, where nobody sits, would have pacing counted in machine time.
    broker.in_round = lambda: True
    world.write(lambda t: _seed(world, t))
    return world


def _seed(world: DeskWorld, t: Transaction) -> None:
    """One strategy, as on the stage of the faults."""
    world.ground.stores.strategies.add_version(t, a_strategy())
    world.desk.prompts.seed(t)
