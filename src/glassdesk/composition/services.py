"""Builds every step's service over opened parts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from glassdesk.adapters.access import ArgonHasher, new_token
from glassdesk.adapters.charting.lazy import LazyRasteriser
from glassdesk.adapters.clocks import SystemClock
from glassdesk.adapters.templates import SandboxedTemplates
from glassdesk.composition.channels import channels_of
from glassdesk.composition.gateway import session_of
from glassdesk.composition.ground import Ground, waker
from glassdesk.composition.inspecting import inspection_of
from glassdesk.composition.live import gate_of, road_of
from glassdesk.composition.models import analyst_named, endpoints_of, governor_of
from glassdesk.composition.operating import operations_of
from glassdesk.composition.presence import processes_of
from glassdesk.composition.probing_models import probe_models
from glassdesk.composition.ringing import LateAgenda, Ring, RingingCommands, RingingHalts, RingingStrategies
from glassdesk.desk import Desk
from glassdesk.kernel.ids import AccountKind
from glassdesk.kernel.jobs import Bell
from glassdesk.settings import Settings
from glassdesk.workflow.access.service import Access
from glassdesk.workflow.charts.service import Charts
from glassdesk.workflow.contracts.ports import BrokerContracts
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
from glassdesk.workflow.lineage.service import Lineage
from glassdesk.workflow.market_data.keeping import KeptBars
from glassdesk.workflow.market_data.ports import BrokerMarketData
from glassdesk.workflow.market_data.service import MarketData
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.operations.service import Operations
from glassdesk.workflow.order_tracking.service import Tracking
from glassdesk.workflow.orders.service import Orders
from glassdesk.workflow.portfolio.service import Portfolio
from glassdesk.workflow.positions.service import Positions
from glassdesk.workflow.prompts.gate import Gate
from glassdesk.workflow.prompts.service import Prompts
from glassdesk.workflow.risk.in_force import AccountLimits
from glassdesk.workflow.risk.service import Risk
from glassdesk.workflow.runs.replaying import Replays
from glassdesk.workflow.runs.service import Runs
from glassdesk.workflow.schedules.parts import Parts
from glassdesk.workflow.schedules.preflight import Preflight
from glassdesk.workflow.schedules.service import Schedules
from glassdesk.workflow.schedules.sign_in import SignIn
from glassdesk.workflow.session.service import Session
from glassdesk.workflow.signals.answers import ANSWER_SCHEMA
from glassdesk.workflow.signals.budget import Budgets
from glassdesk.workflow.signals.endpoints import Endpoints
from glassdesk.workflow.signals.governor import Governor
from glassdesk.workflow.signals.prices import load_prices
from glassdesk.workflow.signals.service import Signals
from glassdesk.workflow.strategies.ports import Agenda, StrategyStore
from glassdesk.workflow.strategies.service import RULES, Strategies

EXCHANGE = "XNYS"
"""Calendar of everything this version trades (`T-18`)."""


class MarketReads(Protocol):
    """The broker reads that services make: of the gate itself, or of a client of it."""

    @property
    def contracts(self) -> BrokerContracts:
        """Contract reads."""
        ...

    @property
    def market_data(self) -> BrokerMarketData:
        """Market data reads."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """Services that most others are built on."""

    audit: Audit
    lineage: Lineage
    notifications: Notifications
    session: Session
    contracts: Contracts
    orders: Orders
    positions: Positions


def build_desk(ground: Ground, reads: MarketReads, bell: Bell, login_url: str) -> Desk:
    """The desk of one process."""
    base, ring, charts = _base(ground, reads, login_url), waker(ground), Charts(LazyRasteriser())
    risk, governor, portfolio = _judging(ground, base, ring)
    prompts, market_data = _prompts(ground, base), _market_data(ground, base, reads)
    strategies, schedules = _trading(ground, base, prompts, ring, market_data, bell)
    return Desk(
        transactions=ground.stores.transactions,
        changes=ground.stores.changes,
        clock=ground.clock,
        stopwatch=ground.stopwatch,
        deployment=ground.settings.deployment,
        account=ground.settings.account,
        account_kind=ground.settings.account_kind,
        desk_capital=ground.settings.desk_capital,
        session=base.session,
        contracts=base.contracts,
        watchlists=Watchlists(ground.stores.watchlists, base.contracts, base.audit, ground.clock),
        market_data=market_data,
        indicators=Indicators(ground.stores.indicators, ground.clock),
        charts=charts,
        prompts=prompts,
        strategies=strategies,
        schedules=schedules,
        sign_in=_sign_in(ground, base, base.session, schedules),
        preflight=_preflight(ground, base, base.session, schedules, strategies, risk, market_data),
        signals=Signals(ground.stores.signals),
        governor=governor,
        endpoints=_endpoints(ground, governor, charts),
        risk=risk,
        orders=base.orders,
        tracking=Tracking(ground.stores.tracking, ground.stores.orders, base.orders, base.lineage),
        positions=base.positions,
        exit_rules=ExitRules(ground.stores.orders, base.positions, ground.stores.strategies),
        portfolio=portfolio,
        lineage=base.lineage,
        audit=base.audit,
        inspection=inspection_of(ground),
        artifacts=ground.artifacts,
        access=Access(ground.stores.access, ArgonHasher(), SystemClock(), new_token),
        notifications=base.notifications,
        processes=processes_of(ground),
        runs=Runs(ground.stores.runs),
        replays=_replays(ground, base, strategies, prompts, governor),
        labelling=_labelling(ground, base, strategies, market_data),
        scoreboard=_scoreboard(ground, base, portfolio, prompts),
        dealing=Dealing(RingingCommands(ground.stores.commands, ring), base.audit, ground.clock),
        approvals=_approvals(ground, base, risk, portfolio),
        probes=_probes(ground, base, risk),
        operations=_operations(ground, base, risk, governor, schedules),
        road_over=partial(road_of, ground),
    )


def _endpoints(ground: Ground, governor: Governor, charts: Charts) -> Endpoints:
    return replace(endpoints_of(ground.settings), probe=partial(probe_models, ground, governor, charts))


def _prompts(ground: Ground, base: Base) -> Prompts:
    store = ground.stores.prompts
    gate = _gate(ground.settings)
    return Prompts(store, SandboxedTemplates(), base.audit, ground.clock, ANSWER_SCHEMA, gate)


def _scoreboard(ground: Ground, base: Base, portfolio: Portfolio, prompts: Prompts) -> Scoreboard:
    return Scoreboard(
        ground.stores.evaluation,
        portfolio,
        base.positions,
        prompts,
        base.audit,
        ground.clock,
        ground.settings.account,
    )


def _labelling(ground: Ground, base: Base, strategies: Strategies, market_data: MarketData) -> Labelling:
    stores = ground.stores
    return Labelling(
        stores.transactions,
        stores.evaluation,
        Runs(stores.runs),
        strategies,
        market_data,
        base.contracts,
        base.lineage,
        ground.clock,
    )


def _gate(settings: Settings) -> Gate:
    return Gate(
        asks_models=bool(endpoints_of(settings).named),
        real_money=settings.account_kind is AccountKind.LIVE,
    )


def _replays(
    ground: Ground, base: Base, strategies: Strategies, prompts: Prompts, governor: Governor
) -> Replays:
    stores = ground.stores
    return Replays(
        stores.transactions,
        Runs(stores.runs),
        strategies,
        prompts,
        Signals(stores.signals),
        ground.artifacts,
        base.audit,
        analyst=lambda name: analyst_named(ground, governor, name),
        prices=lambda: load_prices(ground.settings.model_prices),
    )


def _market_data(ground: Ground, base: Base, reads: MarketReads) -> MarketData:
    stores, calendar, clock = ground.stores, ground.calendar, ground.clock
    kept = KeptBars(reads.market_data, stores.bars, stores.transactions, calendar, clock)
    return MarketData(reads.market_data, kept, base.contracts, calendar, clock)


def _trading(
    ground: Ground, base: Base, prompts: Prompts, ring: Ring, market_data: MarketData, bell: Bell
) -> tuple[Strategies, Schedules]:
    """What trades, and when: every change of a strategy is a change of its agenda."""
    agenda = LateAgenda()
    kept = RingingStrategies(ground.stores.strategies, ring)
    strategies = _strategies(ground, base, prompts, kept, agenda, market_data)
    schedules = _schedules(ground, base, strategies, bell)
    agenda.behind = schedules
    return strategies, schedules


def _strategies(
    ground: Ground,
    base: Base,
    prompts: Prompts,
    store: StrategyStore,
    agenda: Agenda,
    market_data: MarketData,
) -> Strategies:
    return Strategies(
        store,
        base.contracts,
        prompts,
        base.audit,
        ground.clock,
        ground.settings.account,
        market_data=market_data,
        watchlists=ground.stores.watchlists,
        budgets=Budgets(ground.stores.expenses),
        analysts=(RULES, *ground.settings.analysts),
        desk_rules=ground.settings.model_url.startswith(f"{RULES}:"),
        capital=ground.settings.desk_capital,
        agenda=agenda,
    )


def _risk(ground: Ground, base: Base, ring: Ring) -> Risk:
    stores = ground.stores
    halts = RingingHalts(stores.halt, ring)
    limits = AccountLimits(
        max_daily_loss=ground.settings.max_daily_loss, max_drawdown=ground.settings.max_drawdown
    )
    gate = gate_of(ground, base.audit, base.notifications)
    return Risk(halts, stores.verdicts, base.audit, ground.clock, base.notifications, limits, gate)


def _operations(
    ground: Ground, base: Base, risk: Risk, governor: Governor, schedules: Schedules
) -> Operations:
    notifications = base.notifications
    return operations_of(ground, base.session, risk, base.audit, notifications, governor, schedules)


def _judging(ground: Ground, base: Base, ring: Ring) -> tuple[Risk, Governor, Portfolio]:
    """What an order is judged by, and what a question may cost."""
    risk, governor = _risk(ground, base, ring), governor_of(ground, base.notifications)
    return risk, governor, _portfolio(ground, base)


def _sign_in(ground: Ground, base: Base, session: Session, schedules: Schedules) -> SignIn:
    return SignIn(
        ground.stores.transactions,
        session,
        schedules,
        base.positions,
        base.notifications,
        ground.settings.account,
    )


def _preflight(
    ground: Ground,
    base: Base,
    session: Session,
    schedules: Schedules,
    strategies: Strategies,
    risk: Risk,
    market_data: MarketData,
) -> Preflight:
    return Preflight(
        ground.stores.transactions,
        ground.clock,
        schedules,
        strategies,
        session,
        risk,
        base.positions,
        market_data,
        base.notifications,
        delayed_quotes=ground.settings.delayed_quotes == "allow",
    )


def _base(ground: Ground, reads: MarketReads, login_url: str) -> Base:
    stores, clock = ground.stores, ground.clock
    audit = Audit(stores.audit, clock)
    channels = channels_of(ground.settings)
    notifications = Notifications(stores.transactions, stores.outbox, channels, clock, audit)
    contracts = Contracts(stores.transactions, reads.contracts, stores.contracts, ground.calendar, clock)
    positions = Positions(stores.positions, stores.tracking, stores.orders, audit, notifications)
    lineage = Lineage(stores.lineage, ground.artifacts)
    return Base(
        audit=audit,
        lineage=lineage,
        notifications=notifications,
        session=session_of(ground, login_url),
        contracts=contracts,
        orders=Orders(stores.orders, audit, clock),
        positions=positions,
    )


def _portfolio(ground: Ground, base: Base) -> Portfolio:
    stores = ground.stores
    return Portfolio(
        stores.portfolio,
        stores.tracking,
        stores.orders,
        base.positions,
        base.contracts,
        base.notifications,
        desk_capital=ground.settings.desk_capital,
        exchange=EXCHANGE,
        pays_cash=lambda t, account: base.session.paid_by(t, account).cash,
    )


def _approvals(ground: Ground, base: Base, risk: Risk, portfolio: Portfolio) -> Approvals:
    return Approvals(
        base.orders,
        risk,
        portfolio,
        base.contracts,
        ground.stores.session,
        ground.stores.strategies,
        base.audit,
        ground.clock,
        account=ground.settings.account,
        kind=ground.settings.account_kind,
    )


def _probes(ground: Ground, base: Base, risk: Risk) -> Probes:
    settings = ground.settings
    return Probes(
        ground.stores.probes,
        base.contracts,
        risk,
        ground.clock,
        account=settings.account,
        kind=settings.account_kind,
        exchange=EXCHANGE,
    )


def _schedules(ground: Ground, base: Base, strategies: Strategies, bell: Bell) -> Schedules:
    stores = ground.stores
    parts = Parts(
        transactions=stores.transactions,
        store=stores.slots,
        strategies=strategies,
        contracts=base.contracts,
        runs=stores.runs,
        watchlists=stores.watchlists,
        positions=base.positions,
        notifications=base.notifications,
        audit=base.audit,
        bell=bell,
        clock=ground.clock,
        deployment=ground.settings.deployment,
        jitter=ground.jitter,
    )
    return Schedules(parts)
