"""The dealer keeps the session: patient, never in a storm, frozen around resets, woken by the stream."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from glassdesk.kernel.errors import SessionNotReady
from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.dealing.service import Dealing
from glassdesk.workflow.dealing.turn import Dealer
from glassdesk.workflow.orders.model import OrderState, Role
from glassdesk.workflow.session.clocks import Region
from glassdesk.workflow.session.model import Account, SessionState, SessionStatus
from tests.workflow.dealing.desk import TestDesk, a_desk
from tests.workflow.dealing.makers import OPEN, WINDOW
from tests.workflow.dealing.scripted_broker import ACCOUNT

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@dataclass(slots=True)
class Gateway:
    """A session that changes when the story says so; what an init makes of it is said too."""

    state: SessionState = SessionState.READY
    after_init: SessionState | None = None
    accounts_from: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    login_url: str = "https://localhost:5000/"
    looks: list[datetime] = field(default_factory=list)
    inits: list[tuple[datetime, bool]] = field(default_factory=list)

    def status(self, *, seen_at: datetime) -> SessionStatus:
        self.looks.append(seen_at)
        return SessionStatus(state=self.state, seen_at=seen_at)

    def keep_alive(self, *, seen_at: datetime) -> SessionStatus:
        return self.status(seen_at=seen_at)

    def repair(self, *, seen_at: datetime, compete: bool = False) -> SessionStatus:
        self.inits.append((seen_at, compete))
        self.state = self.after_init or self.state
        return SessionStatus(state=self.state, seen_at=seen_at)

    def accounts(self) -> tuple[Account, ...]:
        if self.looks and self.looks[-1] < self.accounts_from:
            raise SessionNotReady("the broker has not loaded the accounts yet")
        return (Account(account=ACCOUNT, is_paper=True),)

    def logout(self) -> None:
        self.state = SessionState.SIGNED_OUT


@dataclass(slots=True)
class Hints:
    """A stream in the story's hand."""

    flowing: bool = True
    orders: int = 0
    session: int = 0
    attended: list[bool] = field(default_factory=list)

    def attend(self, ready: bool) -> None:
        self.attended.append(ready)

    def orders_changed(self) -> bool:
        said, self.orders = self.orders > 0, 0
        return said

    def session_changed(self) -> bool:
        said, self.session = self.session > 0, 0
        return said


def kept(gateway: Gateway, hints: Hints | None = None, **settings: object) -> TestDesk:
    desk = a_desk(start=WINDOW)
    broker = replace(desk.parts.broker, session=gateway, hints=hints)
    wanted = replace(desk.parts.settings, **settings)  # type: ignore[arg-type]  # fields by name
    desk.parts = replace(desk.parts, broker=broker, settings=wanted)
    desk.dealers.append(Dealer(desk.parts))
    return desk


def status(desk: TestDesk) -> SessionStatus:
    found = desk.read(desk.stores.session.status)
    assert found is not None
    return found[0]


@dataclass(slots=True)
class SlowGateway(Gateway):
    """A gateway during whose first answer something else happens."""

    meanwhile: list[Callable[[], object]] = field(default_factory=list)

    def status(self, *, seen_at: datetime) -> SessionStatus:
        while self.meanwhile:
            self.meanwhile.pop()()
        return Gateway.status(self, seen_at=seen_at)


def test_a_dealer_whose_reign_ended_during_its_look_begins_no_epoch() -> None:
    """Its successor's sends would belong to an epoch that is over (I-22)."""
    slow = SlowGateway()
    desk = kept(slow)
    other = Dealer(desk.parts_of_another("other"))

    def another_takes_over() -> None:
        desk.at(WINDOW + 31 * SECOND)
        other.turn()

    slow.meanwhile.append(another_takes_over)
    desk.turn()
    stored = desk.read(desk.stores.session.status)
    assert stored is not None
    assert stored[1] == 1


