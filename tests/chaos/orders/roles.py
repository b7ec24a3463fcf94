"""The roles of the order path: dealers, a decider, people, a dispatcher. Each life builds its own process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from glassdesk.dealer.role import DealerRole
from glassdesk.kernel.errors import GlassdeskError
from glassdesk.kernel.ids import AccountKind, run_id
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.dealing.turn import Dealer
from glassdesk.workflow.orders.bracket import Decision, Reservation, bracket, exit_order
from glassdesk.workflow.orders.model import IntentState, Order, OrderState, SendTerms
from glassdesk.workflow.orders.model import Role as OrderRole
from glassdesk.workflow.risk.model import HaltLevel
from glassdesk.workflow.runs.model import Run, RunKind, RunState
from glassdesk.workflow.schedules.model import Slot, SlotState
from glassdesk.workflow.signals.model import Action, SignalRow
from tests.chaos.dice import Dice
from tests.chaos.orders.office import ACCOUNT, DEPLOYMENT, LIMITS, STRATEGY, Office, Outside, open_office
from tests.chaos.ports import Instance, Role
from tests.workflow.dealing.makers import a_signal

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@dataclass(slots=True)
class Setting:
    """What roles are told when they open."""

    poll: timedelta | None
    embedded: bool
    """One process holds the home: what it finds of another is dead."""


def dealer(name: str, outside: Outside, setting: Setting, back: Callable[[], timedelta]) -> Role:
    """The product's dealer behind its own door."""

    def build(me: Instance) -> Callable[[], None]:
        office = open_office(me, outside, poll=setting.poll)
        if setting.embedded:
            with office.parts.transactions.begin() as t:
                office.stores.leases.void_all(t, now=office.parts.now())
        turning = Dealer(office.parts)
        return DealerRole(
            name=me.name, clock=office.parts.clock, stopwatch=me.stopwatch(), dealer=turning
        ).loop

    return Role(name, build, back)


# ---------------------------------------------------------------- the decider


@dataclass(frozen=True, slots=True, kw_only=True)
class Slotted:
    """A decision that falls due."""

    at: datetime
    conid: int
    action: Action
    quantity: int
    target: bool
    approval: bool
    minutes: int
    ttl: int | None


def decider(slots: Sequence[Slotted], price: Callable[[int], Decimal], outside: Outside, dice: Dice) -> Role:
    """Reserves what is decided; after a death it looks which slots are left. Its second answer may differ."""

    def build(me: Instance) -> Callable[[], None]:
        office = open_office(me, outside, poll=None)
        deciding = _Deciding(office, price, dice)

        def loop() -> None:
            for slot in slots:
                office.parts.clock.wait_until(slot.at)
                deciding.decide(slot)
            office.parts.clock.wait_until(None)

        return loop

    return Role("decider", build, lambda: dice.seconds("back", 1, 20))


