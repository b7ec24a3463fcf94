"""The feed's canary and the two clocks (`T-06`, RF-81): looked at when a session begins, asked at each send;
an entry waits for both and is denied in the end, an exit is not asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import pytest

from glassdesk.workflow.dealing.turn import Dealer
from glassdesk.workflow.market_data.model import Quote
from glassdesk.workflow.orders.bracket import Reservation
from glassdesk.workflow.orders.model import IntentState, Role
from tests.workflow.dealing.desk import TestDesk, a_desk
from tests.workflow.dealing.makers import AAPL, MSFT, WINDOW

MINUTE = timedelta(minutes=1)
OVER = WINDOW + 90 * MINUTE
FEED = "The market data feed is not known to be alive"
CLOCKS = "Two clocks disagree"


@dataclass(slots=True)
class ScriptedClock:
    """The broker's clock by its answers."""

    ahead: timedelta | None = timedelta(0)

    def skew(self) -> timedelta | None:
        return self.ahead


def watching(*, canary: int | None = MSFT, clock: ScriptedClock | None = None) -> TestDesk:
    desk = a_desk()
    settings = replace(desk.parts.settings, canary=canary)
    desk.parts = replace(desk.parts, settings=settings, broker=replace(desk.parts.broker, clock=clock))
    desk.dealers.append(Dealer(desk.parts))
    return desk


def denied_by(desk: TestDesk, reservation: Reservation) -> list[str]:
    return [
        v.rule for v in desk.read(lambda t: desk.parts.risk.denials(t, reservation.intents[0].run, "send"))
    ]


def test_T_06_with_a_live_canary_an_entry_goes_out_and_nothing_is_told() -> None:
    desk = watching(clock=ScriptedClock())
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW)
    assert desk.intent_state(reservation) is IntentState.SENT
    assert not {FEED, CLOCKS} & set(desk.told())


def test_T_06_without_a_live_canary_an_entry_waits_then_is_denied_and_a_person_was_told_once() -> None:
    desk = watching()
    del desk.broker.quotes_by_conid[MSFT]
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW + MINUTE)
    assert desk.intent_state(reservation) is IntentState.QUEUED
    assert desk.told().count(FEED) == 1
    desk.run_until(OVER)
    assert desk.broker.placed == []
    assert desk.intent_state(reservation) is IntentState.DENIED
    assert "QUOTE" in denied_by(desk, reservation)
    assert desk.told().count(FEED) == 1


def test_a_canary_that_comes_back_lets_the_entry_go() -> None:
    desk = watching()
    quote = desk.broker.quotes_by_conid.pop(MSFT)
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW + MINUTE)
    desk.broker.quotes_by_conid[MSFT] = quote
    desk.run_until(WINDOW + 2 * MINUTE)
    assert desk.intent_state(reservation) is IntentState.SENT


@pytest.mark.parametrize("seconds", [6, -6, 3600])
def test_RF_81_where_the_clocks_disagree_an_entry_is_denied_and_an_alarm_names_the_difference(
    seconds: int,
) -> None:
    desk = watching(clock=ScriptedClock(ahead=timedelta(seconds=seconds)))
    reservation = desk.reserve_entry()
    desk.run_until(OVER)
    assert desk.broker.placed == []
    assert denied_by(desk, reservation) == ["CLOCK_SKEW"]
    [told] = [one for one in desk.read(desk.stores.outbox.recent) if one.title == CLOCKS]
    assert f"{abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} this machine's" in told.body


def test_a_clock_that_no_answer_states_is_read_off_the_canary() -> None:
    desk = watching(clock=ScriptedClock(ahead=None))
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW)
    assert desk.intent_state(reservation) is IntentState.SENT


def test_a_clock_that_nothing_states_denies() -> None:
    desk = watching(canary=None, clock=ScriptedClock(ahead=None))
    reservation = desk.reserve_entry()
    desk.run_until(OVER)
    assert denied_by(desk, reservation) == ["CLOCK_SKEW"]


def test_a_quote_from_the_future_says_that_our_clock_is_behind() -> None:
    desk = watching(clock=ScriptedClock())
    now = desk.clock.now()
    quote = Quote(
        conid=AAPL,
        bid=Decimal(1),
        ask=Decimal(2),
        last=None,
        availability="RpB",
        updated_at=now + timedelta(seconds=9),
        read_at=now,
    )
    looking = desk.dealer._feed_watch._looking
    assert looking.skew({AAPL: quote}) == Decimal(9)
    assert looking.skew({AAPL: replace(quote, updated_at=now - MINUTE)}) == Decimal(0)
    assert looking.skew({AAPL: replace(quote, availability="DpB")}) == Decimal(0)


def test_T_40_neither_a_dead_canary_nor_a_wrong_clock_keeps_an_exit() -> None:
    clock = ScriptedClock()
    desk = watching(clock=clock)
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW)
    desk.broker.fill(desk.legs(reservation)[Role.ENTRY].ticket.coid, 10, "170.00")
    desk.run_until(WINDOW + MINUTE)
    clock.ahead = timedelta(hours=1)
    desk.broker.quotes_by_conid.pop(MSFT)
    leaving = desk.reserve_exit(desk.legs(reservation)[Role.TARGET])
    before = len(desk.broker.modified)
    desk.run_until(WINDOW + 3 * MINUTE)
    assert len(desk.broker.modified) > before
    assert desk.intent_state(leaving) is IntentState.SENT
