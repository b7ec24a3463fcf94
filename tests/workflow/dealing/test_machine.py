"""Any story at all: whatever is lost, filled, refused or killed, the invariants hold after each step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from glassdesk.workflow.dealing.facts_part import OPEN_INTENTS
from glassdesk.workflow.orders.bracket import Reservation
from glassdesk.workflow.orders.model import Order, OrderState, OrderType, Outcome, Role, Side, Ticket
from tests.workflow.dealing.desk import a_desk
from tests.workflow.dealing.makers import AAPL, WINDOW
from tests.workflow.dealing.scripted_broker import ACCOUNT, Resting

ZERO = Decimal(0)


class KilledError(Exception):
    """The process ends here."""


class MoneyPath(RuleBasedStateMachine):
    """One contract, one strategy, a broker that misbehaves, a desk that may die around any placement."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = a_desk(start=WINDOW)
        self.reservations: list[Reservation] = []
        self.desk.turn()

    # ------------------------------------------------------------ what may happen

    @rule(seconds=st.sampled_from([1, 6, 7, 20, 61, 130]))
    def time_passes(self, seconds: int) -> None:
        self.desk.run_until(self.desk.clock.now() + timedelta(seconds=seconds))

    @rule()
    def a_buy_is_decided(self) -> None:
        if not self._busy() and not self.desk.held():
            self._tick()
            self.reservations.append(self.desk.reserve_entry())

    @rule()
    def a_sell_is_decided(self) -> None:
        target = self._resting_target()
        if self.desk.held() and not self._busy() and target is not None:
            self._tick()
            self.desk.reserve_exit(self.desk.order(target))

    @rule(how=st.sampled_from(["lost_before", "lost_after", "not_sent", "reject", "decline"]))
    def the_next_placement_goes_wrong(self, how: str) -> None:
        self.desk.broker.next_place = [how]

    @rule(how=st.sampled_from(["lost_before", "lost_after", "reject"]))
    def the_next_modification_goes_wrong(self, how: str) -> None:
        self.desk.broker.next_modify = [how]

    @rule(quantity=st.integers(1, 10))
    def an_entry_trades(self, quantity: int) -> None:
        self._trade(Side.BUY, quantity, "170.10")

    @rule(
        quantity=st.integers(1, 10), kind=st.sampled_from([OrderType.STOP, OrderType.LIMIT, OrderType.MARKET])
    )
    def a_sell_trades(self, quantity: int, kind: OrderType) -> None:
        self._trade(Side.SELL, quantity, "169", kind)

    @rule()
    def the_broker_ends_a_stop(self) -> None:
        for one in self._live():
            if one.ticket.order_type is OrderType.STOP:
                one.status, one.reason = "Cancelled", "cancelled for margin"
                return

    @rule(slow=st.booleans())
    def cancels_take_their_time(self, slow: bool) -> None:
        self.desk.broker.slow_cancels = slow
        if not slow:
            self.desk.broker.end_cancels()

    @rule(broken=st.booleans())
    def reads_fail(self, broken: bool) -> None:
        self.desk.broker.broken_reads = broken

    @rule()
    def the_desk_is_restarted(self) -> None:
        self.desk.restart()
        self.desk.turn()

    @rule(arrived=st.booleans())
    def the_desk_dies_at_the_next_placement(self, arrived: bool) -> None:
        place = self.desk.broker.place

        def die(_: object, tickets: Sequence[Ticket]) -> Outcome:
            if arrived:
                place(tickets)
            raise KilledError

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(self.desk.broker), "place", die)
            died = self._dies_within(30)
        if died:
            self.desk.restart()

    # ------------------------------------------------------------ what must hold

    @invariant()
    def i_01_at_most_one_order_per_client_id(self) -> None:
        coids = [one.ticket.coid for one in self.desk.broker.orders.values()]
        assert len(coids) == len(set(coids))

    @invariant()
    def i_03_and_i_04_every_order_at_the_broker_has_a_row_and_a_send_that_was_written_before(self) -> None:
        for one in self.desk.broker.orders.values():
            row = self._row(one)
            assert row is not None
            assert row.sends > 0
            assert row.state is not OrderState.RESERVED or row.sends > 1

    @invariant()
    def i_05_what_lives_at_the_broker_is_not_called_over_by_us(self) -> None:
        for one in self._live():
            row = self._row(one)
            assert row is not None
            assert not row.state.final

    @invariant()
    def i_06_our_executions_are_the_brokers(self) -> None:
        known = self.desk.read(lambda t: self.desk.parts.tracking.fills(t, ACCOUNT))
        stated = {one.execution for one in self.desk.broker.fills}
        assert {fill.execution.execution for fill in known} <= stated

    @invariant()
    def i_42_the_account_is_never_short(self) -> None:
        assert self._position() >= 0

    @invariant()
    def i_53_no_share_is_promised_twice(self) -> None:
        """The largest sell of each group and all single ones: never more than is held or being bought."""
        groups: dict[str, Decimal] = {}
        for one in self._live():
            if one.ticket.side is Side.SELL:
                group, rest = one.parent or one.broker_order_id, one.ticket.quantity - one.filled
                groups[group] = max(groups.get(group, ZERO), rest)
        bought = [o for o in self.desk.broker.orders.values() if o.ticket.side is Side.BUY]
        rests = sum((one.ticket.quantity - one.filled for one in bought), ZERO)
        assert sum(groups.values(), ZERO) <= self._position() + rests

    @precondition(lambda self: not self.desk.broker.broken_reads)
    @invariant()
    def the_audit_holds(self) -> None:
        assert self.desk.read(self.desk.parts.audit.verify) > 0

    # ------------------------------------------------------------ inside

    def _live(self) -> list[Resting]:
        return [o for o in self.desk.broker.orders.values() if o.live or o.status == "PendingCancel"]

    def _dies_within(self, seconds: int) -> bool:
        try:
            self.desk.run_until(self.desk.clock.now() + timedelta(seconds=seconds))
        except KilledError:
            return True
        return False

    def _row(self, one: Resting) -> Order | None:
        return self.desk.read(lambda t: self.desk.stores.orders.by_coid(t, one.ticket.coid))

    def _position(self) -> Decimal:
        changes = [one.quantity if one.side is Side.BUY else -one.quantity for one in self.desk.broker.fills]
        return sum(changes, ZERO)

    def _trade(self, side: Side, quantity: int, price: str, kind: OrderType | None = None) -> None:
        for one in self._live():
            if one.ticket.side is side and kind in (None, one.ticket.order_type):
                most = int(min(one.ticket.quantity - one.filled, self.desk.broker.backed(one)))
                if most > 0:
                    self.desk.broker.fill(one.ticket.coid, min(quantity, most), price)
                return

    def _busy(self) -> bool:
        found = self.desk.read(lambda t: self.desk.parts.orders.intents(t, states=OPEN_INTENTS))
        return any(intent.parent is None for intent, _ in found)

    def _resting_target(self) -> str | None:
        alive = self.desk.read(lambda t: self.desk.parts.orders.orders(t, conid=AAPL))
        return next((o.order for o in alive if o.role is Role.TARGET and o.state.at_broker), None)

    def _tick(self) -> None:
        """Each decision has an instant of its own."""
        self.desk.at(self.desk.clock.now() + timedelta(seconds=1))


TestMoneyPath = MoneyPath.TestCase
TestMoneyPath.settings = settings(max_examples=12, stateful_step_count=30, deadline=None)
pytestmark = pytest.mark.slow
