"""Small, whole values for the laws, and the chain of rows that an order needs before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from glassdesk.adapters.database import Stores
from glassdesk.kernel.canonical import canonical_text, digest, sha256_hex
from glassdesk.kernel.ids import AccountKind, coid, intent_id, manual_run_id, run_id
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.charts.model import ChartSpec
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSpec
from glassdesk.workflow.lineage.model import Node
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.order_tracking.model import Execution
from glassdesk.workflow.orders.model import (
    Intent,
    IntentKind,
    IntentState,
    Order,
    OrderState,
    OrderType,
    Role,
    Side,
    Ticket,
    TimeInForce,
)
from glassdesk.workflow.positions.model import ExitPlan
from glassdesk.workflow.prompts.model import Move, PromptRef
from glassdesk.workflow.risk.model import Limits
from glassdesk.workflow.runs.model import Run, RunKind, RunState
from glassdesk.workflow.schedules.model import Slot, SlotState
from glassdesk.workflow.signals.model import Action, Signal, SignalPolicy, SignalRow
from glassdesk.workflow.strategies.model import (
    DecisionBar,
    Strategy,
    StrategyContract,
    StrategyRow,
    StrategyState,
    Timing,
)

Value = TypeVar("Value")

NOON = datetime(2024, 3, 5, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
ACCOUNT = "DU1234567"
AAPL = 265598
MSFT = 272093


def a_strategy(name: str = "morning", *, version: int = 1, conids: tuple[int, ...] = (AAPL,)) -> StrategyRow:
    strategy = Strategy(
        name=name,
        version=version,
        account=ACCOUNT,
        contracts=tuple(StrategyContract(conid=conid, symbol=f"S{conid}") for conid in conids),
        bar_size=BarSize.DAY,
        history=250,
        decision_bar=DecisionBar.CLOSED,
        weekly=True,
        indicators=IndicatorSet(
            name="three", indicators=(IndicatorSpec(kind="rsi", params=(("length", 2),)),)
        ),
        chart=ChartSpec(),
        prompt=PromptRef(name="trend"),
        policy=SignalPolicy(),
        timing=Timing(cron="30 16 * * *", zone="America/New_York", exchange="XNYS"),
        exits=ExitPlan(stop_atr=Decimal("2.5")),
        limits=Limits(),
        no_entry=(date(2024, 12, 24),),
    )
    return StrategyRow(
        strategy=strategy,
        sha256=digest(strategy),
        state=StrategyState.ENABLED,
        author="owner",
        created_at=NOON,
        message="first",
    )


def a_move(name: str, number: int, *, move: int = 1, label: str = "live", scope: str = "") -> Move:
    return Move(
        name=name, label=label, scope=scope, move=move, number=number, before=None, undoes=False, reason="",
        actor="owner", at=NOON,
    )  # fmt: skip


def a_slot(strategy: str = "morning", instant: datetime = NOON, *, version: int = 1) -> Slot:
    return Slot(
        strategy=strategy,
        version=version,
        instant=instant,
        state=SlotState.RUN,
        reason="",
        created_at=instant,
    )


def a_run(strategy: str = "morning", slot: datetime = NOON, conid: int = AAPL) -> Run:
    return Run(
        run=run_id("laws", strategy, slot, conid),
        kind=RunKind.SCHEDULED,
        strategy=strategy,
        version=1,
        slot=slot,
        conid=conid,
        symbol=f"S{conid}",
        account=ACCOUNT,
        state=RunState.DUE,
        reason="",
        created_at=slot,
    )


def a_manual_run(conid: int = AAPL, at: datetime = NOON) -> Run:
    identity = manual_run_id("laws", ACCOUNT, conid, at)
    return replace(a_run(conid=conid, slot=at), run=identity, kind=RunKind.MANUAL)


def a_signal(run: Run, action: Action = Action.BUY) -> SignalRow:
    signal = Signal(
        run=run.run,
        symbol=run.symbol,
        action=action,
        reason="three of four",
        last_bar=date(2024, 3, 4),
        last_close=Decimal("170.10"),
        atr=Decimal("3.25"),
        entry_high=Decimal(171),
        stop=Decimal(165),
        target=None,
        confidence=None,
        r_multiple=Decimal("1.5"),
        score=None,
        rationale="",
        engine="rules",
        model="three_of_four",
        checks=(),
    )
    return SignalRow(signal=signal, strategy=run.strategy, conid=run.conid, slot=run.slot)


def an_intent(run: Run, leg: str = "main", *, role: Role = Role.ENTRY, parent: str | None = None) -> Intent:
    buys = role is Role.ENTRY
    return Intent(
        intent=intent_id(run.run, leg),
        run=run.run,
        leg=leg,
        parent=parent,
        kind=IntentKind.OPEN if parent or buys else IntentKind.REDUCE,
        account=run.account,
        strategy=run.strategy,
        strategy_version=run.version,
        conid=run.conid,
        side=Side.BUY if buys else Side.SELL,
        order_type=OrderType.STOP if role is Role.STOP else OrderType.LIMIT,
        quantity=Decimal(5),
        price=Decimal("171.05"),
        tif=TimeInForce.DAY if buys else TimeInForce.GTC,
        role=role,
        window_opens=run.slot + MINUTE,
        window_closes=run.slot + HOUR,
        reserved_at=run.slot,
    )


def an_order(intent: Intent) -> Order:
    client_id = coid(AccountKind.SIMULATED, intent.account, intent.intent)
    parent = coid(AccountKind.SIMULATED, intent.account, intent.parent) if intent.parent else None
    ticket = Ticket(
        coid=client_id,
        parent_coid=parent,
        account=intent.account,
        conid=intent.conid,
        side=intent.side,
        order_type=intent.order_type,
        quantity=intent.quantity,
        price=intent.price,
        tif=intent.tif,
        role=intent.role,
    )
    return Order(
        order=intent.intent,
        intent=intent.intent,
        run=intent.run,
        coid=client_id,
        role=intent.role,
        parent=intent.parent,
        account=intent.account,
        strategy=intent.strategy,
        conid=intent.conid,
        state=OrderState.RESERVED,
        ticket=ticket,
        reserved_at=intent.reserved_at,
    )


def a_node(kind: str, entity: str, *parents: Node, content: object = "", run: str | None = None) -> Node:
    text = canonical_text(content)
    above = sorted(parent.sha256 for parent in parents)
    return Node(
        node=f"{kind}:{entity}",
        kind=kind,
        entity=entity,
        run=run,
        content=text,
        content_sha256=sha256_hex(text.encode()),
        artifacts=(),
        parents=tuple(sorted(parent.node for parent in parents)),
        sha256=digest({"kind": kind, "content": text, "parents": above}),
    )


def an_execution(number: int = 1, *, revision: int = 1, commission: Decimal | None = None) -> Execution:
    return Execution(
        execution=f"0000e0d5.{number:08d}.01",
        revision=revision,
        order_ref=None,
        broker_order_id="1370093239",
        account=ACCOUNT,
        conid=AAPL,
        symbol="AAPL",
        side=Side.BUY,
        quantity=Decimal(5),
        price=Decimal("170.25"),
        commission=commission,
        executed_at=NOON + number * MINUTE,
    )


def write(stores: Stores, deed: Callable[[Transaction], Value]) -> Value:
    """One deed in a transaction of its own."""
    with stores.transactions.begin() as t:
        return deed(t)


def store_run(stores: Stores, t: Transaction, run: Run) -> Run:
    """The run with the strategy version and the slot it came from."""
    stores_has = stores.strategies.version(t, run.strategy, run.version)
    if run.kind is RunKind.SCHEDULED:
        if stores_has is None:
            stores.strategies.add_version(t, a_strategy(run.strategy))
        stores.slots.add(t, a_slot(run.strategy, run.slot))
    stores.runs.add(t, run)
    return run


def store_lineage(stores: Stores, t: Transaction, intent: Intent) -> None:
    """What the database wants to see before it takes an intent."""
    run = stores.runs.run(t, intent.run)
    assert run is not None
    if run.kind is RunKind.MANUAL:
        stores.lineage.add_node(t, a_node("act", run.run))
    elif stores.signals.of_run(t, run.run) is None:
        stores.signals.add(t, a_signal(run))
    stores.lineage.add_node(t, a_node("intent", intent.intent))


def store_order(stores: Stores, run: Run, *, state: IntentState = IntentState.QUEUED) -> Order:
    """A reserved main order with everything above it, in a transaction of its own."""
    intent = an_intent(run)
    order = an_order(intent)
    with stores.transactions.begin() as t:
        store_run(stores, t, run)
        store_lineage(stores, t, intent)
        stores.orders.reserve(t, [intent], [order], state=state)
    return order
