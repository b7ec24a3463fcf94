"""The demo is the whole job: forty real days, and two sets of books that agree to the cent."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from tests.journeys import stage
from tests.journeys.conftest import DAYS

pytestmark = [pytest.mark.journey, pytest.mark.process, pytest.mark.slow]

NEW_YORK = ZoneInfo("America/New_York")
PROMISED = {
    "runs",
    "signals",
    "orders",
    "executions",
    "positions",
    "equity",
    "lineage_complete",
    "audit_verified",
    "broker",
}
FINAL = {"reserved", "queued", "awaiting_approval", "no_trade", "failed", "quarantined"}
CLOSED = (date(2012, 10, 29), date(2012, 10, 30), date(2012, 11, 22))
"""Hurricane Sandy, two days; Thanksgiving."""


def test_it_succeeds_and_prints_one_object_with_the_promised_fields(forty_days: stage.Demo) -> None:
    report = forty_days.report
    assert forty_days.told.code == 0, forty_days.told.err
    assert set(report) >= PROMISED
    assert set(report["signals"]) == {"BUY", "SELL", "HOLD", "ABSTAIN"}
    assert set(report["broker"]) == {"orders", "executions", "positions", "equity"}
    assert report["problems"] == []


def test_the_desk_and_the_broker_agree_on_orders_executions_positions_and_equity(
    forty_days: stage.Demo,
) -> None:
    report = forty_days.report
    for name in ("orders", "executions", "positions", "equity"):
        assert report[name] == report["broker"][name], name
    assert report["executions"] >= 8
    assert report["orders"] % 3 == 0, "entry, stop and target go together"
    assert Decimal(report["equity"]).as_tuple().exponent == -2
    assert all(isinstance(quantity, str) for quantity in report["positions"].values())


def test_the_report_is_what_the_broker_itself_wrote_down(forty_days: stage.Demo) -> None:
    """The simulator's own log, read from its file, not through the program."""
    report, home = forty_days.report, forty_days.home
    assert report["broker"]["orders"] == len(home.truth("order"))
    assert report["broker"]["executions"] == len(home.truth("execution"))
    assert report["broker"]["positions"] == home.held_at_broker()


def test_equity_is_the_cash_of_every_execution_and_the_last_close_of_what_is_held(
    forty_days: stage.Demo,
) -> None:
    """Recomputed by hand from the broker's executions and the tape."""
    rows = forty_days.home.truth("execution")
    held: Counter[str] = Counter()
    cash = Decimal(100_000)
    for row in rows:
        sign = 1 if row["side"] == "BUY" else -1
        held[row["symbol"]] += sign * row["quantity"]
        cash -= sign * row["quantity"] * Decimal(row["price"]) / 100 + Decimal(row["commission"]) / 100
    last = stage.sessions(date(2012, 10, 1), DAYS)[-1]
    closes = {symbol: bar.close for symbol, bars in stage.tape().items() for bar in bars if bar.day == last}
    stock = sum((quantity * Decimal(str(closes[symbol])) for symbol, quantity in held.items()), Decimal(0))
    assert f"{cash + stock:.2f}" == forty_days.report["equity"]


def test_lineage_is_complete_and_the_audit_chain_holds(forty_days: stage.Demo) -> None:
    assert forty_days.report["lineage_complete"] is True
    assert forty_days.report["audit_verified"] is True


def test_every_run_ended_with_a_reason(forty_days: stage.Demo) -> None:
    runs = forty_days.home.rows("select state, reason, ended_at from runs")
    assert len(runs) == forty_days.report["runs"] == DAYS * len(stage.STRATEGIES)
    assert {run["state"] for run in runs} <= FINAL - {"failed", "quarantined"}
    assert all(run["reason"].strip() and run["ended_at"] for run in runs)


def test_every_weekday_has_its_slot_and_closed_days_say_so(forty_days: stage.Demo) -> None:
    slots = forty_days.home.rows("select strategy, instant, state, reason from slots")
    found = {(row["strategy"], stage.instant(row["instant"])): row["state"] for row in slots}
    traded = stage.sessions(date(2012, 10, 1), DAYS)
    expected = {
        (name, _nine(day)): "run" if day in traded else "holiday"
        for day in _weekdays(traded[0], traded[-1])
        for name in stage.STRATEGIES
    }
    assert found == expected
    assert {instant.date() for (_, instant), state in found.items() if state == "holiday"} == set(CLOSED)
    assert all(row["reason"] for row in slots if row["state"] == "holiday")


def _weekdays(first: date, last: date) -> list[date]:
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in days if day.weekday() < 5]


def _nine(day: date) -> datetime:
    return datetime.combine(day, time(9), tzinfo=NEW_YORK).astimezone(UTC)
