"""What the dealer works with: its settings, its broker, its stores and the services of the steps."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from glassdesk.kernel.clock import Clock
from glassdesk.kernel.ids import AccountKind
from glassdesk.kernel.leases import LeaseStore
from glassdesk.kernel.unit_of_work import Transaction, Transactions
from glassdesk.workflow.contracts.service import Contracts
from glassdesk.workflow.dealing.ports import (
    BrokerClock,
    BrokerHints,
    BrokerPreview,
    BrokerProbe,
    CommandStore,
    ManualRuns,
    ProbeStore,
)
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.lineage.ports import ArtifactStore, CallBook
from glassdesk.workflow.lineage.service import Lineage
from glassdesk.workflow.market_data.service import MarketData
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.order_tracking.ports import BrokerOrderReads
from glassdesk.workflow.order_tracking.service import Tracking
from glassdesk.workflow.orders.ports import OrderStore
from glassdesk.workflow.orders.ports_write import BrokerOrders
from glassdesk.workflow.orders.service import Orders
from glassdesk.workflow.orders.switches import SwitchBoard, Switches
from glassdesk.workflow.portfolio.ports import BrokerPortfolio
from glassdesk.workflow.portfolio.service import Portfolio
from glassdesk.workflow.positions.ports import BrokerPositions
from glassdesk.workflow.positions.service import Positions
from glassdesk.workflow.risk.service import Risk
from glassdesk.workflow.session.clocks import Region
from glassdesk.workflow.session.model import SessionStatus
from glassdesk.workflow.session.ports import BrokerSession, SessionStore
from glassdesk.workflow.strategies.ports import StrategyStore


@dataclass(frozen=True, slots=True, kw_only=True)
class DealerSettings:
    """Whose orders, and where."""

    account: str
    kind: AccountKind
    owner: str
    """Name of this process in the lease."""
    exchange: str = "XNYS"
    """Calendar of the dealer's day: daily snapshot, wake at the open."""
    deployment: str = ""
    """Enters the identities of a person's acts."""
    region: Region = Region.US
    """Whose midnight ends sessions and resets the broker."""
    forced_login: bool = True
    """The gateway asks a person to sign in after each midnight of the region [F-10]."""
    take_over: bool = False
    """A username in use elsewhere is taken back, once a day at most, without a person asking [F-05]."""
    delayed_quotes: bool = False
    """Entries may be priced on delayed quotes (`T-06`); on a live account never."""
    canary: int | None = None
    """A liquid contract whose quote shows that the feed is alive (`T-06`); `None` where there is none."""
    lease_ttl: timedelta = timedelta(seconds=30)
    shared: bool = False
    """Other dealers may stand by: the lease is renewed before it ends also where simulated time jumps."""
    poll: timedelta | None = None
    """How often rows of others are looked at where the clock does not wake on events; 1 s by default."""

    @property
    def takes_delayed(self) -> bool:
        """Whether an entry may be priced on a delayed quote."""
        return self.delayed_quotes and self.kind is not AccountKind.LIVE

    @property
    def leaves_on_delayed(self) -> bool:
        """Whether an exit or a remedy may: out is better than in doubt, but for real money (`T-40`)."""
        return self.kind is not AccountKind.LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerParts:
    """The broker, by what is asked of it."""

    session: BrokerSession
    orders: BrokerOrders
    reads: BrokerOrderReads
    positions: BrokerPositions
    portfolio: BrokerPortfolio
    hints: BrokerHints | None = None
    """`None` where the broker volunteers nothing, as in simulated time."""
    clock: BrokerClock | None = None
    """`None` where the desk lives by the broker's own clock, as in simulated time."""
    preview: BrokerPreview | None = None
    """Without it no entry goes out, but on a simulated account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeParts:
    """What the probe needs beside the dealer's own."""

    broker: BrokerProbe
    store: ProbeStore
    book: CallBook
    purpose: Callable[[str], AbstractContextManager[None]]
    """Calls of this thread inside the block are filed under it."""
    artifacts: ArtifactStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything the dealer's turn calls."""

    settings: DealerSettings
    clock: Clock
    transactions: Transactions
    broker: BrokerParts
    leases: LeaseStore
    sessions: SessionStore
    commands: CommandStore
    order_rows: OrderStore
    strategies: StrategyStore
    contracts: Contracts
    market_data: MarketData
    risk: Risk
    orders: Orders
    tracking: Tracking
    positions: Positions
    portfolio: Portfolio
    lineage: Lineage
    audit: Audit
    notifications: Notifications
    manual_runs: ManualRuns | None = None
    """Where acts of a person get their runs; without it they are refused."""
    probing: ProbeParts | None = None
    """Without it a probe is refused, and only a simulator's word sets switches."""
    board: SwitchBoard = field(default_factory=SwitchBoard)
    """What the broker is known to do on this account (`T-60`); the adapter reads the same one."""
    waits_for_sign_in: Callable[[Transaction, SessionStatus], str] | None = None
    """What a person loses until they sign in, in the words of `T-62`; nothing where it is not pressing."""
    simulated: Callable[[], Switches] | None = None
    """On a simulated account: what the simulator says it does. It raises `Unavailable`."""

    @property
    def may_send_again(self) -> bool:
        """The broker refuses a client order id it has seen: only then the same payload may go out again."""
        return self.board.switches.may_send_again

    def now(self) -> datetime:
        """Market time."""
        return self.clock.now()
