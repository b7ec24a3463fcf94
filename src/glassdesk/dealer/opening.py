"""The dealer as a process of its own (`glassdesk dealer`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from glassdesk.composition.beside import Beside
from glassdesk.composition.brokerage import open_brokerage, role_lock
from glassdesk.composition.figures import served_figures
from glassdesk.composition.gateway import supervised_gateway
from glassdesk.composition.ground import open_ground, process_name, waker
from glassdesk.composition.heartbeats import beating
from glassdesk.composition.inspecting import Watch
from glassdesk.composition.loops import RunningRole
from glassdesk.composition.presence import attending
from glassdesk.composition.reading import WakingBell, gate_owner, login_url
from glassdesk.composition.services import build_desk
from glassdesk.composition.tracing import traced
from glassdesk.composition.trading import build_dealer
from glassdesk.dealer.role import DealerRole
from glassdesk.settings import Settings
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.processes.model import Role


@contextmanager
def open_dealer(settings: Settings) -> Iterator[RunningRole]:
    """A dealer that serves its gate to the other processes. Of several on one account one reigns. It is
    stopped at the end of the block. Raises `Conflict` when another holds the roles of this home,
    `Unavailable`, `InvalidInput`, or `VersionSkew`."""
    with ExitStack() as opened:
        opened.enter_context(role_lock(settings.home))
        opened.enter_context(supervised_gateway(settings))
        opened.enter_context(served_figures(settings))
        opened.enter_context(traced(settings, "dealer"))
        ground = opened.enter_context(open_ground(settings))
        brokerage = opened.enter_context(open_brokerage(ground))
        desk = build_desk(ground, brokerage.broker, WakingBell(waker(ground)), login_url(ground))
        desk.notifications.check()
        watch = Watch(ground, desk)
        opened.callback(watch.stop)
        watch.start()
        name = process_name("dealer")
        dealer = build_dealer(
            ground, desk, brokerage, gate_owner(name, brokerage.gate_address), files_for_runs=True
        )
        beats = opened.enter_context(beating(ground, desk, dealer))
        loop = DealerRole(name=name, clock=ground.clock, stopwatch=ground.stopwatch, dealer=beats)
        # alarms must not need a worker
        courier = Beside("courier", partial(desk.notifications.dispatch, only=Severity.ALARM))
        role = RunningRole("dealer", loop.loop, begin=[courier.start], end=[loop.stop])
        opened.enter_context(
            attending(ground, desk, Role.DEALER, name, turned=lambda: loop.turned, leave=role.fail)
        )
        opened.callback(courier.stop)
        opened.callback(dealer.end)
        opened.callback(role.stop)
        yield role
