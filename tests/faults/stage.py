"""A stage for the faults: the whole product over its real adapter, the simulator's world behind the wire.

Everything of the product is real except the process: adapter, gate, dealer, services, SQLite (in memory). The
world's time is the product's market time; `turn` is one pass of the dealer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from glassdesk.adapters.ibkr import Broker, connect
from glassdesk.adapters.ibkr.callbook import CallBook
from glassdesk.adapters.ibkr.http import pinned
from glassdesk.adapters.memory.bell import MemoryBell
from glassdesk.composition.brokerage import Brokerage
from glassdesk.composition.ground import Ground
from glassdesk.composition.services import build_desk
from glassdesk.composition.trading import dealer_parts
from glassdesk.desk import Desk
from glassdesk.kernel.errors import Unavailable
from glassdesk.kernel.ids import AccountKind
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.turn import Dealer
from glassdesk.workflow.notifications.model import Notification
from glassdesk.workflow.orders.bracket import Reservation, bracket, exit_order
from glassdesk.workflow.orders.model import IntentState, Order, OrderState, Role
from glassdesk.workflow.orders.switches import told
from glassdesk.workflow.session.clocks import Region
from glassdesk.workflow.session.model import SessionState
from glassdesk.workflow.signals.model import Action
from ibkr_simulator import certificate
from ibkr_simulator.control.clock import Clock as Round
from ibkr_simulator.control.routes import Control
from ibkr_simulator.exchange.orders import Order as TrueOrder
from ibkr_simulator.instants import from_datetime
from ibkr_simulator.messages import Request
from ibkr_simulator.world import World
from tests.faults.airing import Air, aired
from tests.faults.grounds import a_ground, a_world
from tests.faults.market import StillStopwatch, Wire, WorldClock, server_side
from tests.faults.reserving import a_decision, a_run, reserved
from tests.workflow.dealing.makers import a_strategy

Value = TypeVar("Value")
Asked = dict[str, Any]
ACCOUNT = "DU1234567"
AAPL, IBM, MSFT = 265598, 8314, 272093
MORNING = "2012-10-01T14:00:00Z"
"""A Monday, half an hour after the open in New York."""
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
TURNS = 3000
"""More turns than this in one stretch of time is a dealer that spins."""


@dataclass(slots=True, repr=False)
class Stage:
    """Everything a fault's test touches."""

    world: World
    control: Control
    wire: Wire
    broker: Broker
    ground: Ground
    desk: Desk
    parts: Parts
    stopwatch: StillStopwatch
    air: Air | None = None
    """The stream, where the test wants one."""
    dealers: list[Dealer] = field(default_factory=list)

    # ------------------------------------------------------------ the product at work

    @property
    def now(self) -> datetime:
        return self.parts.now()

    def turn(self) -> datetime | None:
        """One pass of the dealer, its role's own forgiveness included."""
        try:
            return self.dealers[-1].turn()
        except Unavailable:
            return self.now + SECOND

    def run(self, span: timedelta) -> int:
        """Let the dealer follow its own due times for a while; answers how many turns that took."""
        end, turns = self.now + span, 0
        while True:
            due = self.turn()
            turns += 1
            assert turns < TURNS, "the dealer spins"
            if due is None or due > end:
                self.travel(end)
                return turns
            self.travel(due)

    def run_until(self, holds: Callable[[], bool], *, within: timedelta = 10 * MINUTE) -> None:
        """Turn by turn until something holds. Fails where it does not within this market time."""
        end = self.now + within
        while not holds():
            due = self.turn()
            assert self.now <= end, f"not within {within}"
            if not holds():
                self.travel(min(due or end, end + SECOND))

    def travel(self, to: datetime) -> None:
        """Market time goes on without the product doing anything."""
        if to <= self.now:
            return
        if self.air is None:
            self.advance(to)
        else:
            self.air.travel(to, self.advance)

    def advance(self, to: datetime) -> None:
        """Only the world moves."""
        if to > self.now:
            self.world.advance(from_datetime(to), tickled=True)

    def restart(self) -> None:
        """The process died and another begins: nothing in memory is left, the lease is void."""
        stores = self.ground.stores
        self.write(lambda t: stores.leases.void_all(t, now=self.now))
        self.broker.gate.forget_session()
        self.dealers.append(Dealer(self.parts))

    def unproven(self) -> None:
        """From now on nobody knows what the broker does: as on an account that was never probed."""
        self.parts = replace(self.parts, simulated=None)
        self.restart()

    def command(self, kind: CommandKind, target: str = "") -> None:
        """What a person asks of the dealer."""
        self.write(lambda t: self.desk.dealing.ask(t, kind, target, "owner"))

    # ------------------------------------------------------------ the simulator's side

    def arm(self, number: int, **fields: Any) -> None:
        """Arm a fault by number, as the control plane does. Other words are the fault's parameters."""
        self.ask_control("POST", "/faults", {"number": number, **fields})

    def disarm(self) -> None:
        """No fault is armed any more."""
        self.ask_control("DELETE", "/faults")

    def switch(self, **values: str) -> None:
        """Set switches of the simulator."""
        self.ask_control("POST", "/switches", values)

    def ask_control(self, method: str, path: str, body: Any = None) -> Any:
        """A control request that must succeed."""
        request = Request(method=method, path=f"/control{path}", body=body)
        answer = asyncio.run(self.control.serve(request))
        assert answer.status == 200, answer.body
        return answer.body

    def sign_in(self) -> None:
        """The person signs in at the gateway."""
        self.ask_control("POST", "/person/sign-in", {})

    def truth(self, coid: str = "") -> list[TrueOrder]:
        """Orders the broker ever accepted: all of them, or those of one cOID."""
        return [one for one in self.world.exchange.orders.values() if coid in ("", one.coid)]

    def entries(self) -> list[TrueOrder]:
        """Orders the broker ever accepted that would open a position."""
        return [one for one in self.truth() if one.side == "BUY"]

    def requests(self, path: str = "", method: str = "", *, since: datetime | None = None) -> list[Asked]:
        """What the simulator was asked, in order; `path` is how the path begins."""
        rows = self.world.truth.rows("request")
        return [
            row
            for row in rows
            if row["path"].startswith(path)
            and method in ("", row["method"])
            and (since is None or row["at"] >= from_datetime(since))
        ]

    def asked(self, path: str = "", method: str = "", *, since: datetime | None = None) -> int:
        """How many such requests there were."""
        return len(self.requests(path, method, since=since))

    def placements(self) -> int:
        """How many requests to place an order arrived."""
        path = f"/iserver/account/{ACCOUNT}/orders"
        return sum(1 for row in self.requests(path, "POST") if row["path"] == path)

    def held(self, conid: int = AAPL) -> int:
        """Shares at the broker."""
        return self.world.account.quantity(conid)

    # ------------------------------------------------------------ the product's state

    def write(self, deed: Callable[[Transaction], Value]) -> Value:
        with self.ground.stores.transactions.begin() as t:
            return deed(t)

    def read(self, look: Callable[[Transaction], Value]) -> Value:
        with self.ground.stores.transactions.read() as t:
            return look(t)

    @property
    def session(self) -> SessionState | None:
        """The session as the product has it in its database."""
        seen = self.read(self.desk.session.status)
        return seen.state if seen else None

    @property
    def epoch(self) -> int:
        return self.read(self.desk.session.epoch)

    def order(self, order: Order | str) -> Order:
        identity = order if isinstance(order, str) else order.order
        found = self.read(lambda t: self.ground.stores.orders.order(t, identity))
        assert found is not None
        return found

    def legs(self, reservation: Reservation) -> dict[Role, Order]:
        """The rows of a reservation as they stand."""
        return {order.role: self.order(order) for order in reservation.orders}

    def states(self, reservation: Reservation) -> dict[Role, OrderState]:
        return {role: order.state for role, order in self.legs(reservation).items()}

    def entry_state(self, reservation: Reservation) -> OrderState:
        return self.states(reservation)[Role.ENTRY]

    def intent_state(self, reservation: Reservation) -> IntentState:
        found = self.read(lambda t: self.ground.stores.orders.intent(t, reservation.intents[0].intent))
        assert found is not None
        return found[1]

    def told(self) -> list[Notification]:
        """Notifications, newest first."""
        return list(self.read(self.ground.stores.outbox.recent))

    def titles(self) -> list[str]:
        """Titles of all notifications, newest first."""
        return [one.title for one in self.told()]

    def audit(self, kind: str = "") -> list[Any]:
        """Rows of the audit, oldest first; `kind` is how the kind begins."""
        rows = self.read(lambda t: self.ground.stores.audit.entries(t, after=0, limit=10_000))
        return [row for row in rows if row.kind.startswith(kind)]

    def owned(self, conid: int = AAPL) -> Decimal:
        """Shares of the contract as the product's ledger has them."""
        held = self.read(lambda t: self.desk.positions.held(t, ACCOUNT))
        return sum((one.quantity for one in held if one.conid == conid), Decimal(0))

    # ------------------------------------------------------------ decisions

    def price(self, conid: int = AAPL) -> Decimal:
        """The last trade in the world."""
        quote = self.world.exchange.quote(conid)
        assert quote is not None
        return Decimal(quote.last) / 100

    def reserve_entry(
        self,
        conid: int = AAPL,
        *,
        quantity: int = 10,
        limit: Decimal | None = None,
        stop: Decimal | None = None,
        target: Decimal | None = None,
        minutes: int = 55,
        **terms: object,
    ) -> Reservation:
        """What a pipeline leaves behind for a BUY: a bracket whose window is open now.

        By default marketable at the ask, the stop 15 below and the target parked 8 ATR above the price.
        """
        price, run = self.price(conid), a_run(self.desk, self.ground.stores, conid, Action.BUY)
        limit = limit if limit is not None else price * Decimal("1.004")
        words = {"reference_close": price, "atr": Decimal(10), "entry_high": limit, **terms}
        decision = a_decision(self.desk, run, conid, quantity, minutes, words)
        reservation = bracket(decision, stop=stop if stop is not None else price - 15, target=target)
        return reserved(self.desk, run, reservation)

    def reserve_exit(
        self, target: Order | None, conid: int = AAPL, *, quantity: int = 10, minutes: int = 55
    ) -> Reservation:
        """What a pipeline leaves behind for a SELL of what is held."""
        run = a_run(self.desk, self.ground.stores, conid, Action.SELL)
        words = {"reference_close": self.price(conid), "entry_high": None}
        decision = a_decision(self.desk, run, conid, quantity, minutes, words)
        reservation = exit_order(decision, target_order=target.order if target is not None else None)
        return reserved(self.desk, run, reservation)

    def a_position(self, conid: int = AAPL, *, quantity: int = 10) -> Reservation:
        """A bracket whose entry is filled and whose children rest at the broker, proven and quiet."""
        reservation = self.reserve_entry(conid, quantity=quantity)
        self.run_until(lambda: self.entry_state(reservation) is OrderState.FILLED)
        self.run(30 * SECOND)
        assert self.states(reservation)[Role.STOP] is OrderState.WORKING
        return reservation


