"""The product of one role instance: its own services over wrapped ports, composed as the product does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from glassdesk.adapters.artifacts import open_artifacts
from glassdesk.adapters.calendars import ExchangeCalendar
from glassdesk.adapters.database import Stores
from glassdesk.kernel.clock import Clock
from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.contracts.service import Contracts
from glassdesk.workflow.dealing.parts import BrokerParts, DealerSettings, Parts
from glassdesk.workflow.dealing.service import Dealing
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.lineage.ports import ArtifactStore
from glassdesk.workflow.lineage.service import Lineage
from glassdesk.workflow.market_data.keeping import KeptBars
from glassdesk.workflow.market_data.service import MarketData
from glassdesk.workflow.notifications.dispatching import Channels
from glassdesk.workflow.notifications.ports import Channel
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.order_tracking.service import Tracking
from glassdesk.workflow.orders.service import Orders
from glassdesk.workflow.orders.switches import Switches
from glassdesk.workflow.portfolio.service import Portfolio
from glassdesk.workflow.positions.service import Positions
from glassdesk.workflow.risk.model import Limits
from glassdesk.workflow.risk.service import Risk
from glassdesk.workflow.runs.manual import StoredManualRuns
from glassdesk.workflow.strategies.model import StrategyContract
from tests.chaos.broker.reads import ModelReads
from tests.chaos.broker.session import ModelSession
from tests.chaos.broker.writes import ModelOrders
from tests.chaos.history.recorder import recorded
from tests.chaos.orders.memo import Database
from tests.chaos.ports import Instance, noting
from tests.workflow.dealing.desk import NoContracts
from tests.workflow.dealing.makers import a_strategy, rules_of

ACCOUNT = "DU1234567"
DEPLOYMENT = "chaos"
STRATEGY = "morning"
OURS = (265598, 272093, 8314, 4815747, 107113386, 208813719, 15124833, 13977)
"""Contracts that the strategy trades."""
THEIRS = (76792, 4391, 9579970, 12087792, 3691937)
"""Contracts that somebody else trades in the same account."""
LIMITS = Limits(
    max_orders_per_day=100,
    max_positions=20,
    max_order=Decimal("0.5"),
    max_position=Decimal("0.5"),
    max_open_risk=Decimal("0.5"),
)


@cache
def calendar() -> ExchangeCalendar:
    """Opening one takes longer than a seed."""
    return ExchangeCalendar(start=date(2023, 1, 3))


@cache
def database() -> Database:
    """Furnished once for each process."""
    return Database(_furnish)


def _furnish(stores: Stores) -> None:
    row = a_strategy()
    contracts = tuple(StrategyContract(conid=conid, symbol=f"S{conid}") for conid in OURS)
    wanted = replace(row, strategy=replace(row.strategy, contracts=contracts, limits=LIMITS))
    with stores.transactions.begin() as t:
        stores.strategies.add_version(t, wanted)
        for conid in OURS:
            stores.contracts.put_rules(t, rules_of(conid))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What every instance shares: the broker, the database, the channels, what the broker is said to do."""

    stores: Stores
    session: ModelSession
    orders: ModelOrders
    reads: ModelReads
    channels: tuple[Channel, ...]
    switches: Switches
    artifacts: ArtifactStore


def no_artifacts() -> ArtifactStore:
    """An artifact store in memory."""
    return open_artifacts("memory:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """One process: what it composed."""

    stores: Stores
    parts: Parts
    dealing: Dealing


def stores_of(me: Instance, outside: Outside) -> Stores:
    """Stores whose commits are noted, with crash points around each unit of work."""
    journal = me.stage.journal
    assert journal is not None
    noted = recorded(outside.stores, journal, me.name, lambda: me.stage.scheduler.now)
    return replace(noted, transactions=me.transactions(noted.transactions))


def open_office(me: Instance, outside: Outside, *, poll: timedelta | None) -> Office:
    """Everything a process builds when it starts."""
    stores, clock = stores_of(me, outside), me.clock()
    audit = Audit(stores.audit, clock)
    notifications = Notifications(
        stores.transactions, stores.outbox, _channels(me, outside.channels), clock, audit
    )
    contracts = Contracts(stores.transactions, NoContracts(), stores.contracts, calendar(), clock)
    parts = _parts(me, outside, stores, clock, audit, notifications, contracts, poll)
    return Office(stores=stores, parts=parts, dealing=Dealing(stores.commands, audit, clock))


def _channels(me: Instance, channels: Sequence[Channel]) -> Channels:
    return Channels(first=tuple(me.port(channel, "channel") for channel in channels))


def _parts(
    me: Instance,
    outside: Outside,
    stores: Stores,
    clock: Clock,
    audit: Audit,
    notifications: Notifications,
    contracts: Contracts,
    poll: timedelta | None,
) -> Parts:
    lineage = Lineage(stores.lineage, outside.artifacts)
    orders = Orders(stores.orders, audit, clock)
    positions = Positions(stores.positions, stores.tracking, stores.orders, audit, notifications)
    reads = me.port(noting(outside.reads, "reads", me), "reads")
    kept = KeptBars(reads, stores.bars, stores.transactions, calendar(), clock)
    return Parts(
        settings=DealerSettings(
            account=ACCOUNT,
            kind=AccountKind.SIMULATED,
            owner=me.name,
            deployment=DEPLOYMENT,
            forced_login=False,
            poll=poll,
        ),
        clock=clock,
        transactions=stores.transactions,
        broker=BrokerParts(
            session=me.port(noting(outside.session, "session", me), "session"),
            orders=noting(me.port(outside.orders, "orders"), "orders", me),
            reads=reads,
            positions=reads,
            portfolio=reads,
        ),
        leases=stores.leases,
        sessions=stores.session,
        commands=stores.commands,
        order_rows=stores.orders,
        strategies=stores.strategies,
        contracts=contracts,
        market_data=MarketData(reads, kept, contracts, calendar(), clock),
        risk=Risk(stores.halt, stores.verdicts, audit, clock),
        orders=orders,
        tracking=Tracking(stores.tracking, stores.orders, orders, lineage),
        positions=positions,
        portfolio=Portfolio(
            stores.portfolio,
            stores.tracking,
            stores.orders,
            positions,
            contracts,
            notifications,
            desk_capital=Decimal(100_000),
            exchange="XNYS",
        ),
        lineage=lineage,
        audit=audit,
        notifications=notifications,
        manual_runs=StoredManualRuns(stores.runs),
        simulated=lambda: replace(outside.switches, proven_at=clock.now()),
    )
