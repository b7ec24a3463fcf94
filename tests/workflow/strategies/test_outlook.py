"""What a strategy could lose and needs, said before it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from glassdesk.workflow.market_data.model import Bar
from glassdesk.workflow.risk.model import Limits
from glassdesk.workflow.risk.sizing import size
from glassdesk.workflow.strategies.model import Outlook, Strategy
from glassdesk.workflow.strategies.outlook import Cost, _entry, outlook
from tests.adapters.laws.makers import AAPL, MSFT, a_strategy
from tests.workflow.risk.makers import an_exposure

NOW = datetime(2024, 3, 5, 12, 0, tzinfo=UTC)
WEEK = [NOW + timedelta(days=n) for n in range(5)]
CAPITAL = Decimal(10_000)
FREE = Cost(each=Decimal(0), why="rules cost nothing")


def bars(price: str, volume: int = 5_000_000, count: int = 30) -> Sequence[Bar]:
    close = Decimal(price)
    return [
        Bar(
            start=NOW - timedelta(days=count - n),
            session=date(2024, 2, 1) + timedelta(days=n),
            open=close,
            high=close * Decimal("1.01"),
            low=close * Decimal("0.99"),
            close=close,
            volume=Decimal(volume),
        )
        for n in range(count)
    ]


def strategy(**limits: object) -> Strategy:
    made = a_strategy(conids=(AAPL, MSFT)).strategy
    return replace(made, limits=replace(Limits(), **limits))  # type: ignore[arg-type]


def made(one: Strategy, seen: dict[int, Sequence[Bar]], capital: Decimal | None = CAPITAL) -> Outlook:
    return outlook(one, capital, WEEK, seen, NOW, cost=FREE)


def test_the_worst_day_is_bounded_by_the_open_risk_and_by_the_gap_budget() -> None:
    found = made(strategy(), {})
    assert found.loss_at_stops == CAPITAL * Decimal("0.025")
    assert found.loss_in_gap == CAPITAL * Decimal("0.10")
    tight = made(strategy(max_open_risk=Decimal("0.01")), {})
    assert tight.loss_at_stops == CAPITAL * Decimal("0.01")


def test_questions_are_slots_times_symbols() -> None:
    assert made(strategy(), {}).questions_per_month == round(5 * 2 * 30 / 7)


def test_without_a_desk_capital_no_loss_is_made_up() -> None:
    found = made(strategy(), {}, None)
    assert (found.loss_at_stops, found.loss_in_gap) == (None, None)


def test_what_nobody_has_read_yet_is_said_not_guessed() -> None:
    apple, other = made(strategy(), {AAPL: bars("170")}).needs
    assert apple.capital is not None
    assert (other.capital, other.why) == (None, "known once its bars were read")


@pytest.mark.parametrize("price", ["4.50", "90", "640", "2500"])
def test_the_least_capital_buys_and_a_tenth_less_does_not(price: str) -> None:
    one = strategy(max_order_value=Decimal(100_000))
    [need, _] = made(one, {AAPL: bars(price)}).needs
    assert need.capital is not None
    entry = _entry(one, one.contracts[0], bars(price), Decimal(price) * Decimal("0.02"))

    def bought(capital: Decimal) -> Decimal:
        return size(entry, an_exposure(capital=capital, cash=capital), one.limits).quantity

    assert bought(need.capital) >= 1
    assert bought(need.capital * Decimal("0.9")) == 0


def test_a_volume_too_small_for_any_capital_is_named() -> None:
    [need, _] = made(strategy(), {AAPL: bars("170", volume=100)}).needs
    assert need.capital is None
    assert "no capital helps" in need.why
