"""Sign-in is part of safety (`T-62`): told once a day with the link, again only while a slot is at risk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from glassdesk.workflow.notifications.model import Notification, Severity
from glassdesk.workflow.positions.protection import Protection, ProtectionState
from glassdesk.workflow.schedules.sign_in import AT_RISK, SignInNeed, stop_said
from glassdesk.workflow.session.mending import PATIENCE
from glassdesk.workflow.session.model import SessionState, SessionStatus
from tests.web.world import BEGINS, World, furnish, live_a_week, open_world

EIGHT = datetime(2012, 10, 9, 12, 0, tzinfo=UTC)


@pytest.fixture
def lived(tmp_path: Path) -> Iterator[World]:
    """Two strategies due at nine, and positions of the week before."""
    with open_world(tmp_path) as world:
        live_a_week(world, days=2)
        yield world


@pytest.fixture
def due(tmp_path: Path) -> Iterator[World]:
    """Two strategies due at nine, and nothing held."""
    with open_world(tmp_path) as world:
        furnish(world)
        yield world


def see(world: World, state: SessionState) -> None:
    with world.desk.transactions.begin() as t:
        epoch = world.desk.session.epoch(t)
        status = SessionStatus(state=state, seen_at=world.clock.now())
        world.ground.stores.session.put_status(t, status, epoch=epoch)


def told(world: World) -> Sequence[Notification]:
    with world.desk.transactions.read() as t:
        return [one for one in reversed(world.desk.notifications.recent(t)) if one.key.startswith("sign-in:")]


def test_T_62_a_slot_at_risk_is_told_once_with_the_link_and_again_just_before_it(lived: World) -> None:
    see(lived, SessionState.SIGNED_OUT)
    again = lived.desk.sign_in.remind(lived.clock.now())
    assert again == EIGHT + timedelta(minutes=30)
    first = told(lived)
    assert len(first) == 1
    lines = first[0].body.split("\n")
    assert (
        lines[0]
        == f"sign in by 09:00 ET: 2 slots today, 3 positions, all protected. {lived.broker.login_url}"
    )
    assert lines[1].startswith("AAPL 80: stop at 121.61, last seen live at IBKR Tue 09 Oct 08:00 ET")
    assert first[0].severity is Severity.ALARM

    lived.at(EIGHT + timedelta(minutes=10))
    lived.desk.sign_in.remind(lived.clock.now())
    assert len(told(lived)) == 1

    lived.at(EIGHT + timedelta(minutes=30))
    lived.desk.sign_in.remind(lived.clock.now())
    lived.desk.sign_in.remind(lived.clock.now() + timedelta(minutes=5))
    assert [one.title for one in told(lived)] == ["Sign in", "A slot is about to be lost"]


def test_T_62_signing_out_is_one_message_of_the_dealer_with_all_that_waits(lived: World) -> None:
    lived.broker.logout()
    lived.clock.advance(timedelta(minutes=2))
    lived.dealer.turn()
    lived.desk.sign_in.remind(lived.clock.now())
    lived.dealer.turn()
    with lived.desk.transactions.read() as t:
        out = [one for one in lived.desk.notifications.recent(t) if one.ref == "session"]
    assert [one.title for one in out] == ["The brokerage session is not ready"]
    lines = out[0].body.split("\n")
    assert lived.broker.login_url in lines[0]
    assert lines[1].startswith("sign in by 09:00 ET: 2 slots today, 3 positions, all protected")
    assert lines[2].startswith("AAPL 80: stop at 121.61")
    lived.at(EIGHT + timedelta(minutes=30))
    lived.desk.sign_in.remind(lived.clock.now())
    assert [one.title for one in told(lived)] == ["A slot is about to be lost"]


def test_T_62_what_needs_no_person_is_not_told(due: World) -> None:
    for state in set(SessionState) - set(AT_RISK):
        see(due, state)
        assert due.desk.sign_in.remind(due.clock.now()) is None, state
    assert not told(due)


def test_T_62_a_gateway_that_is_only_just_starting_wakes_nobody(due: World) -> None:
    see(due, SessionState.UNREACHABLE)
    now = due.clock.now()
    assert due.desk.sign_in.remind(now) == now + PATIENCE
    assert not told(due)
    due.desk.sign_in.remind(now + PATIENCE)
    assert [one.title for one in told(due)] == ["The gateway does not answer"]


def test_T_62_the_next_day_is_told_anew(due: World) -> None:
    see(due, SessionState.SIGNED_OUT)
    due.desk.sign_in.remind(due.clock.now())
    due.at(BEGINS + timedelta(days=1))
    see(due, SessionState.COMPETING)
    due.desk.sign_in.remind(due.clock.now())
    assert [one.title for one in told(due)] == ["Sign in", "Another session holds the username"]


def test_T_62_a_slot_of_another_day_is_looked_at_once_that_day_begins(due: World) -> None:
    """Signed out over a weekend: nobody is woken on Saturday, and not only at the slot itself."""
    due.at(datetime(2012, 10, 12, 14, 0, tzinfo=UTC))
    see(due, SessionState.SIGNED_OUT)
    monday = datetime(2012, 10, 15, 4, 0, tzinfo=UTC)
    assert due.desk.sign_in.remind(due.clock.now()) == monday
    assert not told(due)
    due.at(monday)
    assert due.desk.sign_in.remind(due.clock.now()) == monday + timedelta(hours=8, minutes=30)
    assert [one.title for one in told(due)] == ["Sign in"]


def test_T_62_where_nothing_is_held_and_nothing_is_due_nobody_is_woken(tmp_path: Path) -> None:
    with open_world(tmp_path) as world:
        see(world, SessionState.SIGNED_OUT)
        assert world.desk.sign_in.remind(world.clock.now()) is None
        furnish(world)
        see(world, SessionState.SIGNED_OUT)
        assert world.desk.sign_in.remind(world.clock.now()) is not None
        assert [one.severity for one in told(world)] == [Severity.WARNING]


def view(state: ProtectionState, price: str | None) -> Protection:
    return Protection(
        account="DU1",
        conid=1,
        symbol="SPY",
        strategy="dips",
        quantity=Decimal(61),
        state=state,
        stop_order="order",
        stop_price=None if price is None else Decimal(price),
        stop_quantity=Decimal(61),
        seen_at=EIGHT,
        needed=Decimal(61),
    )


@pytest.mark.parametrize(
    ("state", "price", "words"),
    [
        (ProtectionState.LIVE, "157.80", "SPY 61: stop at 157.8, last seen live at IBKR Tue 09 Oct 08:00 ET"),
        (ProtectionState.UNVERIFIED, "157.80", "last seen live at IBKR"),
        (ProtectionState.GONE, None, "SPY 61: the stop is GONE"),
        (ProtectionState.NONE, None, "SPY 61: NO stop was ever accepted"),
    ],
)
def test_T_62_each_position_says_what_is_known_of_its_stop_and_no_more(
    state: ProtectionState, price: str | None, words: str
) -> None:
    assert words in stop_said(view(state, price))


def test_T_62_a_position_without_a_stop_is_counted_as_unprotected() -> None:
    need = SignInNeed(
        state=SessionState.SIGNED_OUT,
        by=None,
        slots=0,
        positions=(view(ProtectionState.LIVE, "1"), view(ProtectionState.GONE, None)),
    )
    assert need.said == "sign in: no slots today, 2 positions, 1 NOT protected"
