"""A small world: a desk of real services over a database in memory, its broker scripted, a week lived."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from fastapi import FastAPI

from glassdesk.adapters.artifacts import MemoryArtifacts
from glassdesk.adapters.calendars import ExchangeCalendar
from glassdesk.adapters.clocks import ManualClock, SystemStopwatch
from glassdesk.adapters.database import open_database
from glassdesk.composition.ground import Ground
from glassdesk.composition.pipelines import build_parts
from glassdesk.composition.services import build_desk
from glassdesk.desk import Desk
from glassdesk.settings import Settings
from glassdesk.web.app import create_app
from glassdesk.web.settings import WebSettings
from glassdesk.workflow.charts.model import ChartSpec
from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.dealing.parts import BrokerParts, DealerSettings
from glassdesk.workflow.dealing.parts import Parts as DealerParts
from glassdesk.workflow.dealing.turn import Dealer
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSpec
from glassdesk.workflow.lineage.model import Call
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.positions.model import ExitPlan
from glassdesk.workflow.prompts.model import PromptRef
from glassdesk.workflow.risk.model import Limits
from glassdesk.workflow.runs.pipeline import Pipeline
from glassdesk.workflow.signals.model import SignalPolicy
from glassdesk.workflow.signals.rules.catalogue import needed_indicators
from glassdesk.workflow.strategies.model import DecisionBar, Strategy, StrategyContract, Timing
from tests.web.broker import ACCOUNT, ScriptedBroker

BEGINS = datetime(2012, 10, 1, 12, 0, tzinfo=UTC)
SECRET = "s" * 48
PASSWORD = "correct horse battery"
HOSTILE = "<img src=x onerror=alert(1)>"


class Silence:
    """A bell nobody hears and a book without calls."""

    def ring(self, run: str) -> None:
        """Nothing."""

    def drain(self, purpose_prefix: str) -> Sequence[tuple[Call, bytes]]:
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """The broker as services read it."""

    contracts: ScriptedBroker
    market_data: ScriptedBroker


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything a test may want to touch."""

    desk: Desk
    clock: ManualClock
    broker: ScriptedBroker
    ground: Ground
    dealer: Dealer
    pipeline: Pipeline

    def app(self, **settings: object) -> FastAPI:
        """The application over this world's desk."""
        return create_app(self.desk, WebSettings(secret=SECRET, **settings))  # type: ignore[arg-type]

    def at(self, instant: datetime) -> None:
        """Let market time pass."""
        self.clock.advance(instant - self.clock.now())

    def door(self) -> str:
        """Where the owner signs in: a fresh link the first time, with the password afterwards."""
        with self.desk.transactions.read() as t:
            known = self.desk.access.owner(t).password_hash is not None
        return "/sign-in" if known else f"/sign-in/link/{self.link()}"

    def link(self) -> str:
        """A fresh one-time link's token."""
        with self.desk.transactions.begin() as t:
            return self.desk.access.new_link(t)


@contextmanager
def open_world(folder: Path, **settings: object) -> Iterator[World]:
    """An empty desk on 1 October 2012, eight in the morning in New York. Other words are settings."""
    clock, calendar = ManualClock(BEGINS), ExchangeCalendar(date(2011, 1, 3))
    stores = open_database("memory:", halt_file=folder / "halt.json")
    ground = Ground(
        settings=Settings(home=folder, deployment="test", account=ACCOUNT, **settings),  # type: ignore[arg-type]
        clock=clock,
        stopwatch=SystemStopwatch(),
        stores=stores,
        artifacts=MemoryArtifacts(),
        calendar=calendar,
        simulator=None,
    )
    broker, silence = ScriptedBroker(clock, calendar), Silence()
    desk = build_desk(ground, Reads(contracts=broker, market_data=broker), silence, broker.login_url)
    parts = build_parts(ground, desk, silence, silence, "test")
    dealer = Dealer(_dealer_parts(ground, desk, broker))
    yield World(desk=desk, clock=clock, broker=broker, ground=ground, dealer=dealer, pipeline=Pipeline(parts))
    stores.close()


def _dealer_parts(ground: Ground, desk: Desk, broker: ScriptedBroker) -> DealerParts:
    stores = ground.stores
    return DealerParts(
        settings=DealerSettings(
            account=ACCOUNT,
            kind=desk.account_kind,
            owner="test",
            poll=timedelta(seconds=1),
        ),
        clock=ground.clock,
        transactions=stores.transactions,
        broker=BrokerParts(
            session=broker,
            orders=broker,
            reads=broker,
            positions=broker,
            portfolio=broker,
            preview=broker,
        ),
        leases=stores.leases,
        sessions=stores.session,
        commands=stores.commands,
        order_rows=stores.orders,
        strategies=stores.strategies,
        contracts=desk.contracts,
        market_data=desk.market_data,
        risk=desk.risk,
        orders=desk.orders,
        tracking=desk.tracking,
        positions=desk.positions,
        portfolio=desk.portfolio,
        lineage=desk.lineage,
        audit=desk.audit,
        notifications=desk.notifications,
        waits_for_sign_in=desk.sign_in.waits,
    )


