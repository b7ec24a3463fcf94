"""All three roles in one process: worker threads, a ticker, a dealer, their gate (`glassdesk up`, `demo`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

from glassdesk.composition.beside import Beside
from glassdesk.composition.brokerage import Brokerage, open_brokerage, role_lock
from glassdesk.composition.gateway import supervised_gateway
from glassdesk.composition.ground import Ground, open_ground, process_name
from glassdesk.composition.heartbeats import beating
from glassdesk.composition.inspecting import Watch
from glassdesk.composition.loops import END_SECONDS, RunningRole
from glassdesk.composition.pipelines import build_parts, open_jobs
from glassdesk.composition.presence import attending
from glassdesk.composition.probing_models import at_start
from glassdesk.composition.reading import login_url
from glassdesk.composition.services import build_desk
from glassdesk.composition.simulation import Simulation
from glassdesk.composition.trading import build_dealer
from glassdesk.dealer import DealerRole
from glassdesk.desk import Desk
from glassdesk.kernel.errors import Unavailable
from glassdesk.kernel.jobs import Bell
from glassdesk.settings import Settings
from glassdesk.worker import Worker, build_worker
from glassdesk.workflow.processes.model import Role
from glassdesk.workflow.runs.parts import Parts

READY_TURNS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """The roles of one process."""

    ground: Ground
    desk: Desk
    parts: Parts
    worker: Worker
    dealer: DealerRole
    roles: tuple[RunningRole, ...]

    @property
    def failure(self) -> Exception | None:
        """What ended a role that should not have ended; the process is to stop then: a desk with half of its
        roles would look alive and trade on nothing."""
        return next((role.failure for role in self.roles if role.failure is not None), None)

    def start(self) -> None:
        """Set the roles going. Whoever held leases of this home before is dead: the role lock says so."""
        with self.desk.transactions.begin() as t:
            self.ground.stores.leases.void_all(t, now=self.ground.clock.now())
        for role in self.roles:
            role.start()


@contextmanager
def open_embedded(settings: Settings) -> Iterator[Embedded]:
    """Open everything, hold the role lock, stop and close at the end. Raises `Conflict` when another process
    holds the roles of this home."""
    with ExitStack() as opened:
        opened.enter_context(role_lock(settings.home))
        opened.enter_context(supervised_gateway(settings))
        ground = opened.enter_context(open_ground(settings))
        brokerage = opened.enter_context(open_brokerage(ground))
        owner = process_name("up")
        desks: list[Desk] = []

        def parts_with(bell: Bell) -> Parts:
            desks.append(build_desk(ground, brokerage.broker, bell, login_url(ground)))
            return build_parts(ground, desks[0], bell, brokerage.book, owner)

        parts, jobs = open_jobs(parts_with, ground.settings.workers)
        opened.callback(jobs.close, END_SECONDS)
        desks[0].notifications.check()
        courier = Beside("courier", desks[0].notifications.dispatch)
        watch = Watch(ground, desks[0])
        opened.callback(watch.stop)
        watch.start()
        worker = build_worker(ground, desks[0], parts, owner, courier.ring)
        dealer = opened.enter_context(_dealer(ground, desks[0], brokerage, owner))
        with ground.stores.transactions.begin() as t:
            # Strategies name a prompt: a new home has the packaged ones.
            desks[0].prompts.seed(t)
        at_start(desks[0])
        roles = (
            RunningRole("worker", worker.loop, begin=[courier.start], end=[worker.stop]),
            RunningRole("dealer", dealer.loop, end=[dealer.stop]),
        )
        opened.enter_context(
            attending(ground, desks[0], Role.UP, owner, turned=lambda: dealer.turned, leave=roles[1].fail)
        )
        opened.callback(courier.stop)
        for role in roles:
            opened.callback(role.stop)
        yield Embedded(
            ground=ground,
            desk=desks[0],
            parts=parts,
            worker=worker,
            dealer=dealer,
            roles=roles,
        )


@contextmanager
def _dealer(ground: Ground, desk: Desk, brokerage: Brokerage, owner: str) -> Iterator[DealerRole]:
    with beating(ground, desk, build_dealer(ground, desk, brokerage, owner)) as dealer:
        yield DealerRole(
            name=f"{owner}-dealer", clock=ground.clock, stopwatch=ground.stopwatch, dealer=dealer
        )


def simulation_of(running: Embedded) -> Simulation:
    """Raises `Unavailable` for a desk that is not on the simulator."""
    if running.ground.simulator is None:
        raise Unavailable("this needs the simulator", where="broker_url")
    return Simulation(running.ground.simulator)


@contextmanager
def ready_on_the_simulator(running: Embedded) -> Iterator[None]:
    """Play the person at the login page and set the roles going; simulated time stands inside the block.
    Raises `Unavailable` where the session does not become ready."""
    with running.ground.clock.working("command", "person"):
        with closing(simulation_of(running)) as simulation:
            simulation.sign_in()
        running.start()
        _wait_until_ready(running)
        yield


def _wait_until_ready(running: Embedded) -> None:
    desk = running.desk
    for _ in range(READY_TURNS):
        with desk.transactions.read() as t:
            status = desk.session.status(t)
            if status is not None and status.ready and desk.session.accounts(t):
                return
        running.ground.stopwatch.pause(0.01)
    raise Unavailable("the brokerage session did not become ready", where="session")
