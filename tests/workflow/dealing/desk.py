"""A desk of the real services over the real database in memory, with a scripted broker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from glassdesk.adapters.calendars import ExchangeCalendar
from glassdesk.adapters.clocks.manual import ManualClock
from glassdesk.adapters.database import Stores, open_database
from glassdesk.kernel.errors import NotFound
from glassdesk.kernel.ids import AccountKind, run_id
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.contracts.model import Contract, ContractRules, Hours
from glassdesk.workflow.contracts.service import Contracts
from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.dealing.parts import BrokerParts, DealerSettings, Parts
from glassdesk.workflow.dealing.service import Dealing
from glassdesk.workflow.dealing.turn import Dealer
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.lineage.service import Lineage
from glassdesk.workflow.market_data.keeping import KeptBars
from glassdesk.workflow.market_data.service import MarketData
from glassdesk.workflow.notifications.dispatching import Channels
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.order_tracking.service import Tracking
from glassdesk.workflow.orders.bracket import Reservation, bracket, exit_order
from glassdesk.workflow.orders.model import Intent, IntentState, Order, Role
from glassdesk.workflow.orders.service import Orders
from glassdesk.workflow.orders.switches import UNKNOWN, Switches
from glassdesk.workflow.portfolio.service import Portfolio
from glassdesk.workflow.positions.service import Positions
from glassdesk.workflow.risk.service import Risk
from glassdesk.workflow.runs.manual import StoredManualRuns
from glassdesk.workflow.runs.model import Run, RunKind, RunState
from glassdesk.workflow.schedules.model import Slot, SlotState
from glassdesk.workflow.signals.model import Action, SignalRow
from tests.workflow.dealing.makers import (
    AAPL,
    EVENING,
    MSFT,
    a_decision,
    a_signal,
    a_strategy,
    rules_of,
    terms_of,
)
from tests.workflow.dealing.scripted_broker import ACCOUNT, ScriptedBroker

Value = TypeVar("Value")


class NoContracts:
    """The broker is not asked about contracts in these stories."""

    def search(self, text: str) -> list[Contract]:
        return []

    def stocks(self, symbols: Sequence[str]) -> dict[str, list[Contract]]:
        return {}

    def contract(self, conid: int) -> Contract:
        raise NotFound(f"conid {conid}")

    def rules(self, conid: int, *, fetched_at: datetime) -> ContractRules:
        raise NotFound(f"conid {conid}")

    def hours(self, conid: int, exchange: str) -> list[Hours]:
        return []


class NoArtifacts:
    """Nothing here has bytes of its own."""

    def put(self, data: bytes) -> str:
        raise NotImplementedError

    def get(self, sha256: str) -> bytes:
        raise NotFound(sha256)


@dataclass(slots=True)
class TestDesk:
    """Everything a story touches."""

    __test__ = False

    stores: Stores
    clock: ManualClock
    broker: ScriptedBroker
    parts: Parts
    dealers: list[Dealer] = field(default_factory=list)

    @property
    def dealer(self) -> Dealer:
        return self.dealers[-1]

    def write(self, deed: Callable[[Transaction], Value]) -> Value:
        with self.stores.transactions.begin() as t:
            return deed(t)

    def read(self, look: Callable[[Transaction], Value]) -> Value:
        with self.stores.transactions.read() as t:
            return look(t)

    def at(self, instant: datetime) -> None:
        self.clock.advance(instant - self.clock.now())

    def turn(self) -> datetime | None:
        return self.dealer.turn()

    def run_until(self, end: datetime) -> int:
        """Let the dealer follow its own due times; answers how many turns that took."""
        turns = 0
        while True:
            due = self.turn()
            turns += 1
            assert turns < 2000, "the dealer spins"
            if due is None or due > end:
                self.at(max(end, self.clock.now()))
                return turns
            self.at(max(due, self.clock.now()))

    def restart(self) -> None:
        """The process died and another begins: nothing in memory is left, the lease is void."""
        self.write(lambda t: self.stores.leases.void_all(t, now=self.clock.now()))
        self.dealers.append(Dealer(self.parts))

    def read_again(self) -> None:
        """A person asks for a comparison, half a minute later."""
        self.at(self.clock.now() + timedelta(seconds=30))
        self.write(
            lambda t: Dealing(self.stores.commands, self.parts.audit, self.clock).ask(
                t, CommandKind.RECONCILE, "", "owner"
            )
        )
        self.turn()

    def parts_of_another(self, owner: str) -> Parts:
        """The same desk as another process sees it."""
        return replace(self.parts, settings=replace(self.parts.settings, owner=owner))

    # ------------------------------------------------------------ looking

    def order(self, order: Order | str) -> Order:
        identity = order if isinstance(order, str) else order.order
        found = self.read(lambda t: self.stores.orders.order(t, identity))
        assert found is not None
        return found

    def legs(self, reservation: Reservation) -> dict[Role, Order]:
        return {order.role: self.order(order) for order in reservation.orders}

    def intent_state(self, reservation: Reservation) -> IntentState:
        found = self.read(lambda t: self.stores.orders.intent(t, reservation.intents[0].intent))
        assert found is not None
        return found[1]

    def told(self) -> list[str]:
        return [one.title for one in self.read(self.stores.outbox.recent)]

    def held(self) -> dict[int, Decimal]:
        return {p.conid: p.quantity for p in self.read(lambda t: self.parts.positions.held(t, ACCOUNT))}

    # ------------------------------------------------------------ doing

    def reserve_entry(
        self,
        conid: int = AAPL,
        *,
        quantity: int = 10,
        target: Decimal | None = None,
        state: IntentState = IntentState.QUEUED,
        **terms: object,
    ) -> Reservation:
        """What a pipeline leaves behind for a BUY decided on the evening before."""
        run = self._run(conid, Action.BUY)
        decision = a_decision(run, conid, quantity, terms_of(**terms), self.clock.now())
        reservation = bracket(decision, stop=Decimal("165.01"), target=target)
        self._reserve(run, reservation, state)
        return reservation

    def reserve_exit(
        self,
        target: Order | None,
        conid: int = AAPL,
        *,
        quantity: int = 10,
        window: timedelta = timedelta(minutes=55),
    ) -> Reservation:
        """What a pipeline leaves behind for a SELL."""
        run = self._run(conid, Action.SELL)
        now = self.clock.now()
        plain = a_decision(run, conid, quantity, terms_of(entry_high=None), now)
        decision = replace(plain, window_closes=max(plain.window_opens, now) + window)
        reservation = exit_order(decision, target_order=target.order if target is not None else None)
        self._reserve(run, reservation, IntentState.QUEUED)
        return reservation

    def _run(self, conid: int, action: Action) -> str:
        slot = self.clock.now()
        run = run_id("tests", "morning", slot, conid)
        self.write(lambda t: self._write_run(t, run, conid, action, slot))
        return run

    def _write_run(self, t: Transaction, run: str, conid: int, action: Action, slot: datetime) -> None:
        self.stores.slots.add(
            t,
            Slot(
                strategy="morning", version=1, instant=slot, state=SlotState.RUN, reason="", created_at=slot
            ),
        )
        self.stores.runs.add(
            t,
            Run(
                run=run,
                kind=RunKind.SCHEDULED,
                strategy="morning",
                version=1,
                slot=slot,
                conid=conid,
                symbol=f"S{conid}",
                account=ACCOUNT,
                state=RunState.DUE,
                reason="",
                created_at=slot,
            ),
        )
        self.stores.signals.add(
            t,
            SignalRow(signal=a_signal(run, conid, action), strategy="morning", conid=conid, slot=slot),
        )

    def _reserve(self, run: str, reservation: Reservation, state: IntentState) -> None:
        def deed(t: Transaction) -> None:
            for intent in reservation.intents:
                self._link(t, run, intent)
            self.parts.orders.reserve(t, reservation, state=state)
            for order in reservation.orders:
                self.parts.lineage.record(
                    t,
                    kind="order",
                    entity=order.order,
                    content={"role": order.role},
                    parents=(f"intent:{order.intent}",),
                    run=run,
                )

        self.write(deed)

    def _link(self, t: Transaction, run: str, intent: Intent) -> None:
        self.parts.lineage.record(
            t, kind="intent", entity=intent.intent, content={"leg": intent.leg}, run=run
        )


def a_desk(*, start: datetime = EVENING, dedupe_proven: bool = True, children: str = UNKNOWN) -> TestDesk:
    """A desk on the evening of 4 March 2024, with one strategy and a ready session. `children`: what the desk
    knows of the children of an entry filled in part; the broker has them live in full."""
    clock, stores = ManualClock(start), open_database("memory:")
    broker = ScriptedBroker(clock=clock)
    broker.quotes_by_conid = {
        AAPL: (Decimal("169.90"), Decimal(170)),
        MSFT: (Decimal("169.90"), Decimal(170)),
    }
    broker.marks = {AAPL: Decimal(170), MSFT: Decimal(170)}
    parts = parts_of(stores, clock, broker, dedupe_proven, children)
    desk = TestDesk(stores=stores, clock=clock, broker=broker, parts=parts)
    desk.write(lambda t: stores.strategies.add_version(t, a_strategy()))
    desk.write(lambda t: stores.contracts.put_rules(t, rules_of(AAPL)))
    desk.dealers.append(Dealer(desk.parts))
    return desk


def parts_of(
    stores: Stores,
    clock: ManualClock,
    broker: ScriptedBroker,
    dedupe_proven: bool,
    children: str = UNKNOWN,
) -> Parts:
    calendar = ExchangeCalendar(start=date(2023, 1, 3))
    audit, lineage = Audit(stores.audit, clock), Lineage(stores.lineage, NoArtifacts())
    notifications = Notifications(stores.transactions, stores.outbox, Channels(), clock, audit)
    contracts = Contracts(stores.transactions, NoContracts(), stores.contracts, calendar, clock)
    orders = Orders(stores.orders, audit, clock)
    positions = Positions(stores.positions, stores.tracking, stores.orders, audit, notifications)
    portfolio = Portfolio(
        stores.portfolio,
        stores.tracking,
        stores.orders,
        positions,
        contracts,
        notifications,
        desk_capital=Decimal(100_000),
        exchange="XNYS",
    )
    kept = KeptBars(broker, stores.bars, stores.transactions, calendar, clock)
    return Parts(
        settings=DealerSettings(
            account=ACCOUNT,
            kind=AccountKind.SIMULATED,
            owner="test",
            deployment="tests",
        ),
        clock=clock,
        transactions=stores.transactions,
        broker=BrokerParts(session=broker, orders=broker, reads=broker, positions=broker, portfolio=broker),
        leases=stores.leases,
        sessions=stores.session,
        commands=stores.commands,
        order_rows=stores.orders,
        strategies=stores.strategies,
        contracts=contracts,
        market_data=MarketData(broker, kept, contracts, calendar, clock),
        risk=Risk(stores.halt, stores.verdicts, audit, clock),
        orders=orders,
        tracking=Tracking(stores.tracking, stores.orders, orders, lineage),
        positions=positions,
        portfolio=portfolio,
        lineage=lineage,
        audit=audit,
        notifications=notifications,
        manual_runs=StoredManualRuns(stores.runs),
        simulated=lambda: Switches(
            duplicate_coid="200" if dedupe_proven else "off",
            duplicate_scope="ever",
            children=children,
            proven_at=clock.now(),
        ),
    )