class _Deciding:
    def __init__(self, office: Office, price: Callable[[int], Decimal], dice: Dice) -> None:
        self._office = office
        self._price = price
        self._dice = dice

    def decide(self, slot: Slotted) -> None:
        """One slot; the same again is harmless. What may not be reserved is left."""
        parts = self._office.parts
        run = run_id(DEPLOYMENT, STRATEGY, slot.at, slot.conid)
        try:
            with parts.transactions.begin() as t:
                self._begin(t, slot, run)
            self._reserve(slot, run)
        except GlassdeskError:
            return

    def _begin(self, t: Transaction, slot: Slotted, run: str) -> None:
        """Run and signal; a stored signal stays as it is (I-17)."""
        stores = self._office.stores
        if stores.runs.run(t, run) is not None:
            return
        now = self._office.parts.now()
        stores.slots.add(
            t,
            Slot(
                strategy=STRATEGY, version=1, instant=slot.at, state=SlotState.RUN, reason="", created_at=now
            ),
        )
        stores.runs.add(
            t,
            Run(
                run=run,
                kind=RunKind.SCHEDULED,
                strategy=STRATEGY,
                version=1,
                slot=slot.at,
                conid=slot.conid,
                symbol=f"S{slot.conid}",
                account=ACCOUNT,
                state=RunState.DUE,
                reason="",
                created_at=now,
            ),
        )
        signal = a_signal(run, slot.conid, slot.action)
        stores.signals.add(t, SignalRow(signal=signal, strategy=STRATEGY, conid=slot.conid, slot=slot.at))

    def _reserve(self, slot: Slotted, run: str) -> None:
        parts = self._office.parts
        with parts.transactions.begin() as t:
            if parts.orders.intents(t, run=run):
                return
            made = self._entry(slot, run) if slot.action is Action.BUY else self._exit(t, slot, run)
            if made is None:
                return
            for intent in made.intents:
                parts.lineage.record(
                    t, kind="intent", entity=intent.intent, content={"leg": intent.leg}, run=run
                )
            waits = slot.approval and slot.action is Action.BUY
            state = IntentState.AWAITING_APPROVAL if waits else IntentState.QUEUED
            parts.orders.reserve(t, made, state=state)
            for order in made.orders:
                above = (f"intent:{order.intent}",)
                parts.lineage.record(
                    t, kind="order", entity=order.order, content={"role": order.role}, parents=above, run=run
                )

    def _entry(self, slot: Slotted, run: str) -> Reservation:
        price = self._price(slot.conid)
        goal = price + Decimal(self._dice.stream("levels").randrange(100, 300)) / 100 if slot.target else None
        stop = price - Decimal(self._dice.stream("levels").randrange(60, 300)) / 100
        return bracket(self._decision(slot, run, price), stop=stop, target=goal)

    def _exit(self, t: Transaction, slot: Slotted, run: str) -> Reservation | None:
        parts = self._office.parts
        held = [p for p in parts.positions.held(t, ACCOUNT) if p.conid == slot.conid and p.quantity > 0]
        if not held:
            return None
        around = parts.order_rows.orders(t, strategy=STRATEGY, conid=slot.conid, limit=50)
        resting = next((o for o in around if o.role is OrderRole.TARGET and o.state.at_broker), None)
        decision = self._decision(slot, run, None, quantity=held[0].quantity)
        return exit_order(decision, target_order=resting.order if resting is not None else None)

    def _decision(
        self, slot: Slotted, run: str, price: Decimal | None, quantity: Decimal | None = None
    ) -> Decision:
        parts = self._office.parts
        now = parts.now()
        return Decision(
            run=run,
            account=ACCOUNT,
            kind=AccountKind.SIMULATED,
            strategy=STRATEGY,
            strategy_version=1,
            conid=slot.conid,
            quantity=quantity if quantity is not None else Decimal(slot.quantity),
            terms=SendTerms(
                symbol=f"S{slot.conid}",
                exchange="XNYS",
                last_bar=parts.contracts.last_closed_session("XNYS", now).session,
                reference_close=price if price is not None else self._price(slot.conid),
                atr=Decimal(4),
                tick=Decimal("0.01"),
                entry_high=None if price is None else price + Decimal("0.50"),
                limits=LIMITS,
                ttl_seconds=slot.ttl,
            ),
            window_opens=now,
            window_closes=now + slot.minutes * MINUTE,
            reserved_at=now,
        )


# ---------------------------------------------------------------- people


class Act(StrEnum):
    """What people do."""

    DECLINE = "decline"
    CANCEL = "cancel"
    HALT = "halt"
    EXIT = "exit"
    RECONCILE = "reconcile"


@dataclass(slots=True)
class People:
    """Acts at their instants; what is done is not done again after a death of the page's process."""

    acts: list[tuple[datetime, Act, int]]
    """(when, what, a number to choose with)."""
    done: set[int] = field(default_factory=set)
    resume_at: datetime | None = None
    patience: timedelta = 30 * SECOND


