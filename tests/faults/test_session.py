"""Session: F-01 to F-18."""

from datetime import datetime
from decimal import Decimal
from itertools import pairwise

import pytest

from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.orders.model import OrderState, Role
from glassdesk.workflow.session.clocks import Region
from glassdesk.workflow.session.model import SessionState
from tests.faults.conftest import Make
from tests.faults.stage import ACCOUNT, HOUR, IBM, MINUTE, SECOND, Stage

INIT, STATUS, TICKLE = "/iserver/auth/ssodh/init", "/iserver/auth/status", "/tickle"
NOT_READY = "The brokerage session is not ready"
UNKNOWN, WORKING = {OrderState.UNKNOWN}, {OrderState.WORKING}


def ready(make: Make, **switches: str) -> Stage:
    stage = make(**switches)
    stage.run(10 * SECOND)
    assert state(stage) is SessionState.READY
    return stage


def state(stage: Stage) -> SessionState | None:
    return stage.session


def alarms(stage: Stage) -> list[str]:
    return [one.title for one in stage.told() if one.severity is Severity.ALARM]


def test_F_01_not_logged_in(make: Make) -> None:
    stage = ready(make)
    stage.arm(1)
    stage.run(2 * MINUTE)
    began = stage.now
    stage.run(10 * MINUTE)
    assert state(stage) is SessionState.SIGNED_OUT
    assert alarms(stage) == [NOT_READY]
    assert "https://localhost:5000/" in stage.told()[0].body
    # A look a minute, and no attempt to mend what only a person can.
    assert stage.asked(STATUS, since=began) <= 10
    assert stage.asked(INIT) == 0
    stage.sign_in()
    stage.run(2 * MINUTE)
    assert (state(stage), stage.epoch) == (SessionState.READY, 2)


def test_F_02_no_bridge(make: Make) -> None:
    stage = ready(make)
    stage.arm(2)
    began = stage.now
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run(2 * MINUTE)
    assert stage.asked(INIT) == 1
    assert (state(stage), stage.epoch) == (SessionState.READY, 2)
    assert stage.asked("/iserver/accounts", since=began) >= 1
    assert set(stage.states(reservation).values()) == WORKING
    assert len(stage.entries()) == 1
    assert alarms(stage) == []


def test_F_03_brokerage_dropped(make: Make) -> None:
    stage = ready(make)
    inits: list[datetime] = []
    for _ in range(4):
        # It drops again each time it was mended: the pauses grow from a minute on.
        stage.arm(3)
        stage.run_until(lambda: stage.asked(INIT) > len(inits), within=20 * MINUTE)
        inits.append(stage.now)
        stage.run(5 * SECOND)
    pauses = [later - earlier for earlier, later in pairwise(inits)]
    assert pauses[0] >= MINUTE
    assert pauses[1] >= 2 * MINUTE
    assert pauses[2] >= 4 * MINUTE


def test_F_04_half_ready(make: Make) -> None:
    stage = ready(make)
    stage.arm(4, seconds=40)
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.restart()
    stage.run(30 * SECOND)
    assert state(stage) is SessionState.HALF_READY
    assert stage.placements() == 0
    assert stage.asked(INIT) == 0
    # Empty lists of a session that is not whole prove nothing.
    assert stage.entry_state(reservation) is OrderState.RESERVED
    stage.run(MINUTE)
    assert state(stage) is SessionState.READY
    assert set(stage.states(reservation).values()) == WORKING
    assert len(stage.entries()) == 1


def test_F_05_competing_session(make: Make) -> None:
    stage = ready(make)
    position = stage.a_position()
    stage.arm(5)
    stage.run(2 * MINUTE)
    assert state(stage) is SessionState.COMPETING
    assert NOT_READY in alarms(stage)
    sent = stage.placements()
    stage.run(30 * MINUTE)
    # It does not fight for the username: a person decides.
    assert stage.asked(INIT) == 0
    assert (state(stage), stage.placements()) == (SessionState.COMPETING, sent)
    stage.command(CommandKind.SESSION_LOGIN, "take-over")
    stage.run(MINUTE)
    assert stage.asked(INIT) == 1
    assert state(stage) is SessionState.READY
    assert stage.states(position)[Role.STOP] is OrderState.WORKING
    assert len(stage.entries()) == 1