def build(
    pem: tuple[Path, Path],
    home: Path,
    *,
    at: str = MORNING,
    kind: AccountKind = AccountKind.SIMULATED,
    signed_in: bool = True,
    events: bool = False,
    poll: timedelta | None = 3 * SECOND,
    delayed: bool = False,
    region: Region = Region.US,
    suppressed: tuple[str, ...] = (),
    stream: bool = False,
    switches: dict[str, str] | None = None,
    database: str = "memory:",
    settings: dict[str, object] | None = None,
) -> Stage:
    """A stage at an instant. `events`: the dealer sleeps until something happens, as with the simulated
    clock; otherwise it looks again every `poll`, where there is one. `stream`: it has the broker's
    stream too. Pacing is the broker's own, counted in market time. `settings` are the product's; an account
    that does not begin with D is a live one at the simulator too."""
    told_settings = settings or {}
    account = str(told_settings.get("account", ACCOUNT))
    world = a_world(at, {"account": account, **(switches or {})})
    clock, stopwatch = WorldClock(world, wakes_on_events=events), StillStopwatch()
    wire = Wire(world, pinned(str(pem[0])), server_side(*pem))
    ground = a_ground(home, kind, clock, stopwatch, database, **told_settings)
    book = CallBook()
    broker = connect(
        "https://localhost:5000",
        str(pem[0]),
        clock,
        stopwatch,
        book,
        account,
        suppressed=suppressed,
        transport=wire,
    )
    desk = build_desk(ground, broker, MemoryBell(), broker.session.login_url)
    parts = dealer_parts(ground, desk, Brokerage(broker=broker, book=book, gate_address=""), "test")
    # The tape has no SPY, which is a paper account's canary by itself.
    canary = None if kind is AccountKind.SIMULATED else AAPL
    dealing = replace(parts.settings, poll=poll, delayed_quotes=delayed, region=region, canary=canary)
    parts = replace(parts, settings=dealing)
    air = aired(world, clock.now, broker.stream) if stream else None
    parts = replace(parts, broker=replace(parts.broker, hints=air))
    if kind is AccountKind.SIMULATED:
        parts = replace(parts, simulated=lambda: told(world.switches.all(), clock.now()))
    stage = Stage(
        world=world,
        control=Control(world, Round(world), "history"),
        wire=wire,
        broker=broker,
        ground=ground,
        desk=desk,
        parts=parts,
        stopwatch=stopwatch,
        air=air,
        dealers=[Dealer(parts)],
    )
    # Where the server would load another certificate, the wire shows one that nobody trusts.
    world.certificate_watchers.append(lambda: wire.shows(server_side(*certificate.another(pem[0].parent))))
    # The control plane's clock, where nobody sits, would have pacing counted in machine time.
    world.in_round = lambda: True
    stage.write(lambda t: ground.stores.strategies.add_version(t, a_strategy()))
    if signed_in:
        stage.sign_in()
    return stage