def test_F_14_inits_of_a_session_that_stays_lost_are_spaced_also_over_a_restart() -> None:
    gateway = Gateway(state=SessionState.NO_BRIDGE)
    desk = kept(gateway)
    desk.run_until(WINDOW + 5 * MINUTE)
    desk.restart()
    desk.run_until(WINDOW + 20 * MINUTE)
    after = [(at - WINDOW).total_seconds() for at, _ in gateway.inits]
    assert after == [0, 60, 180, 420, 900]
    seen = status(desk)
    assert (seen.state, seen.repairs) == (SessionState.NO_BRIDGE, 5)
    assert (seen.down_since, seen.repaired_at) == (WINDOW, WINDOW + 900 * SECOND)
    assert desk.told().count("The brokerage session is not ready") == 1


def test_F_04_after_an_init_the_session_is_polled_each_second_until_it_is_established() -> None:
    gateway = Gateway(state=SessionState.NO_BRIDGE, after_init=SessionState.HALF_READY)
    desk = kept(gateway)
    desk.run_until(WINDOW + 7 * SECOND)
    gateway.state = SessionState.READY
    desk.run_until(WINDOW + 8 * SECOND)
    gaps = {(after - before).total_seconds() for before, after in itertools.pairwise(gateway.looks)}
    assert gaps == {1.0}
    assert len(gateway.inits) == 1
    assert status(desk).ready
    assert desk.told() == []


def test_F_04_a_ready_session_without_accounts_is_half_ready_and_nothing_is_sent() -> None:
    gateway = Gateway(accounts_from=WINDOW + 3 * SECOND)
    desk = kept(gateway)
    reservation = desk.reserve_entry()
    desk.turn()
    assert status(desk).state is SessionState.HALF_READY
    assert desk.broker.placed == []
    desk.run_until(WINDOW + MINUTE)
    assert status(desk).ready
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.WORKING


def test_F_05_a_competing_session_is_not_fought() -> None:
    gateway = Gateway()
    desk = kept(gateway)
    desk.turn()
    gateway.state = SessionState.COMPETING
    desk.run_until(WINDOW + 2 * MINUTE)
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW + 30 * MINUTE)
    assert gateway.inits == []
    assert desk.broker.placed == []
    since = status(desk).competing_since
    assert since is not None
    assert since <= WINDOW + 2 * MINUTE
    assert desk.told().count("The brokerage session is not ready") == 1
    assert desk.order(reservation.orders[0]).state is OrderState.RESERVED


def test_F_05_where_the_policy_allows_it_the_username_is_taken_back_once() -> None:
    gateway = Gateway(state=SessionState.COMPETING, after_init=SessionState.READY)
    desk = kept(gateway, take_over=True)
    desk.turn()
    assert status(desk).ready
    gateway.state = SessionState.COMPETING
    desk.run_until(WINDOW + 30 * MINUTE)
    assert gateway.inits == [(WINDOW, True)]
    assert status(desk).took_over_at == WINDOW


def test_a_person_takes_the_session_over_whatever_the_spacing_says() -> None:
    gateway = Gateway(state=SessionState.COMPETING)
    desk = kept(gateway)
    desk.turn()
    gateway.after_init = SessionState.READY
    dealing = Dealing(desk.stores.commands, desk.parts.audit, desk.clock)
    desk.write(lambda t: dealing.ask(t, CommandKind.SESSION_LOGIN, "take-over", "owner"))
    desk.turn()
    assert gateway.inits == [(WINDOW, True)]
    assert status(desk).ready
    assert status(desk).took_over_at is None


def test_a_person_who_signed_in_at_the_gateway_needs_no_init() -> None:
    gateway = Gateway(state=SessionState.SIGNED_OUT)
    desk = kept(gateway)
    desk.turn()
    gateway.state = SessionState.READY
    dealing = Dealing(desk.stores.commands, desk.parts.audit, desk.clock)
    desk.write(lambda t: dealing.ask(t, CommandKind.SESSION_LOGIN, "", "owner"))
    desk.turn()
    assert (gateway.inits, status(desk).ready) == ([], True)


