"""Cash at a session's end: explained with evidence or reported, never corrected (`T-70`, §2.8)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from glassdesk.workflow.orders.model import Role
from glassdesk.workflow.portfolio.model import Flow, Lane, Movement
from tests.workflow.dealing.desk import TestDesk, a_desk
from tests.workflow.dealing.makers import AAPL, CLOSE, WINDOW
from tests.workflow.dealing.scripted_broker import ACCOUNT

EVENING = CLOSE + timedelta(minutes=20)
DAY = timedelta(days=1)


def holding() -> TestDesk:
    """Ten shares bought in the morning."""
    desk = a_desk()
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW)
    desk.broker.fill(desk.legs(reservation)[Role.ENTRY].coid, 10, "170.10")
    desk.run_until(WINDOW + timedelta(minutes=5))
    return desk


def sessions(desk: TestDesk) -> list[date]:
    return [one.session for one in desk.read(lambda t: desk.parts.portfolio.snapshots(t, ACCOUNT))]


def unexplained(desk: TestDesk) -> Decimal | None:
    return desk.read(lambda t: desk.parts.portfolio.books(t, ACCOUNT, desk.clock.now())).unexplained


def test_while_cash_agrees_the_broker_is_not_asked_what_moved_it() -> None:
    desk = holding()
    desk.run_until(EVENING)
    assert unexplained(desk) == 0
    assert desk.broker.asked == []
    assert desk.read(lambda t: desk.parts.portfolio.cash_rows(t, ACCOUNT)) == []


def test_T_70_a_dividend_and_a_deposit_are_booked_with_their_evidence_and_no_alarm() -> None:
    desk = holding()
    desk.run_until(EVENING)
    today = (CLOSE + DAY).date()
    desk.broker.cash += Decimal("5012.40")
    desk.broker.moved = [
        Movement(kind="dividend", conid=AAPL, day=today, amount=Decimal("12.40"), text="Dividend Payment")
    ]
    desk.broker.flowed = [Flow(day=today, amount=Decimal("5000.01"), margin=Decimal("0.02"))]
    desk.run_until(EVENING + DAY)

    rows = desk.read(lambda t: desk.parts.portfolio.cash_rows(t, ACCOUNT))
    assert [(row.lane, row.amount) for row in rows] == [
        (Lane.DIVIDENDS, Decimal("12.4")),
        (Lane.DEPOSITS, Decimal(5000)),
    ]
    assert unexplained(desk) == 0
    assert not any("Cash" in title for title in desk.told())
    kept = desk.read(lambda t: [row.kind for row in desk.stores.audit.entries(t, after=0, limit=10_000)])
    assert kept.count("cash.booked") == 2
    [*_, snapshot] = desk.read(lambda t: desk.parts.portfolio.snapshots(t, ACCOUNT))
    assert (snapshot.deposits, snapshot.dividends, snapshot.unexplained) == (
        Decimal(5000), Decimal("12.4"), Decimal(0),
    )  # fmt: skip
    # T-12: a deposit is no profit; the dividend is.
    seen = desk.read(lambda t: desk.parts.portfolio.standing(t, ACCOUNT, now=desk.clock.now()))
    books = desk.read(lambda t: desk.parts.portfolio.books(t, ACCOUNT, desk.clock.now()))
    assert books.unrealised is not None
    assert seen.equity == 100_000 + books.realised + books.unrealised + Decimal("12.4")


def test_cash_that_nothing_explains_is_a_break_and_is_never_corrected() -> None:
    desk = holding()
    desk.broker.cash -= 30
    desk.run_until(EVENING)
    found = desk.read(lambda t: desk.parts.portfolio.cash_break(t, ACCOUNT))
    assert found is not None
    assert found.amount == -30
    assert sorted(desk.broker.asked) == ["flows", "movements"]
    assert desk.read(lambda t: desk.parts.portfolio.cash_rows(t, ACCOUNT)) == []
    assert "Cash: broker and desk disagree" in desk.told()

    desk.run_until(EVENING + DAY)
    assert desk.told().count("Cash: broker and desk disagree") == 1
    assert unexplained(desk) == -30

    desk.broker.cash += 30
    desk.run_until(EVENING + 2 * DAY)
    assert desk.read(lambda t: desk.parts.portfolio.cash_break(t, ACCOUNT)) is None
    assert "Cash: broker and desk agree again" in desk.told()


def test_a_difference_within_tolerance_is_shown_and_alarms_nobody() -> None:
    desk = holding()
    desk.broker.cash -= Decimal("9.50")
    desk.run_until(EVENING)
    assert unexplained(desk) == Decimal("-9.5")
    assert desk.read(lambda t: desk.parts.portfolio.cash_break(t, ACCOUNT)) is None


def test_a_missing_commission_is_waited_for_before_anything_is_called_a_break() -> None:
    desk = a_desk()
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW)
    coid = desk.legs(reservation)[Role.ENTRY].coid
    desk.broker.fill(coid, 10, "170.10", commission=None)
    desk.broker.cash -= 40
    desk.run_until(EVENING)
    assert desk.read(lambda t: desk.parts.portfolio.cash_break(t, ACCOUNT)) is None
    desk.run_until(EVENING + DAY)
    found = desk.read(lambda t: desk.parts.portfolio.cash_break(t, ACCOUNT))
    assert found is not None


def test_the_close_is_kept_at_a_later_turn_where_the_broker_could_not_be_read() -> None:
    desk = holding()
    desk.run_until(CLOSE + timedelta(minutes=9))
    desk.broker.broken_reads = True
    desk.run_until(CLOSE + timedelta(minutes=12))
    assert CLOSE.date() not in sessions(desk)
    desk.broker.broken_reads = False
    desk.run_until(EVENING)
    [*_, snapshot] = desk.read(lambda t: desk.parts.portfolio.snapshots(t, ACCOUNT))
    assert snapshot.session == CLOSE.date()
    assert snapshot.taken_at >= CLOSE + timedelta(minutes=12)
