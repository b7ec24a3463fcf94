"""What the pipeline calls, and the threads that execute its runs."""

from __future__ import annotations

import threading
from collections.abc import Callable

from glassdesk import __version__
from glassdesk.adapters.ibkr.calls import serving
from glassdesk.adapters.indicators import own_mark
from glassdesk.adapters.jobs import InlineJobs
from glassdesk.adapters.llm import analyst_for
from glassdesk.composition.ground import Ground
from glassdesk.desk import Desk
from glassdesk.kernel.errors import InvalidInput
from glassdesk.kernel.jobs import Bell
from glassdesk.workflow.lineage.ports import CallBook
from glassdesk.workflow.runs.parts import Parts
from glassdesk.workflow.runs.pipeline import Pipeline
from glassdesk.workflow.signals.budget import Budgets
from glassdesk.workflow.signals.governor import Governed
from glassdesk.workflow.signals.ports import Analyst
from glassdesk.workflow.signals.rules.analyst import ENGINE as RULES
from glassdesk.workflow.signals.rules.analyst import RulesAnalyst


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
        analyst=chosen_analyst(ground),
        analysts=named_analysts(ground),
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


def chosen_analyst(ground: Ground) -> Analyst:
    """The analyst that the settings' URL names. Raises `InvalidInput`."""
    key = ground.settings.model_key
    chosen = analyst_for(ground.settings.model_url, key=key.get_secret_value() if key else None)
    return chosen if chosen.engine == RULES else Governed(chosen, ground.clock)


def analyst_named(ground: Ground, name: str) -> Analyst:
    """The analyst that a strategy names, else the one of the settings. Raises `InvalidInput`."""
    if not name:
        return chosen_analyst(ground)
    found = named_analysts(ground)
    if name not in found:
        remedy = f"one of {', '.join(sorted(found))}"
        raise InvalidInput(f"the settings have no analyst {name!r}", where="analyst", remedy=remedy)
    return found[name]


def named_analysts(ground: Ground) -> dict[str, Analyst]:
    """The rules, and the analysts of the settings by their names. Raises `InvalidInput`."""
    named: dict[str, Analyst] = {RULES: RulesAnalyst()}
    for name, url in ground.settings.analysts.items():
        key = ground.settings.analyst_keys.get(name)
        chosen = analyst_for(url, key=key.get_secret_value() if key else "")
        named[name] = chosen if chosen.engine == RULES else Governed(chosen, ground.clock)
    return named


def _own_code(ground: Ground) -> str:
    settings = ground.settings
    return own_mark(settings.home / "indicators") if settings.own_indicators else ""
