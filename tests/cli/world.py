"""A small home built by the services: three strategies, one slot, three decisions, one of them filled."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from glassdesk.adapters.bundles import load_strategy
from glassdesk.adapters.calendars import ExchangeCalendar
from glassdesk.composition.ground import Ground, open_ground
from glassdesk.composition.pipelines import build_parts
from glassdesk.composition.services import build_desk
from glassdesk.desk import Desk
from glassdesk.kernel.errors import NotFound
from glassdesk.settings import load
from glassdesk.workflow.contracts.model import Contract, ContractRules, Hours, TickBand
from glassdesk.workflow.lineage.model import Call
from glassdesk.workflow.market_data.model import Bar, BarSize, History, Quote
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.order_tracking.model import Execution, OrderRow
from glassdesk.workflow.order_tracking.service import Observation
from glassdesk.workflow.orders.model import IntentState, Order, OrderState, Role, Side
from glassdesk.workflow.portfolio.model import BrokerBalances
from glassdesk.workflow.runs.pipeline import Pipeline
from glassdesk.workflow.session.model import Account, SessionState, SessionStatus

ACCOUNT = "DU1234567"
SLOT = datetime(2012, 10, 1, 13, 0, tzinfo=UTC)
SETTINGS = 'clock_url = "memory:"\nbroker_url = "memory:"\nsimulator_start = "{start}"\n'
CONIDS = {"AAPL": 265598, "IBM": 8314, "MSFT": 272093}

STRATEGY = """\
name: {name}
description: A strategy of the command line's tests.
symbols: [{symbol}]
bars: {{size: 1d, history: 120}}
indicators:
- {{kind: sma, length: 20}}
- {{kind: supertrend, length: 10, factor: 3}}
- {{kind: macd, fast: 12, slow: 26, signal: 9}}
- {{kind: rsi, length: 14}}
- {{kind: atr, length: 14}}
prompt: {{name: chart-analyst, label: live}}
signal: {{rule: three_of_four, params: {{need: 3}}}}
timing: {{cron: 0 9 * * 1-5, zone: America/New_York, exchange: XNYS, {window}}}
exits: {{stop_atr: 2, target_atr: 3}}
approval: {approval}
"""
PLAN = {"rising": ("AAPL", "off"), "asking": ("IBM", "all"), "falling": ("MSFT", "off")}
ALL_DAY = "enter_after_open: null, enter_before: 1440"


class Market:
    """A broker's reads: three stocks, two that rise and one that falls, a bar for every session."""

    def __init__(self) -> None:
        self._calendar = ExchangeCalendar(date(2000, 1, 3))

    def search(self, text: str) -> Sequence[Contract]:
        return [contract for contract in map(contract_of, CONIDS) if text.upper() in contract.symbol]

    def stocks(self, symbols: Sequence[str]) -> Mapping[str, Sequence[Contract]]:
        return {symbol: [contract_of(symbol)] if symbol in CONIDS else [] for symbol in symbols}

    def contract(self, conid: int) -> Contract:
        for symbol, number in CONIDS.items():
            if number == conid:
                return contract_of(symbol)
        raise NotFound(f"conid {conid}")

    def rules(self, conid: int, *, fetched_at: datetime) -> ContractRules:
        return ContractRules(
            conid=conid,
            ticks=(TickBand(lower_edge=Decimal(0), increment=Decimal("0.01")),),
            order_types=frozenset({"LMT", "MKT", "STP"}),
            tifs=frozenset({"DAY", "GTC"}),
            can_trade=True,
            fetched_at=fetched_at,
        )

    def hours(self, conid: int, exchange: str) -> Sequence[Hours]:
        return []

    def history(self, conid: int, size: BarSize, count: int, *, read_at: datetime) -> History:
        sessions = self._calendar.sessions("XNYS", read_at.date() - timedelta(days=2 * count), read_at.date())
        way = -1 if conid == CONIDS["MSFT"] else 1
        bars = [_bar(hours, number, way) for number, hours in enumerate(sessions)]
        return History(bars=tuple(bars[-count:]))

    def quotes(self, conids: Sequence[int], *, read_at: datetime) -> Mapping[int, Quote]:
        """AAPL arrives late, the others not at all."""
        return {conid: _late(conid, read_at) for conid in conids if conid == CONIDS["AAPL"]}


def contract_of(symbol: str) -> Contract:
    return Contract(
        conid=CONIDS[symbol],
        symbol=symbol,
        name=f"{symbol} INC",
        sec_type="STK",
        exchange="NASDAQ",
        currency="USD",
    )


def _late(conid: int, read_at: datetime) -> Quote:
    return Quote(
        conid=conid,
        bid=Decimal(234),
        ask=Decimal(235),
        last=Decimal(234),
        availability="DPB",
        updated_at=read_at,
        read_at=read_at,
    )


