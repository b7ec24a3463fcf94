"""Portfolio: F-71 to F-76."""

from datetime import timedelta
from decimal import Decimal

import pytest

from glassdesk.adapters.ibkr.parse import Unparsable
from glassdesk.adapters.ibkr.portfolio import flows_of
from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.orders.model import OrderState, Role
from glassdesk.workflow.portfolio.model import Lane
from tests.faults.conftest import Make
from tests.faults.stage import AAPL, ACCOUNT, MINUTE, SECOND, Stage

DISAGREE = "AAPL: broker and desk disagree"
LONG = 3600


def agrees(stage: Stage, shares: int) -> None:
    """After a comparison asked for now: broker and desk hold the same, and nothing was reported."""
    stage.command(CommandKind.RECONCILE)
    stage.run(MINUTE)
    assert (stage.held(), stage.owned()) == (shares, Decimal(shares))
    assert DISAGREE not in stage.titles()


def test_F_71_stale_positions(make: Make) -> None:
    stage = make()
    stage.run(10 * SECOND)
    # Whoever reads the cached rows now does not see the coming fill for ten minutes.
    stage.arm(71, value="600")
    assert stage.broker.positions.positions(ACCOUNT) == ()
    position = stage.a_position()
    agrees(stage, 10)
    assert stage.states(position)[Role.STOP] is OrderState.WORKING
    # And a sale by hand is seen at the next reading, not when a cache grows old.
    stage.arm(70, side="SELL", quantity=4)
    stage.run(MINUTE)
    assert DISAGREE in stage.titles()
    assert len(stage.entries()) == 1


def test_F_72_page_ignored(make: Make) -> None:
    stage = make()
    stage.a_position()
    stage.arm(72, seconds=LONG)
    agrees(stage, 10)


def test_F_73_sparse_first_read(make: Make) -> None:
    stage = make()
    stage.arm(73, seconds=LONG)
    stage.a_position()
    agrees(stage, 10)


def test_F_74_flat_position_rows(make: Make) -> None:
    stage = make()
    stage.arm(74, manner="zero", seconds=LONG)
    position = stage.a_position()
    agrees(stage, 10)
    stage.disarm()
    stage.arm(74, manner="missing", seconds=LONG)
    stage.reserve_exit(stage.legs(position)[Role.TARGET])
    stage.run_until(lambda: stage.held() == 0)
    agrees(stage, 0)


def test_F_75_empty_first_profit(make: Make) -> None:
    stage = make()
    stage.a_position()
    stage.arm(75)
    # Profit and loss come from the desk's own lots; the broker's figure is never asked for.
    agrees(stage, 10)
    assert stage.asked("/iserver/account/pnl") == 0
    shown = stage.read(lambda t: stage.desk.portfolio.exposure(t, ACCOUNT, "morning", now=stage.now))
    assert shown.equity is not None
    assert abs(shown.equity - 100_000) < 100


def test_F_76_unit_drift(make: Make) -> None:
    stage = make()
    stage.arm(76, seconds=LONG)
    stage.a_position()
    agrees(stage, 10)
    found = stage.broker.positions.positions(ACCOUNT)
    assert [(one.conid, one.quantity) for one in found] == [(AAPL, Decimal(10))]
    balances = stage.broker.portfolio.balances(ACCOUNT)
    assert balances.cash == Decimal(stage.world.account.cash) / 100


def test_T_70_a_deposit_and_a_withdrawal_are_told_from_the_brokers_own_returns(make: Make) -> None:
    stage = make()
    stage.a_position()
    for amount, left in (("5000.00", 0), ("-1234.56", 0)):
        stage.travel(stage.now + timedelta(days=1))
        stage.ask_control("POST", "/person/deposit", {"amount": amount})
        stage.travel(stage.now.replace(hour=20, minute=9))
        stage.run(10 * MINUTE)
        books = stage.read(lambda t: stage.desk.portfolio.books(t, ACCOUNT, stage.now))
        assert books.unexplained == left
        assert books.cash == Decimal(stage.world.account.cash) / 100
    rows = stage.read(lambda t: stage.desk.portfolio.cash_rows(t, ACCOUNT))
    assert [(row.lane, row.amount) for row in rows] == [
        (Lane.DEPOSITS, Decimal(5000)),
        (Lane.DEPOSITS, Decimal("-1234.56")),
    ]
    assert stage.asked("/pa/") <= 2 * 2
    assert "Cash: broker and desk disagree" not in stage.titles()


def test_an_answer_about_money_that_has_another_form_explains_nothing(make: Make) -> None:
    body = {"nav": {"dates": ["20121001"], "data": [{"id": ACCOUNT, "startNAV": {"val": 1}, "navs": []}]}}
    with pytest.raises(Unparsable, match="not as many"):
        flows_of(body | {"cps": {"data": [{"id": ACCOUNT, "returns": []}]}}, ACCOUNT)
    with pytest.raises(Unparsable, match="nothing about the account"):
        flows_of({"nav": {"data": []}, "cps": {"data": []}}, ACCOUNT)
    stage = make()
    assert stage.broker.portfolio.movements(ACCOUNT, [AAPL], days=90) == ()


def test_T_72_R_of_a_trade_that_was_split_counts_what_its_stop_put_at_risk(make: Make) -> None:
    stage = make(poll=6 * SECOND, at="2005-02-25T15:00:00Z")
    position = stage.a_position()
    stop = stage.legs(position)[Role.STOP].ticket.price
    [lot] = stage.read(lambda t: stage.desk.portfolio.report(t, ACCOUNT, stage.now)).lots
    stage.travel(stage.now + timedelta(days=3))
    stage.run(2 * MINUTE)
    stage.command(CommandKind.ADOPT_SPLIT, "AAPL")
    stage.run(MINUTE)
    [after] = stage.read(lambda t: stage.desk.portfolio.report(t, ACCOUNT, stage.now)).lots
    assert (after.quantity, after.price) == (Decimal(20), lot.price / 2)

    target = next(one for one in stage.read(stage.desk.orders.orders) if one.role is Role.TARGET)
    stage.reserve_exit(target if target.state.at_broker else None, quantity=20)
    stage.run_until(lambda: stage.held() == 0)
    stage.run(MINUTE)
    [trade] = stage.read(lambda t: stage.desk.portfolio.trades(t, ACCOUNT))
    assert stop is not None
    assert trade.quantity == 20
    assert trade.r_multiple is not None
    assert abs(trade.r_multiple - trade.net / ((lot.price - stop) * 10)) < Decimal("1E-6")
