"""What a person says of shares: released, adopted, split, the owner's (T-16, T-35, T-37)."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from glassdesk.web.views.positions import positions_of
from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.orders.model import OrderState, Role
from glassdesk.workflow.positions.model import BreakKind
from glassdesk.workflow.positions.protection import ProtectionState
from glassdesk.workflow.risk.model import HaltLevel
from tests.faults.conftest import Make
from tests.faults.looking import live_stops, owned, protection
from tests.faults.stage import AAPL, ACCOUNT, MINUTE, SECOND, Stage
from tests.faults.test_hands_off import least_held, promises, trade


def asked(stage: Stage, kind: CommandKind, argument: str = "AAPL") -> str:
    """What the dealer answered to a wish."""
    stage.command(kind, argument)
    stage.run(6 * SECOND)
    found = [one for one in stage.read(stage.desk.dealing.recent) if one.kind is kind]
    return next(one.result for one in found if one.argument == argument)


def owners(stage: Stage, conid: int = AAPL) -> Decimal:
    return stage.read(lambda t: stage.desk.positions.owners(t, ACCOUNT)).get(conid, Decimal(0))


def agrees(stage: Stage) -> bool:
    """After a comparison, broker and desk agree."""
    stage.command(CommandKind.RECONCILE)
    stage.run(10 * SECOND)
    return stage.read(stage.desk.positions.breaks) == []


def cash_agrees(stage: Stage) -> bool:
    books = stage.read(lambda t: stage.desk.portfolio.books(t, ACCOUNT, stage.now))
    return books.cash == Decimal(stage.world.account.cash) / 100


def test_T_16_released_shares_and_their_orders_are_the_owners_and_never_touched_again(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    position = stage.a_position()
    assert "yours" in asked(stage, CommandKind.RELEASE_POSITION)
    began = stage.now
    assert (owned(stage), owners(stage), stage.held()) == (0, Decimal(10), 10)
    assert agrees(stage)
    # His stop and target stay as they are; he sells by hand, and nobody shrinks them.
    trade(stage, "SELL", 4)
    stage.run(2 * MINUTE)
    assert live_stops(stage) == [10]
    assert promises(stage) == 10
    assert stage.asked(f"/iserver/account/{ACCOUNT}/order", since=began) == 0
    assert "AAPL is not protected" not in stage.titles()
    assert "holds no" in asked(stage, CommandKind.EXIT_POSITION)
    assert [row.actor for row in stage.audit("position.released")] == ["owner"]
    assert stage.states(position)[Role.STOP] is OrderState.WORKING


def test_T_16_what_a_released_stop_sells_is_the_owners_sale(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.a_position()
    asked(stage, CommandKind.RELEASE_POSITION)
    [stop] = [one for one in stage.truth() if one.live and one.kind == "STP"]
    above = {"order_id": stop.order_id, "stop": str(stage.price() + 1)}
    stage.ask_control("POST", "/person/modify", above)
    stage.run(MINUTE)
    assert (stage.held(), owned(stage), owners(stage)) == (0, 0, Decimal(0))
    assert agrees(stage)
    assert cash_agrees(stage)


def test_T_16_a_release_is_refused_while_an_exit_sells(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    position = stage.a_position()
    stage.reserve_exit(stage.legs(position)[Role.TARGET])
    assert "an exit of AAPL is under way" in asked(stage, CommandKind.RELEASE_POSITION)
    assert owned(stage) == 10


def test_T_35_a_hand_sale_is_adopted_by_the_strategy_with_the_money_it_brought(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.a_position()
    trade(stage, "SELL", 4)
    stage.run(30 * SECOND)
    [found] = stage.read(stage.desk.positions.breaks)
    assert (found.kind, found.difference) == (BreakKind.HAND_TRADE, Decimal(-4))
    assert "it holds 6" in asked(stage, CommandKind.ADOPT_POSITION)
    assert agrees(stage)
    assert (owned(stage), stage.held(), live_stops(stage)) == (6, 6, [6])
    assert cash_agrees(stage)
    assert protection(stage).state is ProtectionState.LIVE


def test_T_11_a_purchase_by_hand_is_acknowledged_as_the_owners_with_a_reason(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.a_position()
    trade(stage, "BUY", 5)
    stage.run(30 * SECOND)
    assert "refused" in asked(stage, CommandKind.ACKNOWLEDGE_BREAK, "AAPL")
    assert "are the owner's" in asked(stage, CommandKind.ACKNOWLEDGE_BREAK, "AAPL for my pension")
    assert agrees(stage)
    assert (owned(stage), owners(stage), live_stops(stage)) == (10, Decimal(5), [10])
    # What went beyond his lane was the desk's.
    trade(stage, "SELL", 7)
    stage.run(30 * SECOND)
    assert "the owner's lane has 5" in asked(stage, CommandKind.ACKNOWLEDGE_BREAK, "AAPL sold mine")
    assert least_held(stage) == 8


def test_T_16_the_owners_shares_are_adopted_and_get_a_stop_by_protect(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    trade(stage, "BUY", 5)
    stage.run(30 * SECOND)
    assert owners(stage) == 5
    assert "which strategy" in asked(stage, CommandKind.ADOPT_POSITION)
    assert "there is no strategy" in asked(stage, CommandKind.ADOPT_POSITION, "AAPL@evening")
    assert "morning takes 5" in asked(stage, CommandKind.ADOPT_POSITION, "AAPL@morning")
    assert (owned(stage), owners(stage)) == (5, Decimal(0))
    assert agrees(stage)
    assert "at what price" in asked(stage, CommandKind.PROTECT_POSITION)
    assert "would sell at once" in asked(stage, CommandKind.PROTECT_POSITION, f"AAPL@{stage.price() + 5}")
    price = stage.price() - 20
    assert "accepted" in asked(stage, CommandKind.PROTECT_POSITION, f"AAPL@{price}")
    stage.run(30 * SECOND)
    assert (live_stops(stage), protection(stage).state) == ([5], ProtectionState.LIVE)
    assert "has its stop" in asked(stage, CommandKind.PROTECT_POSITION)
    asked(stage, CommandKind.EXIT_POSITION)
    stage.run(2 * MINUTE)
    assert (stage.held(), owned(stage), promises(stage)) == (0, 0, 0)


def test_T_50_flatten_sells_adopted_shares_whose_stop_a_person_had_placed(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    trade(stage, "BUY", 5)
    stage.run(30 * SECOND)
    asked(stage, CommandKind.ADOPT_POSITION, "AAPL@morning")
    asked(stage, CommandKind.PROTECT_POSITION, f"AAPL@{stage.price() - 20}")
    assert live_stops(stage) == [5]
    stage.write(lambda t: stage.desk.risk.set_halt(t, HaltLevel.FLATTEN, "test", "owner"))
    stage.run(3 * MINUTE)
    assert (stage.held(), owned(stage), promises(stage), least_held(stage)) == (0, 0, 0, 0)


def test_T_17_after_his_own_cancel_a_person_has_the_stop_placed_at_once(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.a_position()
    [stop] = [one for one in stage.truth() if one.kind == "STP"]
    stage.ask_control("POST", "/person/cancel", {"order_id": stop.order_id})
    stage.run(MINUTE)
    assert live_stops(stage) == []
    assert "accepted" in asked(stage, CommandKind.PROTECT_POSITION)
    stage.run(30 * SECOND)
    [again] = [one for one in stage.truth() if one.live and one.kind == "STP"]
    assert (again.remaining, again.stop) == (10, stop.stop)


def test_T_17_a_cancelled_stop_is_not_put_back_once_the_shares_are_released(make: Make) -> None:
    stage = make(poll=30 * SECOND)
    stage.a_position()
    [stop] = [one for one in stage.truth() if one.kind == "STP"]
    stage.ask_control("POST", "/person/cancel", {"order_id": stop.order_id})
    stage.run(MINUTE)
    asked(stage, CommandKind.RELEASE_POSITION)
    stage.travel(stage.now + 20 * MINUTE)
    stage.run(MINUTE)
    assert live_stops(stage) == []


def test_T_37_a_split_is_offered_as_one_action_and_the_stop_comes_back_in_new_shares(make: Make) -> None:
    stage = make(poll=6 * SECOND, at="2005-02-25T15:00:00Z")
    stage.a_position()
    [stop] = [one for one in stage.truth() if one.kind == "STP"]
    before = stage.read(lambda t: stage.desk.positions.held(t, ACCOUNT))[0]
    [bought] = stage.read(lambda t: positions_of(stage.desk, t))
    stage.travel(stage.now + timedelta(days=3))
    stage.run(2 * MINUTE)
    # Shares doubled, every order is gone, and until a person speaks nothing is placed.
    [found] = stage.read(stage.desk.positions.breaks)
    assert (found.kind, found.split_new, found.split_old) == (BreakKind.SPLIT, 2, 1)
    assert (stage.held(), owned(stage), live_stops(stage)) == (20, 10, [])
    assert "2:1" in asked(stage, CommandKind.ADOPT_SPLIT)
    stage.run(30 * SECOND)
    after = stage.read(lambda t: stage.desk.positions.held(t, ACCOUNT))[0]
    assert (after.quantity, after.average_price) == (Decimal(20), before.average_price / 2)
    [again] = [one for one in stage.truth() if one.live and one.kind == "STP"]
    assert again.stop is not None
    assert stop.stop is not None
    assert (again.remaining, again.stop) == (20, -(-stop.stop // 2))
    assert agrees(stage)
    assert protection(stage).state is ProtectionState.LIVE
    assert cash_agrees(stage)
    # One R is what it was: the stop it was bought with is in today's shares, on the page and in the books.
    [now] = stage.read(lambda t: positions_of(stage.desk, t))
    assert bought.risk is not None
    assert now.risk is not None
    assert abs(now.risk - bought.risk) < Decimal("0.01")
    asked(stage, CommandKind.EXIT_POSITION)
    stage.run(2 * MINUTE)
    assert (stage.held(), owned(stage)) == (0, 0)
    [closed] = stage.read(lambda t: stage.desk.portfolio.trades(t, ACCOUNT))
    assert closed.r_multiple is not None
    assert abs(closed.r_multiple - closed.net / bought.risk) < Decimal("0.001")


def test_T_41_the_ladder_sells_no_more_than_the_broker_says_is_left(make: Make) -> None:
    stage = make(poll=3 * SECOND)
    position = stage.a_position()
    [resting] = [one for one in stage.truth() if one.live and one.kind == "LMT"]
    stage.reserve_exit(stage.legs(position)[Role.TARGET])
    # Nobody takes what it offers: the first rung rests.
    resting.fill_cap = 0
    began = stage.now
    stage.run(10 * SECOND)
    assert [ladder_rung(row) for row in rungs(stage, began)] == [("LMT", 10)]
    assert (resting.filled, stage.held()) == (0, 10)
    # Between two rungs the market takes four of it, and a person sells one by hand.
    resting.fill_cap = 4
    stage.world.exchange.match_now(resting)
    trade(stage, "SELL", 1)
    filled_at = stage.now
    assert (resting.filled, stage.held()) == (4, 5)
    stage.run(15 * SECOND)
    resting.fill_cap = None
    later = [row for row in rungs(stage, filled_at) if row["orderType"] == "LMT"]
    # Four of nine are sold: five are left, and nothing offered more after the fill was known.
    assert {ladder_rung(row) for row in later} == {("LMT", 9)}
    stage.run(2 * MINUTE)
    assert (stage.held(), least_held(stage), promises(stage)) == (0, 0, 0)
    assert sum(one.filled for one in stage.truth() if one.side == "SELL" and one.source != "person") == 9


def rungs(stage: Stage, since: datetime) -> list[dict[str, Any]]:
    """What an exit asked of its order."""
    asked = stage.requests("/iserver/account", "POST", since=since)
    return [row["body"] for row in asked if "/order/" in row["path"]]


def ladder_rung(body: dict[str, Any]) -> tuple[str, int]:
    return str(body["orderType"]), int(body["quantity"])
