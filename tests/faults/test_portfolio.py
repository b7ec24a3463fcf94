"""Portfolio: F-71 to F-76."""

from decimal import Decimal

from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.orders.model import OrderState, Role
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
