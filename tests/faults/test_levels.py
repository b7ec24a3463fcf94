"""Every level of the kill switch on a desk that holds, buys and waits: what is sent, cancelled, kept, sold
and protected (T-50)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.orders.bracket import Reservation
from glassdesk.workflow.orders.model import IntentState, OrderState, Role
from glassdesk.workflow.risk.model import HaltLevel
from tests.faults.conftest import Make
from tests.faults.looking import live_stops, owned
from tests.faults.stage import AAPL, IBM, MINUTE, MSFT, SECOND, Stage

QUOTES = "/v1/api/iserver/marketdata/snapshot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a level lets through."""

    level: HaltLevel
    queued: IntentState
    """What becomes of an entry that waits to be sent."""
    working: OrderState
    """What becomes of an entry at the broker."""
    shrinks: bool = True
    """A stop follows shares that a person sold."""
    signal: bool = False
    """An exit that a signal asks for begins."""
    person: bool = True
    """An exit that a person asks for begins."""


DENIED, SENT = IntentState.DENIED, IntentState.SENT
WORKING, CANCELLED = OrderState.WORKING, OrderState.CANCELLED
ROWS = (
    Row(level=HaltLevel.PAUSE_ENTRIES, queued=SENT, working=WORKING, signal=True),
    Row(level=HaltLevel.REDUCE_ONLY, queued=DENIED, working=WORKING, signal=True),
    Row(level=HaltLevel.HALT, queued=DENIED, working=WORKING),
    Row(level=HaltLevel.HALT_CANCEL_ENTRIES, queued=DENIED, working=CANCELLED),
    Row(level=HaltLevel.FREEZE, queued=DENIED, working=WORKING, shrinks=False, person=False),
)
every_level = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.level.name)


def set_level(stage: Stage, level: HaltLevel) -> None:
    stage.write(lambda t: stage.desk.risk.set_halt(t, level, "a drill", "owner"))


def a_position(stage: Stage) -> Reservation:
    """Ten shares with a live stop, of a contract that a run has looked up."""
    stage.run(10 * SECOND)
    stage.desk.contracts.fetch_rules(AAPL)
    return stage.a_position()


def a_far_entry(stage: Stage, conid: int) -> Reservation:
    """An entry that the market does not reach."""
    return stage.reserve_entry(conid, quantity=40, limit=stage.price(conid) - 5)


def works(stage: Stage, conid: int) -> Reservation:
    """The same at the broker."""
    reservation = a_far_entry(stage, conid)
    stage.run_until(lambda: stage.entry_state(reservation) is WORKING)
    return reservation


@every_level
def test_T_50_what_a_level_sends_cancels_and_keeps(make: Make, row: Row) -> None:
    stage = make(poll=6 * SECOND)
    position, working = stage.a_position(), works(stage, IBM)
    queued, before = a_far_entry(stage, MSFT), stage.placements()
    set_level(stage, row.level)
    stage.run(30 * SECOND)
    assert stage.intent_state(queued) is row.queued
    assert stage.placements() - before == (1 if row.queued is SENT else 0)
    assert stage.entry_state(working) is row.working
    assert 10 in live_stops(stage)
    assert stage.states(position)[Role.STOP] is WORKING
    # Children of an entry that is cancelled end with it; all other stops live.
    entries = [reservation for reservation in (working, queued) if stage.entry_state(reservation) is WORKING]
    assert len(live_stops(stage)) == 1 + len(entries)
    if row.level is HaltLevel.FREEZE:
        assert stage.asked("/iserver/account", "DELETE") == 0


@pytest.mark.parametrize("row", ROWS[2:], ids=lambda row: row.level.name)
def test_T_50_a_stop_follows_the_shares_below_freeze(make: Make, row: Row) -> None:
    stage = make(poll=6 * SECOND)
    position = a_position(stage)
    set_level(stage, row.level)
    stage.ask_control("POST", "/person/order", {"conid": AAPL, "side": "SELL", "quantity": 4})
    stage.run(30 * SECOND)
    assert live_stops(stage) == [6 if row.shrinks else 10]
    assert stage.states(position)[Role.STOP] is WORKING


@every_level
def test_T_50_whose_exits_a_level_lets_begin(make: Make, row: Row) -> None:
    stage = make(poll=6 * SECOND)
    position = a_position(stage)
    set_level(stage, row.level)
    leaving = stage.reserve_exit(stage.legs(position)[Role.TARGET])
    stage.run(30 * SECOND)
    assert stage.held() == (0 if row.signal else 10)
    if row.signal:
        return
    assert stage.intent_state(leaving) is IntentState.QUEUED
    assert live_stops(stage) == [10]
    # What only waits does not hold up a person.
    stage.command(CommandKind.EXIT_POSITION, "AAPL")
    stage.run(30 * SECOND)
    assert stage.held() == (0 if row.person else 10)
    assert live_stops(stage) == ([] if row.person else [10])


def test_T_50_flatten_cancels_entries_and_sells_what_the_desk_holds_and_no_more(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    a_position(stage)
    stage.ask_control("POST", "/person/order", {"conid": AAPL, "side": "BUY", "quantity": 3})
    working, queued = works(stage, IBM), a_far_entry(stage, MSFT)
    set_level(stage, HaltLevel.FLATTEN)
    stage.run(MINUTE)
    assert (stage.entry_state(working), stage.intent_state(queued)) == (CANCELLED, DENIED)
    assert (stage.held(), owned(stage), live_stops(stage)) == (3, 0, [])


def test_T_50_flatten_sells_also_where_an_exit_waits_for_an_approval(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    position = a_position(stage)
    leaving = stage.reserve_exit(stage.legs(position)[Role.TARGET])
    [waiting] = leaving.intents
    stage.write(
        lambda t: stage.ground.stores.orders.set_intent(
            t, waiting.intent, IntentState.AWAITING_APPROVAL, at=stage.now
        )
    )
    set_level(stage, HaltLevel.FLATTEN)
    stage.run(30 * SECOND)
    assert (stage.held(), stage.intent_state(leaving)) == (0, IntentState.CANCELLED)


def test_T_50_a_halt_between_selection_and_send_stops_the_send(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    queued, before = a_far_entry(stage, MSFT), stage.placements()
    stage.wire.watch(QUOTES, lambda begins: set_level(stage, HaltLevel.REDUCE_ONLY) if begins else None)
    stage.run(10 * SECOND)
    assert (stage.intent_state(queued), stage.placements()) == (DENIED, before)
    denials = stage.read(lambda t: stage.desk.risk.denials(t, queued.intents[0].run, "send"))
    assert [(one.rule, one.observed) for one in denials] == [("KILL_SWITCH", "REDUCE_ONLY")]


def test_T_50_a_freeze_between_selection_and_send_stops_an_exit_too(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    position = a_position(stage)
    stage.reserve_exit(stage.legs(position)[Role.TARGET])
    stage.wire.watch(QUOTES, lambda begins: set_level(stage, HaltLevel.FREEZE) if begins else None)
    began = stage.now
    stage.run(30 * SECOND)
    assert stage.asked("/iserver/account", "POST", since=began) == 0
    assert (stage.held(), live_stops(stage)) == (10, [10])
