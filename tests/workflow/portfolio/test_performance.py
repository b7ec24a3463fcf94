"""Curve, guards and statistics: adjusted for flows, and silent where nothing is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.workflow.portfolio.model import Trade
from glassdesk.workflow.portfolio.performance import Close, Earned, Standing, curve, drawdown, standing
from glassdesk.workflow.portfolio.statistics import grouped, statistics

OPEN = datetime(2024, 3, 5, 14, 30, tzinfo=UTC)
NOW = OPEN + timedelta(hours=3)
DAY = timedelta(days=1)


def a_trade(net: str, *, hours: float = 1, r: str | None = None, strategy: str = "morning") -> Trade:
    amount = Decimal(net)
    return Trade(
        account="DU1",
        conid=1,
        symbol="S1",
        strategy=strategy,
        quantity=Decimal(10),
        bought_at=OPEN - DAY,
        sold_at=OPEN + timedelta(hours=hours),
        bought_price=Decimal(100),
        sold_price=Decimal(100) + (amount + 2) / 10,
        gross=amount + 2,
        commissions=Decimal(2),
        net=amount,
        r_multiple=None if r is None else Decimal(r),
        entry_order=f"in {net} {hours}",
        exit_order=f"out {net} {hours}",
    )


def closes(*rows: tuple[str, str]) -> list[Close]:
    return [
        Close(session=date(2024, 3, day), equity=Decimal(equity), flow=Decimal(flow))
        for day, (equity, flow) in enumerate(rows, start=1)
    ]


def standing_of(
    *, pnl: str | None = "0", earned: Sequence[str] = (), trades: Sequence[Trade] = ()
) -> Standing:
    return standing(
        now=NOW,
        day_began=OPEN,
        capital=Decimal(10_000),
        pnl=None if pnl is None else Decimal(pnl),
        closes=[
            Earned(session=date(2024, 3, day), pnl=Decimal(amount))
            for day, amount in enumerate(earned, start=1)
        ],
        trades=trades,
        opened=[OPEN - DAY, OPEN + timedelta(minutes=5)],
    )


def test_T_70_a_deposit_is_no_return_and_no_new_high() -> None:
    first, second, third = curve(Decimal(100), closes(("110", "0"), ("210", "100"), ("189", "0")))
    assert (first.daily_return, first.high_water, first.drawdown) == amounts(Decimal("0.1"), Decimal(110), 0)
    assert (second.result, second.daily_return, second.growth) == amounts(0, 0, Decimal("1.1"))
    assert (second.high_water, second.drawdown) == amounts(Decimal(210), 0)
    assert (third.result, third.daily_return, third.drawdown) == amounts(-21, Decimal("-0.1"), Decimal("0.1"))
    assert third.growth == Decimal("0.99")


def test_T_70_a_withdrawal_is_no_drawdown() -> None:
    _, after = curve(Decimal(100), closes(("100", "0"), ("40", "-60")))
    assert (after.drawdown, after.daily_return, after.high_water) == amounts(0, 0, Decimal(40))


def test_a_return_on_nothing_is_unknown_not_zero() -> None:
    first, second = curve(Decimal(0), closes(("100", "100"), ("110", "0")))
    assert (first.daily_return, first.growth) == (None, None)
    assert (second.daily_return, second.growth) == (Decimal("0.1"), None)


@given(
    flows=st.lists(st.tuples(st.integers(-5_000, 5_000), st.integers(-90_000, 90_000)), max_size=30),
    opening=st.integers(1, 100_000),
)
def test_the_high_water_mark_is_never_below_equity_and_results_add_up(
    flows: list[tuple[int, int]], opening: int
) -> None:
    equity, rows = Decimal(opening), list[Close]()
    for result, flow in flows:
        equity += result + flow
        rows.append(Close(session=date(2024, 1, 1), equity=equity, flow=Decimal(flow)))
    points = curve(Decimal(opening), rows)
    assert all(point.high_water >= point.equity and point.drawdown >= 0 for point in points)
    moved = sum((point.result + point.flow for point in points), Decimal(opening))
    assert moved == equity


def test_a_lost_mark_that_was_not_positive_is_wholly_lost() -> None:
    assert drawdown(Decimal(-1), Decimal(0)) == 1
    assert drawdown(Decimal(5), Decimal(5)) == 0


def test_T_12_profit_of_today_counts_from_the_last_close_and_drawdown_from_desk_capital() -> None:
    seen = standing_of(pnl="-150", earned=["200", "50"])
    assert (seen.equity, seen.pnl_today) == (Decimal(9_850), Decimal(-200))
    assert (seen.high_water, seen.drawdown) == (Decimal(10_200), exact_part(350, 10_200))
    fresh = standing_of(pnl="-100")
    assert (fresh.pnl_today, fresh.high_water, fresh.drawdown) == amounts(-100, 10_000, Decimal("0.01"))


def amounts(*stated: Decimal | int | str | None) -> tuple[Decimal | None, ...]:
    return tuple(None if one is None else Decimal(one) for one in stated)


def exact_part(lost: int, high: int) -> Decimal:
    return (Decimal(lost) / high).quantize(Decimal("1E-8"))


def test_an_unknown_profit_leaves_every_number_made_of_it_unknown() -> None:
    seen = standing_of(pnl=None, trades=[a_trade("-5")])
    assert (seen.equity, seen.pnl_today, seen.high_water, seen.drawdown) == (None, None, None, None)
    assert (seen.loss_streak, seen.closed_today, seen.opened_today) == (1, 1, 1)


@pytest.mark.parametrize(
    ("nets", "streak"),
    [
        ((), 0),
        (("5",), 0),
        (("-5",), 1),
        (("5", "-1", "-2"), 2),
        (("-1", "-2", "0"), 0),
        (("-1", "3", "-4"), 1),
    ],
)
def test_a_row_of_losses_is_counted_back_from_the_newest(nets: tuple[str, ...], streak: int) -> None:
    trades = [a_trade(net, hours=hour) for hour, net in enumerate(nets)]
    assert standing_of(trades=trades).loss_streak == streak
    assert standing_of(trades=trades[::-1]).loss_streak == streak


def test_a_trade_of_yesterday_is_not_of_today_but_its_loss_is_remembered() -> None:
    seen = standing_of(trades=[a_trade("-5", hours=-2), a_trade("9", hours=1)])
    assert (seen.closed_today, seen.loss_streak) == (1, 0)
    assert seen.last_loss_at == OPEN - timedelta(hours=2)
    assert seen.last_exits == ((1, OPEN + timedelta(hours=1)),)


def test_statistics_say_how_many_and_invent_nothing() -> None:
    none = statistics([])
    assert (none.trades, none.win_rate, none.expectancy, none.profit_factor, none.average_r) == (
        0, None, None, None, None,
    )  # fmt: skip
    won = statistics([a_trade("30", r="3")])
    assert (won.win_rate, won.profit_factor, won.average_loss) == amounts(1, None, None)
    mixed = statistics([a_trade("30", r="3"), a_trade("-10", r="-1"), a_trade("-10"), a_trade("0")])
    assert (mixed.trades, mixed.wins, mixed.losses, mixed.with_r) == (4, 1, 2, 2)
    assert (mixed.win_rate, mixed.expectancy, mixed.profit_factor) == amounts(
        Decimal("0.25"), Decimal("2.5"), Decimal("1.5"),
    )  # fmt: skip
    assert (mixed.average_r, mixed.worst_r, mixed.best, mixed.worst) == amounts(1, -1, 30, -10)
    assert (mixed.net, mixed.commissions, mixed.average_loss) == amounts(10, 8, 10)


@given(nets=st.lists(st.integers(-500, 500), max_size=12))
def test_groups_hold_every_trade_once(nets: list[int]) -> None:
    trades = [replace(a_trade(str(net)), strategy=f"s{net % 3}") for net in nets]
    parts = grouped(trades, lambda one: one.strategy)
    assert sum(part.trades for part in parts.values()) == len(nets)
    assert sum((part.net for part in parts.values()), Decimal(0)) == sum(nets)
    whole = statistics(trades)
    assert whole.gross_profit - whole.gross_loss == whole.net == sum(nets)
