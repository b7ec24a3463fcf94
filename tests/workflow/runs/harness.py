"""A desk in memory whose pipeline is driven by hand: a rising stock, a falling one, a clock moved by the
test."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from glassdesk.adapters.bundles import load_strategy
from glassdesk.adapters.clocks import ManualClock
from glassdesk.adapters.memory import MemoryBell, MemoryBroker
from glassdesk.composition.ground import Ground, open_ground
from glassdesk.composition.pipelines import build_parts
from glassdesk.composition.services import build_desk
from glassdesk.desk import Desk
from glassdesk.kernel.errors import ReadFailed
from glassdesk.kernel.unit_of_work import Transaction, Transactions
from glassdesk.settings import load
from glassdesk.workflow.contracts.model import Contract, ContractRules, Hours
from glassdesk.workflow.lineage.model import Call
from glassdesk.workflow.market_data.model import Bar, BarSize, History, Quote
from glassdesk.workflow.order_tracking.model import Execution
from glassdesk.workflow.orders.bracket import exit_order
from glassdesk.workflow.orders.model import IntentState, Role, Side
from glassdesk.workflow.portfolio.model import BrokerBalances
from glassdesk.workflow.runs.manual import StoredManualRuns
from glassdesk.workflow.runs.model import Run
from glassdesk.workflow.runs.parts import Parts
from glassdesk.workflow.runs.pipeline import Pipeline
from glassdesk.workflow.session.model import Account, SessionState, SessionStatus
from tests.workflow.dealing.makers import a_decision, terms_of

ACCOUNT = "DU1234567"
SLOT = datetime(2012, 10, 1, 13, 0, tzinfo=UTC)
UP, DOWN, ALSO = 1, 2, 3
SYMBOLS = {"UP": UP, "DOWN": DOWN, "ALSO": ALSO}

FILE = """
name: {name}
symbols: [{symbol}]
bars: {{size: 1d, history: {history}, weekly: {weekly}, monthly: {monthly}, decide_on: {decide_on}}}
indicators:
- {{kind: sma, length: 20}}
- {{kind: supertrend}}
- {{kind: macd}}
- {{kind: rsi, length: 14}}
- {{kind: atr, length: 14}}
prompt: {{name: chart-analyst, label: live}}
signal: {{rule: three_of_four}}
timing: {{cron: {cron}, zone: America/New_York, exchange: XNYS, enter_after_open: 5, enter_before: 60}}
exits: {{stop_atr: 2, target_atr: 3}}
approval: {approval}
"""


class NoCalls:
    """No exchange is filed."""

    def drain(self, purpose_prefix: str) -> Sequence[tuple[Call, bytes]]:
        del purpose_prefix
        return []


class Counting:
    """Counts the writing units of work, and what was read of the broker."""

    def __init__(self, inner: Transactions) -> None:
        self._inner = inner
        self.commits = 0

    def begin(self) -> AbstractContextManager[Transaction]:
        self.commits += 1
        return self._inner.begin()

    def read(self) -> AbstractContextManager[Transaction]:
        return self._inner.read()


class CountingBroker(MemoryBroker):
    """Counts what is read of it."""

    reads = 0
    no_rules = False

    def rules(self, conid: int, *, fetched_at: datetime) -> ContractRules:
        self.reads += 1
        if self.no_rules:
            raise ReadFailed("no answer")
        return super().rules(conid, fetched_at=fetched_at)

    def history(self, conid: int, size: BarSize, count: int, *, read_at: datetime) -> History:
        self.reads += 1
        return super().history(conid, size, count, read_at=read_at)

    def quotes(self, conids: Sequence[int], *, read_at: datetime) -> Mapping[int, Quote]:
        self.reads += 1
        return super().quotes(conids, read_at=read_at)


@dataclass(frozen=True, kw_only=True)
class Reads:
    """The broker's reading ports."""

    contracts: CountingBroker
    market_data: CountingBroker


@dataclass(kw_only=True)
class Harness:
    """Everything a test turns."""

    ground: Ground
    desk: Desk
    broker: CountingBroker
    clock: ManualClock
    parts: Parts
    counting: Counting
    bell: MemoryBell = field(default_factory=MemoryBell)

    def strategy(self, name: str, symbol: str, **changes: object) -> None:
        usual = {"history": 120, "weekly": "false", "monthly": "false", "decide_on": "closed"}
        values: dict[str, object] = usual | {"approval": "off", "cron": "0 9 * * 1-5"} | changes
        overlap = f"enter_before: 60, overlap: {values.pop('overlap', 'skip')}"
        text = FILE.format(name=name, symbol=symbol, **values).replace("enter_before: 60", overlap)
        text = text.replace("size: 1d", f"size: {values.pop('size', '1d')}")
        if conditions := values.get("conditions"):
            text += f"conditions: {conditions}\n"
        strategy = load_strategy(text, file=name, account=ACCOUNT, resolve=SYMBOLS.__getitem__)
        with self.desk.transactions.begin() as t:
            self.desk.strategies.create(t, strategy, author="owner")
            self.desk.strategies.enable(t, name, "owner")

    def session(self, state: SessionState) -> None:
        with self.desk.transactions.begin() as t:
            status = SessionStatus(state=state, seen_at=self.clock.now())
            self.ground.stores.session.put_status(t, status, epoch=1)

    def balances_read(self) -> None:
        """The account has 100,000 USD in cash, as of now."""
        balances = BrokerBalances(
            account=ACCOUNT,
            net_liquidation=Decimal(100_000),
            cash=Decimal(100_000),
            settled_cash=Decimal(100_000),
            available_funds=Decimal(100_000),
            currency="USD",
        )
        with self.desk.transactions.begin() as t:
            self.ground.stores.portfolio.put_balances(t, balances, seen_at=self.clock.now())

    def due(self) -> list[str]:
        """Move to the slot and tick."""
        return self.tick_at(SLOT)

    def tick_at(self, instant: datetime) -> list[str]:
        """Move there and tick."""
        self.clock.advance(instant - self.clock.now())
        return self.desk.schedules.tick()

    def execute(self, *runs: str, parts: Parts | None = None) -> None:
        pipeline = Pipeline(parts or self.parts)
        for run in runs:
            pipeline.execute(run)

    def run(self, identity: str) -> Run:
        with self.desk.transactions.read() as t:
            return self.desk.runs.run(t, identity)


