"""What a run needs of the other steps, in one value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta

from glassdesk.kernel.clock import Clock, Stopwatch
from glassdesk.kernel.ids import AccountKind
from glassdesk.kernel.jobs import Bell
from glassdesk.kernel.leases import LeaseStore
from glassdesk.kernel.unit_of_work import Transactions
from glassdesk.workflow.charts.service import Charts
from glassdesk.workflow.contracts.service import Contracts
from glassdesk.workflow.contracts.watchlists import Watchlists
from glassdesk.workflow.indicators.service import Indicators
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.lineage.ports import ArtifactStore, CallBook
from glassdesk.workflow.lineage.service import Lineage
from glassdesk.workflow.market_data.service import MarketData
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.orders.service import Orders
from glassdesk.workflow.positions.service import Positions
from glassdesk.workflow.prompts.service import Prompts
from glassdesk.workflow.risk.ports import ExposureReader
from glassdesk.workflow.risk.service import Risk
from glassdesk.workflow.runs.ports import RunStore
from glassdesk.workflow.session.service import Session
from glassdesk.workflow.signals.budget import Budgets
from glassdesk.workflow.signals.ports import Analyst
from glassdesk.workflow.signals.service import Signals
from glassdesk.workflow.strategies.service import Strategies


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything the pipeline calls."""

    transactions: Transactions
    clock: Clock
    stopwatch: Stopwatch
    bell: Bell
    leases: LeaseStore
    owner: str
    """Name of this process in leases."""
    owner_of_turn: Callable[[], str]
    """A name of the calling thread in leases: two threads of one process are two owners."""
    code_version: str
    purpose: Callable[[str], AbstractContextManager[None]]
    """Broker calls made inside the block carry this purpose, e.g. `run:<id>:bars`."""
    jitter: timedelta
    """Runs of one instant begin spread over so long."""
    call_book: CallBook
    account_kind: AccountKind
    runs: RunStore
    session: Session
    contracts: Contracts
    market_data: MarketData
    indicators: Indicators
    charts: Charts
    prompts: Prompts
    strategies: Strategies
    analyst: Analyst
    """The desk's."""
    analysts: Mapping[str, Analyst]
    """Those a strategy may name."""
    budgets: Budgets
    watchlists: Watchlists
    signals: Signals
    risk: Risk
    exposure: ExposureReader
    orders: Orders
    positions: Positions
    lineage: Lineage
    audit: Audit
    artifacts: ArtifactStore
    notifications: Notifications
