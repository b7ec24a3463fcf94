"""All stores of one database, opened together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from glassdesk.adapters.database.access import DatabaseAccessStore
from glassdesk.adapters.database.audit import DatabaseAuditStore, DatabaseInspectionStore
from glassdesk.adapters.database.changes import Listeners
from glassdesk.adapters.database.contracts import DatabaseContractStore, DatabaseWatchlistStore
from glassdesk.adapters.database.counting import DatabaseCounts
from glassdesk.adapters.database.dealing import DatabaseCommandStore
from glassdesk.adapters.database.engine import open_engine
from glassdesk.adapters.database.evaluation import DatabaseEvaluationStore
from glassdesk.adapters.database.expenses import DatabaseExpenseStore
from glassdesk.adapters.database.indicators import DatabaseIndicatorStore
from glassdesk.adapters.database.leases import DatabaseLeaseStore
from glassdesk.adapters.database.lineage import DatabaseLineageStore
from glassdesk.adapters.database.market_data import DatabaseBarStore
from glassdesk.adapters.database.model_calls import DatabaseCallStore
from glassdesk.adapters.database.notifications import DatabaseOutbox
from glassdesk.adapters.database.operations import DatabaseSignsOfLife
from glassdesk.adapters.database.order_tracking import DatabaseTrackingStore
from glassdesk.adapters.database.orders import DatabaseOrderStore
from glassdesk.adapters.database.portfolio import DatabasePortfolioStore
from glassdesk.adapters.database.positions import DatabasePositionStore
from glassdesk.adapters.database.probes import DatabaseProbeStore
from glassdesk.adapters.database.processes import DatabaseProcessStore
from glassdesk.adapters.database.prompts import DatabasePromptStore
from glassdesk.adapters.database.real_money import DatabaseLiveStore
from glassdesk.adapters.database.risk import DatabaseHaltStore, DatabaseVerdictStore
from glassdesk.adapters.database.runs import DatabaseRunStore
from glassdesk.adapters.database.schedules import DatabaseSlotStore
from glassdesk.adapters.database.session import DatabaseSessionStore
from glassdesk.adapters.database.signals import DatabaseSignalStore
from glassdesk.adapters.database.strategies import DatabaseStrategyStore
from glassdesk.adapters.database.transactions import DatabaseTransactions
from glassdesk.adapters.database.upgrade import make_ready
from glassdesk.adapters.database.watching import DatabaseChanges
from glassdesk.kernel.changes import Changes
from glassdesk.kernel.errors import GlassdeskError
from glassdesk.kernel.leases import LeaseStore
from glassdesk.kernel.unit_of_work import Transactions
from glassdesk.workflow.access.ports import AccessStore
from glassdesk.workflow.contracts.ports import ContractStore
from glassdesk.workflow.contracts.watchlists import WatchlistStore
from glassdesk.workflow.dealing.ports import CommandStore, ProbeStore
from glassdesk.workflow.evaluation.ports import EvaluationStore
from glassdesk.workflow.indicators.ports import IndicatorStore
from glassdesk.workflow.lineage.ports import AuditStore, InspectionStore, LineageStore
from glassdesk.workflow.market_data.ports import BarStore
from glassdesk.workflow.notifications.ports import Outbox
from glassdesk.workflow.operations.figures import Counts
from glassdesk.workflow.operations.ports import SignsOfLife
from glassdesk.workflow.order_tracking.ports import TrackingStore
from glassdesk.workflow.orders.ports import OrderStore
from glassdesk.workflow.portfolio.ports import PortfolioStore
from glassdesk.workflow.positions.ports import PositionStore
from glassdesk.workflow.processes.ports import ProcessStore
from glassdesk.workflow.prompts.ports import PromptStore
from glassdesk.workflow.risk.ports import HaltStore, LiveStore, VerdictStore
from glassdesk.workflow.runs.ports import RunStore
from glassdesk.workflow.schedules.ports import SlotStore
from glassdesk.workflow.session.ports import SessionStore
from glassdesk.workflow.signals.budget import ExpenseStore
from glassdesk.workflow.signals.ports import CallStore, SignalStore
from glassdesk.workflow.strategies.ports import StrategyStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """One database, seen through every step's port. `close` gives its connections back."""

    transactions: Transactions
    changes: Changes
    session: SessionStore
    contracts: ContractStore
    watchlists: WatchlistStore
    bars: BarStore
    indicators: IndicatorStore
    prompts: PromptStore
    strategies: StrategyStore
    slots: SlotStore
    runs: RunStore
    signals: SignalStore
    expenses: ExpenseStore
    model_calls: CallStore
    evaluation: EvaluationStore
    halt: HaltStore
    verdicts: VerdictStore
    live: LiveStore
    orders: OrderStore
    tracking: TrackingStore
    positions: PositionStore
    portfolio: PortfolioStore
    lineage: LineageStore
    audit: AuditStore
    inspections: InspectionStore
    access: AccessStore
    outbox: Outbox
    processes: ProcessStore
    commands: CommandStore
    probes: ProbeStore
    leases: LeaseStore
    signs: SignsOfLife
    counts: Counts
    close: Callable[[], None]


def open_database(url: str, *, halt_file: Path | None = None, database_clock: bool = False) -> Stores:
    """Open `memory:`, `sqlite:///PATH` or `postgresql+psycopg://…`; an empty database is made ready.

    `halt_file` is the sentinel beside the halt row. With `database_clock` leases go by its time (it fits
    the `system:` clock), else by the caller's. Raises `InvalidInput`, `Unavailable`, or `VersionSkew` for a
    schema of another program.
    """
    engine = open_engine(url)
    try:
        make_ready(engine)
    except GlassdeskError:
        engine.dispose()
        raise
    listeners = Listeners()
    return Stores(
        transactions=DatabaseTransactions(engine, listeners),
        changes=DatabaseChanges(listeners),
        session=DatabaseSessionStore(),
        contracts=DatabaseContractStore(),
        watchlists=DatabaseWatchlistStore(),
        bars=DatabaseBarStore(),
        indicators=DatabaseIndicatorStore(),
        prompts=DatabasePromptStore(),
        strategies=DatabaseStrategyStore(),
        slots=DatabaseSlotStore(),
        runs=DatabaseRunStore(),
        signals=DatabaseSignalStore(),
        expenses=DatabaseExpenseStore(),
        model_calls=DatabaseCallStore(),
        evaluation=DatabaseEvaluationStore(),
        halt=DatabaseHaltStore(halt_file),
        verdicts=DatabaseVerdictStore(),
        live=DatabaseLiveStore(),
        orders=DatabaseOrderStore(),
        tracking=DatabaseTrackingStore(),
        positions=DatabasePositionStore(),
        portfolio=DatabasePortfolioStore(),
        lineage=DatabaseLineageStore(),
        audit=DatabaseAuditStore(),
        inspections=DatabaseInspectionStore(),
        access=DatabaseAccessStore(),
        outbox=DatabaseOutbox(),
        processes=DatabaseProcessStore(),
        commands=DatabaseCommandStore(),
        probes=DatabaseProbeStore(),
        leases=DatabaseLeaseStore(database_clock=database_clock),
        signs=DatabaseSignsOfLife(),
        counts=DatabaseCounts(),
        close=engine.dispose,
    )