def live_a_week(world: World, *, days: int = 5) -> None:
    """Two strategies, a week of slots, orders, fills, a closed trade, a missed slot, an alarm."""
    furnish(world)
    for day in range(days):
        _live_a_day(world, datetime(2012, 10, 1, tzinfo=UTC) + timedelta(days=day))
    with world.desk.transactions.begin() as t:
        world.desk.notifications.tell(
            t, "test:alarm", Severity.ALARM, "AAPL: its stop was not seen for 70 s", HOSTILE, "strategy:trend"
        )
    world.at(datetime(2012, 10, 9, 12, 0, tzinfo=UTC))
    world.desk.schedules.tick()
    with world.desk.transactions.begin() as t:
        world.desk.dealing.ask(t, CommandKind.RECONCILE, "", "owner")
    for _ in range(2):
        world.dealer.turn()
    world.desk.labelling.run()


def furnish(world: World) -> None:
    """Prompts, contracts, indicator sets and two enabled strategies."""
    desk = world.desk
    with desk.transactions.begin() as t:
        desk.prompts.seed(t)
        for symbol in ("AAPL", "MSFT", "SPY", "XSS"):
            desk.contracts.remember(t, desk.contracts.resolve(symbol))
        for rule in ("three_of_four", "rsi2_reversion"):
            desk.indicators.create(t, indicator_set(rule))
        for strategy in (trend(), dips()):
            desk.strategies.create(t, strategy, author="owner", message=HOSTILE)
            desk.strategies.enable(t, strategy.name, "owner")
    world.dealer.turn()


def indicator_set(rule: str) -> IndicatorSet:
    """What a rule reads, under a name with hyphens."""
    specs: tuple[IndicatorSpec, ...] = needed_indicators(SignalPolicy(rule=rule))
    return IndicatorSet(name=rule.replace("_", "-"), indicators=tuple(dict.fromkeys(specs)))


def strategy(name: str, rule: str, contracts: tuple[StrategyContract, ...], prompt: str) -> Strategy:
    """A daily strategy on the default limits."""
    return Strategy(
        name=name,
        version=0,
        account=ACCOUNT,
        contracts=contracts,
        bar_size=BarSize.DAY,
        history=250,
        decision_bar=DecisionBar.CLOSED,
        weekly=False,
        indicators=indicator_set(rule),
        chart=ChartSpec(bars=90),
        prompt=PromptRef(name=prompt),
        policy=SignalPolicy(rule=rule),
        timing=Timing(cron="0 9 * * 1-5", zone="America/New_York", exchange="XNYS"),
        exits=ExitPlan(stop_atr=Decimal(2), target_atr=Decimal(3)),
        limits=Limits(),
        description=f"Made for tests {HOSTILE}",
    )


def trend() -> Strategy:
    """Follows AAPL and MSFT."""
    aapl, msft = StrategyContract(conid=265598, symbol="AAPL"), StrategyContract(conid=272093, symbol="MSFT")
    return strategy("trend", "three_of_four", (aapl, msft), "chart-analyst")


def dips() -> Strategy:
    """Buys dips of SPY."""
    return strategy(
        "dips", "rsi2_reversion", (StrategyContract(conid=756733, symbol="SPY"),), "chart-analyst"
    )


def _live_a_day(world: World, day: datetime) -> None:
    world.at(day.replace(hour=13, minute=0))
    for run in world.desk.schedules.tick():
        world.pipeline.execute(run)
    for hour, minute in ((13, 31), (13, 40), (14, 45), (19, 0)):
        world.at(day.replace(hour=hour, minute=minute))
        _turns(world)
    if day.day == 4:
        _take_profit(world)
    world.at(day.replace(hour=20, minute=5))
    _turns(world)


def _turns(world: World) -> None:
    for _ in range(4):
        world.dealer.turn()
        world.clock.advance(timedelta(seconds=7))


def _take_profit(world: World) -> None:
    """The first resting target fills."""
    for coid, held in list(world.broker.held.items()):
        if held.ticket.role.value == "target" and held.row.status == "PreSubmitted" and held.ticket.price:
            world.broker.fill(coid, held.ticket.price)
            break
    _turns(world)
