"""The worker's parts: the pipeline and the loop around tick and sweep."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

from glassdesk import __version__
from glassdesk.composition.ground import Ground
from glassdesk.desk import Desk
from glassdesk.kernel.jobs import Bell
from glassdesk.worker import Worker
from glassdesk.workflow.lineage.ports import CallBook
from glassdesk.workflow.runs.parts import Parts
from glassdesk.workflow.runs.sweeper import Sweeper
from glassdesk.workflow.signals.ports import Analyst


def build_parts(
    ground: Ground,
    desk: Desk,
    analyst: Analyst,
    bell: Bell,
    book: CallBook,
    purpose: Callable[[str], AbstractContextManager[None]],
    owner: str,
) -> Parts:
    """What the pipeline calls."""
    stores = ground.stores
    return Parts(
        transactions=stores.transactions,
        clock=ground.clock,
        stopwatch=ground.stopwatch,
        bell=bell,
        leases=stores.leases,
        owner=owner,
        owner_of_turn=lambda: f"{owner}:{threading.get_ident()}",
        code_version=__version__,
        purpose=purpose,
        call_book=book,
        account_kind=ground.settings.account_kind,
        runs=stores.runs,
        session=desk.session,
        contracts=desk.contracts,
        market_data=desk.market_data,
        indicators=desk.indicators,
        charts=desk.charts,
        prompts=desk.prompts,
        strategies=desk.strategies,
        analyst=analyst,
        signals=desk.signals,
        risk=desk.risk,
        exposure=desk.portfolio,
        orders=desk.orders,
        positions=desk.positions,
        lineage=desk.lineage,
        audit=desk.audit,
        artifacts=ground.artifacts,
        notifications=desk.notifications,
    )


def build_worker(ground: Ground, desk: Desk, parts: Parts, owner: str) -> Worker:
    """The worker's loop."""
    return Worker(
        name=f"{owner}-ticker",
        clock=ground.clock,
        stopwatch=ground.stopwatch,
        schedules=desk.schedules,
        sweeper=Sweeper(parts),
        notifications=desk.notifications,
    )