def _bar(hours: Hours, number: int, way: int) -> Bar:
    wave = Decimal(number % 5) / 4
    close = Decimal(200) + way * (Decimal(number) / 4 + wave)
    return Bar(
        start=hours.opens_at,
        session=hours.session,
        open=close - way * Decimal("0.25"),
        high=close + 1,
        low=close - 1,
        close=close,
        volume=Decimal(1_000_000),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """What services read of the broker."""

    contracts: Market
    market_data: Market


class Silent:
    """No bell, no calls: the pipeline is driven by hand."""

    def ring(self, run: str) -> None:
        del run

    def drain(self, purpose_prefix: str) -> Sequence[tuple[Call, bytes]]:
        del purpose_prefix
        return []


@contextmanager
def opened(home: Path) -> Iterator[tuple[Ground, Desk]]:
    """The home with a broker behind it."""
    market = Market()
    with open_ground(load(home)) as ground:
        reads = Reads(contracts=market, market_data=market)
        yield ground, build_desk(ground, reads, Silent(), "https://localhost:5000/")


def empty(home: Path, start: str = "2012-10-02") -> Path:
    """A home in which nothing happened yet."""
    home.mkdir(parents=True)
    (home / "settings.toml").write_text(SETTINGS.format(start=start))
    return home


def build(home: Path) -> Path:
    """A home after one slot: AAPL bought and filled, IBM waits for a yes, MSFT was not bought."""
    empty(home, "2012-10-01")
    with opened(home) as (ground, desk):
        _sign_in(ground)
        _strategies(desk)
        ground.clock.wait_until(SLOT)
        pipeline = Pipeline(build_parts(ground, desk, Silent(), Silent(), "test"))
        for run in desk.schedules.tick():
            pipeline.execute(run)
        _fill(ground, desk)
        with desk.transactions.begin() as t:
            desk.notifications.tell(t, "test:hello", Severity.INFO, "Hello", "from the tests", "run:none")
    (home / "settings.toml").write_text(SETTINGS.format(start="2012-10-02"))
    return home


def _sign_in(ground: Ground) -> None:
    status = SessionStatus(state=SessionState.READY, seen_at=ground.clock.now())
    balances = BrokerBalances(
        account=ACCOUNT,
        net_liquidation=Decimal(100_000),
        cash=Decimal(100_000),
        settled_cash=Decimal(100_000),
        available_funds=Decimal(100_000),
        currency="USD",
    )
    with ground.stores.transactions.begin() as t:
        ground.stores.session.put_status(t, status, epoch=1)
        ground.stores.session.put_accounts(t, [Account(account=ACCOUNT, is_paper=True)])
        ground.stores.portfolio.put_balances(t, balances, seen_at=ground.clock.now())


def _strategies(desk: Desk) -> None:
    with desk.transactions.begin() as t:
        desk.prompts.seed(t)
        for symbol in CONIDS:
            desk.contracts.remember(t, contract_of(symbol))
    for name, (symbol, approval) in PLAN.items():
        text = STRATEGY.format(name=name, symbol=symbol, approval=approval, window=ALL_DAY)
        strategy = load_strategy(text, file=name, account=ACCOUNT, resolve=CONIDS.__getitem__)
        with desk.transactions.begin() as t:
            desk.strategies.create(t, strategy, author="owner")
            desk.strategies.enable(t, name, "owner")


def _fill(ground: Ground, desk: Desk) -> None:
    """What the dealer would have done: send the bracket, see it working, then filled."""
    at = SLOT + timedelta(minutes=40)
    with desk.transactions.begin() as t:
        for order in reversed(desk.orders.orders(t, strategy="rising")):
            desk.orders.move(t, order, _sent(order), lease=None)
            ground.stores.orders.set_intent(t, order.intent, IntentState.SENT, at=at)
    with desk.transactions.begin() as t:
        orders = desk.orders.orders(t, strategy="rising")
        seen = Observation(seen_at=at, epoch=1, lease=None)
        desk.tracking.ingest(
            t, [_row(order) for order in orders], [_execution(o, at) for o in orders if _in(o)], seen
        )
        desk.portfolio.put_marks(t, {CONIDS["AAPL"]: Decimal(235)}, marked_at=at)


def _sent(order: Order) -> Order:
    return replace(order, state=OrderState.SENDING, sends=1)


def _in(order: Order) -> bool:
    return order.role is Role.ENTRY


def _row(order: Order) -> OrderRow:
    filled = order.ticket.quantity if _in(order) else Decimal(0)
    return OrderRow(
        broker_order_id=str(1000 + len(order.role.value)),
        order_ref=order.coid,
        parent_id=None,
        account=ACCOUNT,
        conid=order.conid,
        side=order.ticket.side,
        status="Filled" if _in(order) else "Submitted",
        order_type=order.ticket.order_type.value,
        price=order.ticket.price,
        tif=order.ticket.tif.value,
        total=order.ticket.quantity,
        filled=filled,
        remaining=order.ticket.quantity - filled,
        average_price=order.ticket.price if _in(order) else None,
    )


def _execution(order: Order, at: datetime) -> Execution:
    return Execution(
        execution="0000e0d5.1",
        revision=1,
        order_ref=order.coid,
        broker_order_id="1005",
        account=ACCOUNT,
        conid=order.conid,
        symbol="AAPL",
        side=Side.BUY,
        quantity=order.ticket.quantity,
        price=order.ticket.price or Decimal(0),
        commission=Decimal("1.00"),
        executed_at=at,
    )
