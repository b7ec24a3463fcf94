"""What happens to a desk: decisions of a pipeline, acts of a person on both sides, and of the market."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from glassdesk.adapters.bundles.strategies import load_strategy
from glassdesk.composition.examples import example_files
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.orders.bracket import Reservation, bracket, exit_order
from glassdesk.workflow.orders.model import IntentState, Order, OrderState, Role
from glassdesk.workflow.risk.model import HaltLevel
from glassdesk.workflow.runs.model import RunState
from glassdesk.workflow.signals.model import Action
from ibkr_simulator.exchange.orders import Order as SimOrder
from ibkr_simulator.exchange.tape import Split
from ibkr_simulator.messages import Request
from tests.chaos.desk.world import ACCOUNT, DeskWorld
from tests.faults.reserving import a_decision, a_run, reserved

AAPL, IBM, MSFT = 265598, 8314, 272093


@dataclass(slots=True)
class Acts:
    """Everything that may be done to one world."""

    world: DeskWorld
    reservations: list[Reservation] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def do(self, what: str, words: Mapping[str, Any]) -> None:
        """One act by its name. What cannot be done now is not done."""
        deeds: Mapping[str, Callable[..., bool]] = {
            "entry": self.entry,
            "exit": self.exit,
            "command": self.command,
            "halt": self.halt,
            "resume": self.resume,
            "trade": self.trade,
            "cancel": self.cancel,
            "move": self.move,
            "shrink": self.shrink,
            "split": self.split,
            "fault": self.fault,
            "sign_in": self.sign_in,
            "sign_out": self.sign_out,
            "bust": self.bust,
            "adopt": self.adopt,
            "approve": self.approve,
        }
        if deeds[what](**words):
            self.done.append(what)

    # ------------------------------------------------------------ what a pipeline leaves behind

    def price(self, conid: int) -> Decimal | None:
        """The last trade."""
        quote = self.world.broker.exchange.quote(conid)
        return None if quote is None else Decimal(quote.last) / 100

    def entry(
        self,
        *,
        conid: int,
        quantity: int,
        over: str = "0.004",
        stop: str = "0.02",
        target: str = "",
        minutes: int = 55,
        ttl: int | None = None,
        waits: bool = False,
    ) -> bool:
        """A bracket whose window is open now; `over`, `stop`, `target` are fractions of the price. One that
        `waits` needs a person's yes."""
        price = self.price(conid)
        if price is None:
            return False
        limit = price * (1 + Decimal(over))
        words = {"reference_close": price, "atr": price / 40, "entry_high": limit, "ttl_seconds": ttl}

        def made(run: str) -> Reservation:
            decision = a_decision(self.world.desk, run, conid, quantity, minutes, words)
            goal = price * (1 + Decimal(target)) if target else None
            return bracket(decision, stop=min(price, limit) * (1 - Decimal(stop)), target=goal)

        state = IntentState.AWAITING_APPROVAL if waits else IntentState.QUEUED
        return self._decided(conid, Action.BUY, made, state)

    def approve(self) -> bool:
        """A person's yes to what was decided last."""
        if not self.reservations:
            return False
        main = self.reservations[-1].intents[0].intent
        self.world.write(lambda t: self.world.desk.orders.approve(t, main, "owner"))
        return True

    def exit(self, *, conid: int) -> bool:
        """A run's SELL of everything that the desk holds of a contract."""
        held = [
            p for p in self._read(lambda t: self.world.desk.positions.held(t, ACCOUNT)) if p.conid == conid
        ]
        if not held:
            return False
        target = next((o for o in self._orders(conid, Role.TARGET) if o.state.at_broker), None)
        words = {"reference_close": self.price(conid), "entry_high": None}

        def made(run: str) -> Reservation:
            decision = a_decision(self.world.desk, run, conid, int(held[0].quantity), 55, words)
            return exit_order(decision, target_order=target.order if target is not None else None)

        return self._decided(conid, Action.SELL, made)

    def _decided(
        self,
        conid: int,
        action: Action,
        made: Callable[[str], Reservation],
        state: IntentState = IntentState.QUEUED,
    ) -> bool:
        world, stores = self.world, self.world.ground.stores
        run = a_run(world.desk, stores, conid, action)

        def over(t: Transaction) -> None:
            row = stores.runs.run(t, run)
            if row is not None:
                stores.runs.set_state(t, row, RunState.RESERVED, "RESERVED", at=world.now)

        world.write(over)
        reservation = world.attempt(lambda: reserved(world.desk, run, made(run), state))
        world.poke()
        if reservation is not None:
            self.reservations.append(reservation)
        return reservation is not None

    # ------------------------------------------------------------ a person at the desk

    def command(self, *, kind: str, argument: str = "", role: str = "", waiting: bool = False) -> bool:
        """A wish to the dealer; `role` picks the newest order of that role at the broker, or of those that
        wait to go out."""
        if role:
            orders = self._orders(None, Role(role))
            asked = [o for o in orders if (o.state is OrderState.RESERVED if waiting else o.state.at_broker)]
            found = next(iter(asked), None)
            if found is None:
                return False
            argument = found.order
        self.world.write(lambda t: self.world.desk.dealing.ask(t, CommandKind(kind), argument, "owner"))
        return True

    def halt(self, *, level: str) -> bool:
        """The kill switch."""
        desk = self.world.desk
        self.world.write(lambda t: desk.risk.set_halt(t, HaltLevel[level], "chaos", "owner"))
        return True

    def resume(self) -> bool:
        """Back to ACTIVE."""
        self.world.write(lambda t: self.world.desk.risk.resume(t, "chaos is over", "owner"))
        return True

    def adopt(self, *, strategy: str, conid: int, symbol: str) -> bool:
        """A shipped strategy on one contract, enabled from now on."""
        desk, file = self.world.desk, next(one for one in example_files() if one.stem == strategy)
        contract = Contract(
            conid=conid, symbol=symbol, name=symbol, sec_type="STK", exchange="NYSE", currency="USD"
        )
        made = load_strategy(
            file.read_bytes(), file=file.name, account=desk.account, resolve=lambda _: contract.conid
        )

        def deed(t: Transaction) -> bool:
            desk.contracts.remember(t, contract)
            desk.strategies.create(t, made, author="owner", message="")
            desk.strategies.enable(t, made.name, "owner")
            return True

        return bool(self.world.write(deed))

    # ------------------------------------------------------------ a person at the broker, and the market

    def trade(self, *, conid: int, side: str, quantity: int) -> bool:
        """By hand, filled at once; nobody sells by hand what is not there."""
        held = self.world.broker.account.quantity(conid)
        size = min(quantity, held) if side == "SELL" else quantity
        if size <= 0 or self.price(conid) is None:
            return False
        return self._person("order", {"conid": conid, "side": side, "quantity": size})

    def cancel(self, *, kind: str) -> bool:
        """The newest live order of a type, cancelled by hand."""
        found = self._live(kind)
        return found is not None and self._person("cancel", {"order_id": found.order_id})

    def move(self, *, kind: str, by: str) -> bool:
        """The newest sale of a type is moved by hand to the price and a fraction of it: a stop above the
        market and a limit below it trade."""
        sells = [one for one in self.world.broker.exchange.live() if one.kind == kind and one.side == "SELL"]
        price = self.price(sells[-1].conid) if sells else None
        if price is None:
            return False
        moved = str((price * (1 + Decimal(by))).quantize(Decimal("0.01")))
        field_of = {"STP": "stop", "LMT": "limit"}[kind]
        return self._person("modify", {"order_id": sells[-1].order_id, field_of: moved})

    def shrink(self, *, kind: str) -> bool:
        """The newest order of a type loses a share."""
        found = self._live(kind)
        if found is None or found.remaining < 2:
            return False
        return self._person("modify", {"order_id": found.order_id, "quantity": found.quantity - 1})

    def split(self, *, conid: int, ratio: int) -> bool:
        """Shares multiply, and the broker cancels what rests (`T-34`)."""
        if not self.world.broker.account.quantity(conid):
            return False
        self.world.witness.outside()
        split = Split(conid=conid, session=0, ratio=Fraction(ratio), at=self.world.broker.now)
        self.world.broker.exchange._split(split)
        self.world.poke()
        return True

    def bust(self) -> bool:
        """The venue takes the newest trade of a stranger back."""
        found = [
            one for one in self.world.broker.exchange.effective() if one.source != "desk" and one.quantity
        ]
        return bool(found) and self._person("bust", {"execution_id": found[-1].execution_id})

    def sign_in(self) -> bool:
        """At the gateway's page."""
        return self._person("sign-in", {})

    def sign_out(self) -> bool:
        """The person leaves."""
        return self._person("sign-out", {})

    def fault(self, *, number: int, kind: str = "", **words: Any) -> bool:
        """Arm a fault by its number; one that cannot be now is not armed. `kind` names the newest live
        order of a type to it."""
        if kind:
            found = self._live(kind)
            words["order_id"] = found.order_id if found is not None else 0
        return self._control("/faults", {"number": number, **words})

    def _live(self, kind: str) -> SimOrder | None:
        found = [
            one for one in self.world.broker.exchange.live() if one.kind == kind and one.source == "desk"
        ]
        return found[-1] if found else None

    def _person(self, what: str, body: Mapping[str, Any]) -> bool:
        self.world.witness.outside()
        return self._control(f"/person/{what}", body)

    def _control(self, path: str, body: Mapping[str, Any]) -> bool:
        request = Request(method="POST", path=f"/control{path}", body=dict(body))
        answer = asyncio.run(self.world.control.serve(request))
        self.world.poke()
        return answer.status == 200

    # ------------------------------------------------------------ looking

    def _orders(self, conid: int | None, role: Role) -> list[Order]:
        stores = self.world.ground.stores
        found = self._read(lambda t: stores.orders.orders(t, conid=conid))
        return [order for order in found if order.role is role]

    def _read(self, look: Callable[[Transaction], Any]) -> Any:
        with self.world.ground.stores.transactions.read() as t:
            return look(t)