def test_F_06_init_refused(make: Make) -> None:
    stage = ready(make)
    stage.arm(6, seconds=7200)
    stage.arm(2)
    stage.run(20 * MINUTE)
    assert state(stage) is not SessionState.READY
    assert NOT_READY in alarms(stage)
    assert any("Force compete" in one.body for one in stage.told())
    # Each refusal doubles the pause before the next try.
    assert stage.asked(INIT) <= 6
    stage.disarm()
    stage.command(CommandKind.SESSION_LOGIN, "take-over")
    stage.run(MINUTE)
    assert state(stage) is SessionState.READY


def test_F_07_401_mid_session(make: Make) -> None:
    stage = ready(make)
    stage.arm(54)
    # The answer to a placement: it was not carried out, which nobody here can know.
    stage.arm(7, endpoint="orders")
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run(30 * SECOND)
    assert set(stage.states(reservation).values()) == UNKNOWN
    assert stage.placements() == 1
    # On a read: one look, and the session that was never lost is not mended.
    stage.arm(7, endpoint="live_orders")
    stage.run(MINUTE)
    assert (state(stage), stage.epoch) == (SessionState.READY, 2)
    assert stage.asked(INIT) == 0
    assert stage.truth() == []


def test_F_08_false_401(make: Make) -> None:
    stage = ready(make)
    primed = stage.asked("/portfolio/accounts")
    stage.arm(8)
    stage.command(CommandKind.RECONCILE)
    stage.run(2 * MINUTE)
    assert (state(stage), stage.epoch) == (SessionState.READY, 1)
    assert stage.asked(INIT) == 0
    assert stage.asked("/portfolio/accounts") > primed
    assert stage.requests(f"/portfolio2/{ACCOUNT}")[-1]["status"] == 200


def test_F_09_nightly_reset(make: Make) -> None:
    # Midnight in Hong Kong is noon in New York: the reset of that region falls into regular hours.
    stage = make(at="2012-10-01T15:45:00Z", region=Region.ASIA, poll=20 * SECOND)
    stage.run(10 * SECOND)
    stage.arm(9, at="2012-10-01T16:00:00Z", seconds=300)
    stage.travel(stage.now + 6 * MINUTE)
    reservation = stage.reserve_entry(limit=stage.price() - 5, minutes=120, atr=Decimal(40))
    stage.run(8 * MINUTE)
    # From ten minutes before it on no new order is sent, though the session is ready.
    assert state(stage) is SessionState.READY
    assert stage.placements() == 0
    stage.run(3 * MINUTE)
    assert state(stage) is SessionState.RESETTING
    stage.run(6 * MINUTE)
    assert (state(stage), stage.epoch, alarms(stage)) == (SessionState.READY, 2, [])
    # Documents name midnight and one o'clock: ten minutes after the later one the order goes out.
    stage.travel(stage.now + 55 * MINUTE)
    stage.run(MINUTE)
    assert stage.placements() == 0
    stage.run(8 * MINUTE)
    assert set(stage.states(reservation).values()) == WORKING
    assert len(stage.entries()) == 1


def test_F_10_24_h_end(make: Make) -> None:
    stage = ready(make)
    position = stage.a_position()
    stage.arm(10, at="2012-10-02T04:00:00Z")
    stage.travel(stage.now + 16 * HOUR)
    stage.run(2 * MINUTE)
    assert state(stage) is SessionState.SIGNED_OUT
    assert alarms(stage) == [NOT_READY]
    trades = stage.asked("/iserver/account/trades")
    stage.sign_in()
    stage.run(2 * MINUTE)
    assert (state(stage), stage.epoch) == (SessionState.READY, 2)
    # The day that changed is reconciled: a week of trades, and what is held.
    read = stage.requests("/iserver/account/trades")[trades:]
    assert read[0]["query"]["days"] == "7"
    assert stage.states(position)[Role.STOP] is OrderState.WORKING
    assert len(stage.entries()) == 1


def test_F_11_accounts_not_primed(make: Make) -> None:
    stage = ready(make)
    stage.arm(11)
    stage.command(CommandKind.RECONCILE)
    stage.run(MINUTE)
    assert stage.requests("/iserver/account/orders")[-1]["status"] == 200
    # For a placement the text means that nothing was taken: it goes out as soon as the accounts are primed.
    stage.arm(11, endpoint="orders")
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run(MINUTE)
    path = f"/iserver/account/{ACCOUNT}/orders"
    placed = [row for row in stage.requests(path, "POST") if row["path"] == path]
    assert [row["status"] for row in placed] == [400, 200]
    assert set(stage.states(reservation).values()) == WORKING
    assert len(stage.entries()) == 1
    assert "Order of unknown fate" not in stage.titles()