def person(people: People, outside: Outside, back: Callable[[], timedelta]) -> Role:
    """Approves what waits, and does what else people do."""

    def build(me: Instance) -> Callable[[], None]:
        office = open_office(me, outside, poll=None)
        hand = _Hand(office, people)

        def loop() -> None:
            while True:
                office.parts.clock.wait_until(office.parts.now() + people.patience)
                hand.act()

        return loop

    return Role("person", build, back)


class _Hand:
    def __init__(self, office: Office, people: People) -> None:
        self._office = office
        self._people = people

    def act(self) -> None:
        now = self._office.parts.now()
        for number, (at, what, chance) in enumerate(self._people.acts):
            if at <= now and number not in self._people.done:
                self._tried(lambda t, what=what, chance=chance: self._do(t, what, chance))  # type: ignore[misc]
                self._people.done.add(number)
        if self._people.resume_at is not None and now >= self._people.resume_at:
            self._tried(self._resume)
            self._people.resume_at = None
        if self._somebody_waits():
            self._tried(self._approve)

    def _somebody_waits(self) -> bool:
        with self._office.parts.transactions.read() as t:
            return bool(self._office.parts.orders.intents(t, states=[IntentState.AWAITING_APPROVAL]))

    def _tried(self, deed: Callable[[Transaction], None]) -> None:
        try:
            with self._office.parts.transactions.begin() as t:
                deed(t)
        except GlassdeskError:
            return

    def _approve(self, t: Transaction) -> None:
        orders = self._office.parts.orders
        for intent, _ in orders.intents(t, states=[IntentState.AWAITING_APPROVAL]):
            if intent.parent is None:
                orders.approve(t, intent.intent, "owner")

    def _resume(self, t: Transaction) -> None:
        if self._office.parts.risk.halt(t).level is not HaltLevel.ACTIVE:
            self._office.parts.risk.resume(t, "it is safe again", "owner")

    def _do(self, t: Transaction, what: Act, chance: int) -> None:
        parts, dealing = self._office.parts, self._office.dealing
        if what is Act.DECLINE:
            waiting = [i for i, _ in parts.orders.intents(t, states=[IntentState.AWAITING_APPROVAL])]
            if waiting:
                parts.orders.decline(t, waiting[chance % len(waiting)].intent, "owner")
        elif what is Act.CANCEL:
            alive = self._alive(t)
            if alive:
                dealing.ask(t, CommandKind.CANCEL_ORDER, alive[chance % len(alive)].order, "owner")
        elif what is Act.HALT:
            level = HaltLevel(1 + chance % 6)
            parts.risk.set_halt(t, level, "something looks odd", "owner")
            self._people.resume_at = parts.now() + timedelta(seconds=30 + chance % 150)
        elif what is Act.EXIT:
            held = parts.positions.held(t, ACCOUNT)
            if held:
                dealing.ask(t, CommandKind.EXIT_POSITION, str(held[chance % len(held)].conid), "owner")
        else:
            dealing.ask(t, CommandKind.RECONCILE, "", "owner")

    def _alive(self, t: Transaction) -> Sequence[Order]:
        states = [OrderState.WORKING, OrderState.PARTIAL, OrderState.RESERVED]
        return self._office.parts.orders.orders(t, states=states)


# ---------------------------------------------------------------- the dispatcher


def dispatcher(outside: Outside, setting: Setting, back: Callable[[], timedelta]) -> Role:
    """Sends what is to be told, at its pace; in the quiet hours it looks now and then."""

    def build(me: Instance) -> Callable[[], None]:
        office = open_office(me, outside, poll=None)

        def loop() -> None:
            while True:
                office.parts.notifications.dispatch()
                pause = 20 * SECOND if setting.poll is not None else 5 * MINUTE
                office.parts.clock.wait_until(office.parts.now() + pause)

        return loop

    return Role("dispatcher", build, back)
