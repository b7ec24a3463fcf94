"""The desk: every step's service in one place. Doors call it; composition builds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from glassdesk.kernel.changes import Changes
from glassdesk.kernel.clock import Clock, Stopwatch
from glassdesk.kernel.ids import AccountKind
from glassdesk.kernel.unit_of_work import Transaction, Transactions
from glassdesk.workflow.access.service import Access
from glassdesk.workflow.charts.service import Charts
from glassdesk.workflow.contracts.service import Contracts
from glassdesk.workflow.contracts.watchlists import Watchlists
from glassdesk.workflow.dealing.consent import Approvals
from glassdesk.workflow.dealing.exit_rules import ExitRules
from glassdesk.workflow.dealing.probes import Probes
from glassdesk.workflow.dealing.service import Dealing
from glassdesk.workflow.evaluation.labelling import Labelling
from glassdesk.workflow.evaluation.service import Scoreboard
from glassdesk.workflow.indicators.service import Indicators
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.lineage.inspection import Inspection
from glassdesk.workflow.lineage.ports import ArtifactStore
from glassdesk.workflow.lineage.service import Lineage
from glassdesk.workflow.market_data.service import MarketData
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.operations.service import Operations
from glassdesk.workflow.order_tracking.service import Tracking
from glassdesk.workflow.orders.model import IntentState
from glassdesk.workflow.orders.service import Orders
from glassdesk.workflow.portfolio.service import Portfolio
from glassdesk.workflow.positions.service import Positions
from glassdesk.workflow.processes.service import Processes
from glassdesk.workflow.prompts.service import Prompts
from glassdesk.workflow.real_money.service import Road
from glassdesk.workflow.risk.service import Risk
from glassdesk.workflow.runs.replaying import Replays
from glassdesk.workflow.runs.service import Runs
from glassdesk.workflow.schedules.preflight import Preflight
from glassdesk.workflow.schedules.service import Schedules
from glassdesk.workflow.schedules.sign_in import SignIn
from glassdesk.workflow.session.service import Session
from glassdesk.workflow.signals.endpoints import Endpoints
from glassdesk.workflow.signals.governor import Governor
from glassdesk.workflow.signals.service import Signals
from glassdesk.workflow.strategies.service import Strategies

LIVING = (IntentState.AWAITING_APPROVAL, IntentState.QUEUED, IntentState.SENT)
"""States of an intent that may still change the account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a door may call. Transactions are opened by the door: `read()` for pages, `begin()` for
    commands."""

    transactions: Transactions
    changes: Changes
    clock: Clock
    stopwatch: Stopwatch
    deployment: str
    account: str
    account_kind: AccountKind
    desk_capital: Decimal
    session: Session
    contracts: Contracts
    watchlists: Watchlists
    market_data: MarketData
    indicators: Indicators
    charts: Charts
    prompts: Prompts
    strategies: Strategies
    schedules: Schedules
    sign_in: SignIn
    preflight: Preflight
    signals: Signals
    governor: Governor
    endpoints: Endpoints
    risk: Risk
    orders: Orders
    tracking: Tracking
    positions: Positions
    exit_rules: ExitRules
    portfolio: Portfolio
    lineage: Lineage
    audit: Audit
    inspection: Inspection
    artifacts: ArtifactStore
    access: Access
    notifications: Notifications
    runs: Runs
    replays: Replays
    labelling: Labelling
    scoreboard: Scoreboard
    dealing: Dealing
    approvals: Approvals
    probes: Probes
    operations: Operations
    processes: Processes
    road_over: Callable[[Desk], Road]

    @property
    def road(self) -> Road:
        """The road to live of this home (`T-61`)."""
        return self.road_over(self)

    def owns(self, t: Transaction, strategy: str) -> bool:
        """True while a strategy holds shares or has an order that waits or lives (`T-15`)."""
        if any(position.strategy == strategy for position in self.positions.held(t, self.account)):
            return True
        return any(intent.strategy == strategy for intent, _ in self.orders.intents(t, states=LIVING))