def bought(made: Harness, strategy: str, at: datetime) -> None:
    """The entry that the strategy has reserved is filled at 200.00."""
    orders = made.ground.stores.orders
    with made.desk.transactions.begin() as t:
        [entry] = [o for o in orders.orders(t, strategy=strategy) if o.role is Role.ENTRY]
        execution = Execution(
            execution=f"e-{strategy}",
            revision=1,
            order_ref=entry.coid,
            broker_order_id=None,
            account=ACCOUNT,
            conid=entry.conid,
            symbol=next(name for name, conid in SYMBOLS.items() if conid == entry.conid),
            side=Side.BUY,
            quantity=entry.ticket.quantity,
            price=Decimal(200),
            commission=Decimal(1),
            executed_at=at,
        )
        made.ground.stores.tracking.add_execution(t, execution, order=entry.order, seen_at=at)
        for intent, _ in made.desk.orders.intents(t, run=entry.run):
            orders.set_intent(t, intent.intent, IntentState.DONE, at=at, note="filled")


def leaving(made: Harness, strategy: str, conid: int) -> None:
    """A person's exit of what the strategy holds waits for the open."""
    at, run = made.clock.now(), f"manual-{strategy}"
    symbol = next(name for name, number in SYMBOLS.items() if number == conid)
    decision = a_decision(run, conid, 10, terms_of(symbol=symbol, entry_high=None), at)
    mine = replace(decision, account=ACCOUNT, strategy=strategy)
    with made.desk.transactions.begin() as t:
        StoredManualRuns(made.ground.stores.runs).begin(
            t,
            run=run,
            account=ACCOUNT,
            strategy=strategy,
            version=1,
            conid=conid,
            symbol=symbol,
            at=at,
            reason="exit by owner",
        )
        made.desk.lineage.record(t, kind="act", entity=run, content={"act": "exit by owner"}, run=run)
        reservation = exit_order(mine, target_order=None)
        [intent] = reservation.intents
        made.desk.lineage.record(t, kind="intent", entity=intent.intent, content={"leg": intent.leg}, run=run)
        made.desk.orders.reserve(t, reservation, state=IntentState.QUEUED)


@contextmanager
def harness(home: Path, *, jitter: int = 0) -> Iterator[Harness]:
    home.mkdir(parents=True, exist_ok=True)
    settings = load(
        home,
        database_url="memory:",
        artifacts_url="memory:",
        broker_url="memory:",
        clock_url="memory:",
        simulator_start=date(2012, 9, 28),
        slot_jitter=jitter,
    )
    with open_ground(settings) as opened:
        clock = ManualClock(SLOT - timedelta(days=1))
        counting = Counting(opened.stores.transactions)
        stores = replace(opened.stores, transactions=counting)
        ground = replace(opened, clock=clock, stores=stores)
        account = Account(account=ACCOUNT, is_paper=True)
        broker = CountingBroker(account, [_contract(symbol) for symbol in SYMBOLS])
        sessions = ground.calendar.sessions("XNYS", date(2011, 9, 1), date(2012, 12, 31))
        for symbol, conid in SYMBOLS.items():
            way = -1 if symbol == "DOWN" else 1
            broker.bars[(conid, BarSize.DAY)] = tuple(_bar(h, n, way) for n, h in enumerate(sessions))
        bell = MemoryBell()
        desk = build_desk(ground, Reads(contracts=broker, market_data=broker), bell, "https://localhost/")
        parts = build_parts(ground, desk, bell, NoCalls(), "test")
        made = Harness(
            ground=ground, desk=desk, broker=broker, clock=clock, parts=parts, counting=counting, bell=bell
        )
        _prepare(made, account)
        yield made


def _prepare(made: Harness, account: Account) -> None:
    with made.desk.transactions.begin() as t:
        made.ground.stores.session.put_accounts(t, [account])
        made.desk.prompts.seed(t)
        for symbol in SYMBOLS:
            made.desk.contracts.remember(t, _contract(symbol))
    made.balances_read()
    made.session(SessionState.READY)


def _contract(symbol: str) -> Contract:
    return Contract(
        conid=SYMBOLS[symbol],
        symbol=symbol,
        name=f"{symbol} INC",
        sec_type="STK",
        exchange="NASDAQ",
        currency="USD",
    )


def _bar(hours: Hours, number: int, way: int) -> Bar:
    close = Decimal(200) + way * (Decimal(number) / 4 + Decimal(number % 5) / 4)
    return Bar(
        start=hours.opens_at,
        session=hours.session,
        open=close - way * Decimal("0.25"),
        high=close + 1,
        low=close - 1,
        close=close,
        volume=Decimal(1_000_000),
    )
