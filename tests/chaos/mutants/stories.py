"""Stories of the whole desk in which a defence stands alone, for mutants that other places rarely meet."""

from __future__ import annotations

from glassdesk.workflow.orders.model import OrderState, Role, Side
from tests.chaos.desk.draw import AAPL, IBM
from tests.chaos.desk.scenarios import SHARES, Scenario, act, entry, flat, protected, states, working
from tests.chaos.history.books import Books
from tests.chaos.history.truth import Truth

BEFORE_ITS_SLOT = "2012-10-01T12:55:00Z"
"""Some minutes before the strategy is due."""
STRATEGY = "ibm-reversion"
TICK = "does not conform to the minimum price variation"
"""A refusal that is known to be final."""


def _decided(books: Books, truth: Truth) -> bool:
    return [run.state.final for run in books.runs] == [True]


def _sold_nothing(books: Books, truth: Truth) -> bool:
    return protected(books, truth) and not working(truth, Side.BUY)


def _never_sent(books: Books, truth: Truth) -> bool:
    return not truth.orders and all(state.final for state in states(books, Role.ENTRY))


def _whole(books: Books, truth: Truth) -> bool:
    return protected(books, truth) and truth.held(IBM) == SHARES


STORIES = (
    Scenario(
        name="two_tickers",
        at=BEFORE_ITS_SLOT,
        workers=2,
        at_step={f"{name} end> at 13:00": act(0, "pause", seconds=2) for name in ("worker", "worker-1")},
        acts=(act(10, "adopt", strategy=STRATEGY, conid=IBM, symbol="IBM"),),
        ended=_decided,
    ),
    Scenario(
        name="died_after_the_answer",
        at=BEFORE_ITS_SLOT,
        acts=(act(10, "adopt", strategy=STRATEGY, conid=IBM, symbol="IBM"),),
        at_step={"hand commit> 9": act(0, "die")},
        ended=_decided,
    ),
    Scenario(
        name="never_arrived",
        acts=(act(1, "fault", number=24, count=1), entry()),
        ended=_whole,
    ),
    Scenario(
        name="two_sessions",
        acts=(
            act(1, "fault", number=24, count=1),
            entry(),
            act(122, "sign_out"),
            act(145, "sign_in"),
        ),
        ended=_whole,
    ),
    Scenario(
        name="list_not_whole",
        acts=(
            act(30, "sign_out"),
            act(119, "fault", number=40, count=40),
            act(120, "sign_in"),
            entry(after=125),
        ),
        ended=_whole,
    ),
    Scenario(
        name="frozen_list",
        acts=(
            entry(),
            act(99, "fault", number=43, seconds=600),
            act(100, "fault", number=22, endpoint="acceptance"),
            act(101, "entry", conid=AAPL, quantity=5, over="-0.02", minutes=1),
        ),
        ended=lambda books, truth: OrderState.NEEDS_OPERATOR in states(books, Role.ENTRY),
        minutes=20,
    ),
    Scenario(
        name="late_twice",
        acts=(act(1, "fault", number=22, endpoint="reply", late=300), entry()),
        ended=lambda books, truth: any(one.late for one in truth.orders),
        switches={"duplicate_coid": "off"},
        minutes=20,
    ),
    Scenario(
        name="late_after_all",
        acts=(act(1, "fault", number=22, endpoint="reply", late=400), entry(minutes=1)),
        ended=lambda books, truth: any(one.late for one in truth.orders) and flat(books, truth),
        minutes=20,
    ),
    Scenario(
        name="died_mid_send",
        acts=(act(1, "fault", number=22, endpoint="reply", late=200), entry()),
        at_step={"orders.place>": act(0, "die")},
        ended=lambda books, truth: any(one.late for one in truth.orders),
        switches={"duplicate_coid": "off"},
    ),
    Scenario(
        name="stop_not_listed",
        acts=(
            entry(),
            act(99, "fault", number=43, seconds=240),
            act(100, "sign_out"),
            act(110, "sign_in"),
        ),
        ended=_whole,
    ),
    Scenario(
        name="stopped_half_bought",
        acts=(act(1, "fault", number=58, quantity=4), entry(), act(90, "move", kind="STP", by="0.002")),
        ended=lambda books, truth: (
            OrderState.FILLED in states(books, Role.STOP) and not working(truth, Side.BUY)
        ),
        switches={"children": "scaled"},
    ),
    Scenario(
        name="stop_cancelled",
        acts=(entry(), act(100, "fault", number=61, kind="STP", reason="of the system")),
        ended=_whole,
        switches={"duplicate_coid": "off"},
    ),
    Scenario(
        name="stop_cancelled_beside_target",
        acts=(entry(target="0.05"), act(100, "fault", number=61, kind="STP", reason="of the system")),
        ended=_whole,
        switches={"cancel_seconds": "8"},
    ),
    Scenario(
        name="stop_cancelled_by_hand",
        acts=(entry(), act(100, "cancel", kind="STP")),
        ended=_whole,
        minutes=20,
    ),
    Scenario(
        name="change_unanswered",
        acts=(entry(), act(89, "fault", number=63, count=1), act(90, "exit", conid=IBM)),
        ended=flat,
        minutes=20,
    ),
    Scenario(
        name="exit_not_movable",
        acts=(entry(), act(89, "fault", number=63, status=200, text=TICK), act(90, "exit", conid=IBM)),
        ended=flat,
        minutes=20,
    ),
    Scenario(
        name="window_passed",
        acts=(act(10, "sign_out"), entry(minutes=2), act(200, "sign_in")),
        ended=_never_sent,
    ),
    Scenario(
        name="halted_before",
        acts=(act(10, "halt", level="REDUCE_ONLY"), entry()),
        ended=_never_sent,
    ),
    Scenario(
        name="nobody_said_yes",
        acts=(entry(waits=True, minutes=5),),
        ended=_never_sent,
    ),
    Scenario(
        name="said_yes",
        acts=(entry(waits=True), act(60, "approve")),
        ended=_whole,
    ),
    Scenario(
        name="looked_often",
        acts=(
            act(1, "fault", number=24, count=1),
            entry(),
            *(act(90 + 5 * number, "command", kind="reconcile") for number in range(14)),
        ),
        ended=_whole,
    ),
    Scenario(
        name="held_up",
        acts=(entry(),),
        at_step={"sent>": act(0, "pause", seconds=8)},
        ended=_whole,
    ),
    Scenario(
        name="held_up_long",
        acts=(entry(),),
        at_step={"sent>": act(0, "pause", seconds=120)},
        ended=_whole,
    ),
    Scenario(
        name="stop_moved",
        acts=(entry(), act(100, "move", kind="STP", by="-0.03")),
        ended=_whole,
    ),
    Scenario(
        name="told_and_died",
        acts=(act(1, "fault", number=22, endpoint="acceptance"), entry()),
        at_step={"worker channel.send<": act(0, "die")},
        ended=_whole,
    ),
    Scenario(
        name="corrected",
        acts=(entry(), act(90, "fault", number=68)),
        ended=_whole,
    ),
    Scenario(
        name="cancelled_before_its_fills",
        acts=(
            act(1, "fault", number=58, quantity=4),
            act(2, "fault", number=67, manner="empty", seconds=100),
            entry(ttl=60),
        ),
        ended=lambda books, truth: protected(books, truth) and truth.held(IBM) == 4,
    ),
    Scenario(
        name="arrives_beside_another",
        acts=(
            act(1, "fault", number=22, endpoint="reply", late=400),
            entry(minutes=1),
            act(200, "entry", conid=IBM, quantity=5, over="-0.02"),
        ),
        ended=lambda books, truth: any(one.late for one in truth.orders) and not working(truth),
        minutes=20,
    ),
    Scenario(
        name="cancel_lost",
        acts=(
            entry(target="0.05"),
            act(99, "fault", number=24, endpoint="cancel", count=1),
            act(100, "command", kind="cancel_order", role="target"),
        ),
        ended=lambda books, truth: _whole(books, truth) and len(working(truth)) == 1,
        minutes=20,
    ),
    Scenario(
        name="positions_unreadable",
        acts=(
            act(1, "fault", number=58, quantity=4),
            entry(ttl=60),
            act(40, "fault", number=24, endpoint="positions", seconds=600),
        ),
        ended=lambda books, truth: protected(books, truth) and truth.held(IBM) == 4,
        switches={"children": "scaled"},
    ),
    Scenario(
        name="sold_twice",
        acts=(
            entry(),
            act(60, "cancel", kind="LMT"),
            act(89, "fault", number=22, endpoint="orders", late=400),
            act(90, "exit", conid=IBM),
            act(100, "halt", level="FREEZE"),
            act(260, "command", kind="cancel_order", role="exit", waiting=True),
            act(270, "resume"),
            act(280, "exit", conid=IBM),
        ),
        ended=flat,
        minutes=20,
    ),
    Scenario(
        name="target_hit_half_bought",
        acts=(act(1, "fault", number=58, quantity=4), entry(), act(80, "move", kind="LMT", by="-0.004")),
        ended=lambda books, truth: flat(books, truth) and OrderState.FILLED in states(books, Role.TARGET),
        switches={"children": "full"},
    ),
    Scenario(
        name="owner_buys_too",
        acts=(
            entry(),
            act(60, "trade", conid=IBM, side="BUY", quantity=4),
            act(90, "move", kind="STP", by="0.002"),
        ),
        ended=lambda books, truth: truth.held(IBM) == 4 and OrderState.FILLED in states(books, Role.STOP),
    ),
    Scenario(
        name="answer_lost_between_two_questions",
        acts=(
            act(0, "fault", number=45, message_id="o163"),
            act(1, "fault", number=22, endpoint="reply", late=100),
            entry(),
        ),
        ended=_whole,
        minutes=20,
    ),
    Scenario(
        name="arrives_late_and_is_dropped",
        acts=(
            act(0, "fault", number=57),
            act(1, "fault", number=22, endpoint="reply", late=100),
            entry(),
        ),
        ended=lambda books, truth: not working(truth) and not truth.held(IBM) and bool(truth.orders),
        minutes=20,
    ),
    Scenario(
        name="target_asked_about",
        acts=(act(1, "fault", number=58, quantity=4), entry()),
        ended=lambda books, truth: (
            protected(books, truth) and {one.last.remaining for one in working(truth, Side.SELL)} == {4}
        ),
        switches={"children": "full", "questions": "o10331,o163"},
        minutes=20,
    ),
)
