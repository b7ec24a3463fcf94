"""A worker as a process of its own (`glassdesk worker`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from glassdesk.composition.beside import Beside
from glassdesk.composition.distributed import open_hands
from glassdesk.composition.figures import served_figures
from glassdesk.composition.ground import open_ground, process_name
from glassdesk.composition.heartbeats import feeling
from glassdesk.composition.loops import RunningRole
from glassdesk.composition.presence import attending
from glassdesk.composition.probing_models import at_start
from glassdesk.composition.tracing import traced
from glassdesk.settings import Settings
from glassdesk.worker.building import build_worker
from glassdesk.workflow.processes.model import Role


@contextmanager
def open_worker(settings: Settings) -> Iterator[RunningRole]:
    """A worker that reads the broker through the dealer's gate; any number may run. It is stopped at the end
    of the block. Raises `Unavailable`, `InvalidInput`, or `VersionSkew`."""
    with ExitStack() as opened:
        opened.enter_context(served_figures(settings))
        opened.enter_context(traced(settings, "worker"))
        ground = opened.enter_context(open_ground(settings))
        owner = process_name("worker")
        hands = opened.enter_context(open_hands(ground, owner))
        hands.desk.notifications.check()
        opened.enter_context(feeling(hands.desk))
        courier = Beside("courier", hands.desk.notifications.dispatch)
        worker = build_worker(ground, hands.desk, hands.parts, owner, courier.ring)
        # the hands end first: while they finish a step they are in the round, and simulated time stands
        role = RunningRole(
            "worker", worker.loop, begin=[hands.start, courier.start], end=[hands.leave, worker.stop]
        )
        opened.enter_context(
            attending(ground, hands.desk, Role.WORKER, owner, turned=lambda: worker.turned, leave=role.fail)
        )
        with hands.desk.transactions.begin() as t:
            hands.desk.prompts.seed(t)
        at_start(hands.desk)
        opened.callback(courier.stop)
        opened.callback(role.stop)
        yield role