def test_F_09_around_the_reset_no_new_order_is_sent_and_an_outage_is_no_alarm() -> None:
    """Midnight in Hong Kong lies in New York's trading hours."""
    freeze, thaw = OPEN + 80 * MINUTE, OPEN + 160 * MINUTE
    gateway = Gateway()
    desk = kept(gateway, region=Region.ASIA)
    desk.run_until(freeze + 10 * MINUTE)
    gateway.state = SessionState.UNREACHABLE
    desk.run_until(freeze + 15 * MINUTE)
    seen = status(desk)
    assert (seen.state, seen.quiet_until) == (SessionState.RESETTING, thaw)
    gateway.state = SessionState.READY
    desk.run_until(thaw - 30 * MINUTE)
    reservation = desk.reserve_entry()
    desk.run_until(thaw - SECOND)
    assert status(desk).ready
    assert desk.broker.placed == []
    desk.run_until(thaw + MINUTE)
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.WORKING
    assert desk.told().count("The brokerage session is not ready") == 0


def test_a_gateway_that_is_away_is_told_of_once_after_two_minutes_however_it_flaps() -> None:
    gateway = Gateway()
    desk = kept(gateway)
    desk.turn()
    for minute in range(10):
        gateway.state = SessionState.UNREACHABLE if minute % 2 else SessionState.NO_BRIDGE
        desk.run_until(WINDOW + (minute + 1) * MINUTE)
        assert desk.told().count("The brokerage session is not ready") == (minute >= 2)
    gateway.state = SessionState.READY
    desk.run_until(WINDOW + 12 * MINUTE)
    assert status(desk).down_since is None


def test_the_next_forced_sign_in_is_known_where_the_gateway_asks_for_one() -> None:
    desk = kept(Gateway())
    desk.turn()
    assert status(desk).login_ends_at == datetime(2024, 3, 6, 5, 0, tzinfo=UTC)
    simulated = kept(Gateway(), forced_login=False)
    simulated.turn()
    assert status(simulated).login_ends_at is None


def test_F_79_a_hint_of_the_stream_brings_the_reading_forward_to_five_seconds() -> None:
    hints = Hints()
    desk = kept(Gateway(), hints)
    desk.run_until(WINDOW + 4 * MINUTE)
    desk.clock.wakes_on_events = False
    desk.run_until(WINDOW + 5 * MINUTE)
    regular = desk.broker.listed_at[-1]
    hints.orders = 1
    desk.run_until(regular + 5 * SECOND)
    assert desk.broker.listed_at[-2:] == [regular, regular + 5 * SECOND]


def test_T_58_while_the_stream_is_down_resting_orders_are_read_more_often() -> None:
    hints = Hints()
    desk = kept(Gateway(), hints)
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW + MINUTE)
    desk.broker.fill(desk.legs(reservation)[Role.ENTRY].coid, 10, "170.10")
    desk.run_until(WINDOW + 5 * MINUTE)
    desk.clock.wakes_on_events = False
    for flowing, pause in ((True, 30.0), (False, 10.0)):
        hints.flowing = flowing
        desk.run_until(desk.clock.now() + 30 * SECOND)
        desk.broker.listed_at.clear()
        desk.run_until(desk.clock.now() + 65 * SECOND)
        read = desk.broker.listed_at
        assert {(b - a).total_seconds() for a, b in itertools.pairwise(read)} == {pause}


def test_F_78_a_lost_session_that_the_stream_tells_of_is_looked_at_at_once() -> None:
    hints, gateway = Hints(), Gateway()
    desk = kept(gateway, hints)
    desk.turn()
    desk.at(WINDOW + 2 * SECOND)
    gateway.state, hints.session = SessionState.COMPETING, 1
    desk.turn()
    assert status(desk).state is SessionState.COMPETING
    assert hints.attended == [True, False]
