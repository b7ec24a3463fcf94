"""What the pipeline calls, and the threads that execute its runs."""

from __future__ import annotations

import threading
from collections.abc import Callable

from glassdesk import __version__
from glassdesk.adapters.ibkr.calls import serving
from glassdesk.adapters.indicators import own_mark
from glassdesk.adapters.jobs import InlineJobs
from glassdesk.composition.ground import Ground
from glassdesk.composition.models import chosen_analyst, named_analysts
from glassdesk.desk import Desk
from glassdesk.kernel.jobs import Bell
from glassdesk.workflow.lineage.ports import CallBook
from glassdesk.workflow.runs.parts import Parts
from glassdesk.workflow.runs.pipeline import Pipeline
from glassdesk.workflow.signals.budget import Budgets


def build_parts(
    ground: Ground,
    desk: Desk,
    bell: Bell,
    book: CallBook,
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
        code_version=__version__ + _own_code(ground),
        purpose=serving,
        jitter=ground.jitter,
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
        analyst=chosen_analyst(ground, desk.governor),
        analysts=named_analysts(ground, desk.governor),
        budgets=Budgets(stores.expenses),
        watchlists=desk.watchlists,
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


def open_jobs(parts: Callable[[Bell], Parts], threads: int) -> tuple[Parts, InlineJobs]:
    """Parts and the threads that execute their runs; each needs the other, so the bell is hung up first."""
    bell = _Later()
    made = parts(bell)
    bell.jobs = InlineJobs(Pipeline(made).execute, threads=threads)
    return made, bell.jobs


class _Later:
    """A bell whose jobs are made after it: jobs call the pipeline, the pipeline rings the bell."""

    jobs: InlineJobs

    def ring(self, run: str) -> None:
        """Ring for the jobs."""
        self.jobs.ring(run)


def _own_code(ground: Ground) -> str:
    settings = ground.settings
    return own_mark(settings.home / "indicators") if settings.own_indicators else ""
