"""What slots need of the other steps, in one value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from glassdesk.kernel.clock import Clock
from glassdesk.kernel.jobs import Bell
from glassdesk.kernel.unit_of_work import Transactions
from glassdesk.workflow.contracts.service import Contracts
from glassdesk.workflow.contracts.watchlists import WatchlistStore
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.positions.service import Positions
from glassdesk.workflow.runs.ports import RunStore
from glassdesk.workflow.schedules.ports import SlotStore
from glassdesk.workflow.strategies.service import Strategies


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything the ticker calls."""

    transactions: Transactions
    store: SlotStore
    strategies: Strategies
    contracts: Contracts
    runs: RunStore
    watchlists: WatchlistStore
    positions: Positions
    notifications: Notifications
    audit: Audit
    bell: Bell
    clock: Clock
    deployment: str
    jitter: timedelta
    """Runs of one instant begin spread over so long."""