def test_F_12_portfolio_not_primed(make: Make) -> None:
    stage = ready(make)
    stage.arm(12)
    stage.command(CommandKind.RECONCILE)
    stage.run(2 * MINUTE)
    for path in ("summary", "ledger"):
        assert stage.requests(f"/portfolio/{ACCOUNT}/{path}")[-1]["status"] == 200
    assert (state(stage), stage.epoch) == (SessionState.READY, 1)
    assert alarms(stage) == []


def test_F_13_tickle_oddities(make: Make) -> None:
    stage = ready(make)
    for manner in ("missing", "expiring", "no session"):
        # Whatever a tickle says, the session is what its own status says.
        stage.arm(13, manner=manner, count=2)
        stage.run(150 * SECOND)
        assert (state(stage), stage.epoch, alarms(stage)) == (SessionState.READY, 1, []), manner
    for manner in ("500", "503"):
        stage.arm(13, manner=manner)
        stage.run(90 * SECOND)
        assert (state(stage), alarms(stage)) == (SessionState.READY, []), manner
    assert stage.asked(INIT) == 0


def test_F_14_init_storm(make: Make) -> None:
    stage = ready(make, init_storm="9")
    # Whatever is initialised drops as soon as its accounts are asked for.
    stage.arm(2)
    stage.arm(2, endpoint="accounts", count=10_000)
    stage.run(95 * MINUTE)
    assert 4 <= stage.asked(INIT) <= 9
    assert stage.world.gateway.locked_until == 0
    assert NOT_READY in alarms(stage)
    # Locked out all the same, it waits: a person cannot sign in, and nothing is initialised.
    stage.disarm()
    stage.arm(14, seconds=1800)
    inits = stage.asked(INIT)
    stage.run(20 * MINUTE)
    assert (state(stage), stage.asked(INIT)) == (SessionState.SIGNED_OUT, inits)
    with pytest.raises(AssertionError, match="locked the username out"):
        stage.sign_in()
    stage.travel(stage.now + 11 * MINUTE)
    stage.sign_in()
    stage.run(2 * MINUTE)
    assert state(stage) is SessionState.READY


def test_F_15_suppressions_lost(make: Make) -> None:
    stage = make(suppressed=("o10331",))
    stage.run(10 * SECOND)
    stage.reserve_entry(IBM, limit=stage.price(IBM) - 5, stop=stage.price(IBM) - 10)
    stage.run(20 * SECOND)
    assert (len(stage.entries()), stage.asked("/iserver/reply/")) == (1, 0)
    # Lost, the question is asked, and answered as if nothing had ever been suppressed.
    stage.arm(15)
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run(20 * SECOND)
    assert set(stage.states(reservation).values()) == WORKING
    assert (len(stage.entries()), stage.asked("/iserver/reply/")) == (2, 1)
    # After each initialisation the list is sent again.
    sent = stage.asked("/iserver/questions/suppress")
    stage.arm(2)
    stage.run(2 * MINUTE)
    assert stage.asked("/iserver/questions/suppress") > sent


def test_F_16_403_411_or_410(make: Make) -> None:
    stage = ready(make)
    # The desk's own requests have what the gateway asks for.
    assert {row["status"] for row in stage.requests()} == {200}
    for status in (403, 411, 410):
        stage = ready(make)
        stage.arm(16, endpoint="orders", status=status)
        reservation = stage.reserve_entry(limit=stage.price() - 5)
        stage.run(30 * SECOND)
        assert set(stage.states(reservation).values()) == UNKNOWN, status
        assert stage.placements() == 1
        assert stage.truth() == []


def test_F_17_certificate_replaced(make: Make) -> None:
    stage = ready(make)
    asked = stage.asked()
    stage.arm(17)
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run(5 * MINUTE)
    assert state(stage) is SessionState.UNREACHABLE
    assert stage.asked() == asked
    assert stage.placements() == 0
    assert NOT_READY in alarms(stage)
    assert "CERTIFICATE_VERIFY_FAILED" in stage.told()[0].body
    assert stage.entry_state(reservation) is OrderState.RESERVED


def test_F_18_maintenance(make: Make) -> None:
    # Saturday, 19:00 in New York.
    stage = make(at="2012-10-06T23:00:00Z", poll=5 * MINUTE)
    stage.run(MINUTE)
    stage.arm(18, seconds=2 * 3600, after=3600)
    stage.travel(stage.now + HOUR)
    began = stage.now
    stage.run(2 * HOUR - MINUTE)
    assert state(stage) is SessionState.RESETTING
    assert alarms(stage) == []
    assert stage.asked(since=began) <= 2 * 130
    stage.run(HOUR)
    assert state(stage) is SessionState.READY
