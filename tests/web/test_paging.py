"""Long tables are read a page at a time."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from glassdesk.web.views.paging import PER_PAGE, part
from glassdesk.workflow.portfolio.model import BrokerBalances, Snapshot
from tests.web.broker import ACCOUNT
from tests.web.visitor import Visitor
from tests.web.world import World

FIRST = date(2012, 1, 2)
CLOSES = 2 * PER_PAGE + 5


@pytest.mark.parametrize(
    ("total", "number", "first", "last", "newer", "older"),
    [
        (0, 1, 1, 0, None, None),
        (30, 1, 1, 30, None, None),
        (31, 1, 1, 30, None, 2),
        (31, 2, 31, 31, 1, None),
        (65, 2, 31, 60, 1, 3),
        (65, 9, 61, 65, 2, None),
    ],
)
def test_a_page_knows_where_it_stands(
    total: int, number: int, first: int, last: int, newer: int | None, older: int | None
) -> None:
    shown = part(range(total), number, size=30)
    assert (shown.first, shown.last, shown.newer, shown.older) == (first, last, newer, older)
    assert list(shown.rows) == list(range(total))[first - 1 : last]


def test_daily_closes_of_many_days_are_paged_newest_first_each_with_its_own_return(owner: Visitor) -> None:
    _many_closes(owner.world)
    newest, oldest = _sessions(owner, "/portfolio"), _sessions(owner, "/portfolio?closes=3")
    assert len(newest) == PER_PAGE
    assert len(oldest) == CLOSES - 2 * PER_PAGE
    assert newest[0] > oldest[-1]
    page = owner.get("/portfolio?closes=3").text
    assert f"{2 * PER_PAGE + 1} to {CLOSES} of {CLOSES}" in page
    assert 'href="?closes=2#closes"' in page
    # On the first day 10,000 became 10,100; on the last of 65 it was one part in 165.
    assert re.findall(r'data-label="Return" class="num">([^<]*)<', page)[-1].startswith("1.00")
    assert re.findall(r'data-label="Return" class="num">([^<]*)<', owner.get("/portfolio").text)[
        0
    ].startswith("0.61")


def test_a_page_that_cannot_be_is_told(owner: Visitor) -> None:
    assert owner.get("/portfolio?closes=0").status_code == 422
    assert owner.get("/portfolio?trades=many").status_code == 422


def _sessions(owner: Visitor, address: str) -> list[str]:
    return re.findall(r'data-label="Session">(?:<[^>]*>)*([^<]+)<', owner.get(address).text)


def _many_closes(world: World) -> None:
    """An account that was worth 10,000 at first sight and 100 more at each close."""
    stores = world.ground.stores
    with stores.transactions.begin() as t:
        stores.portfolio.put_balances(t, _balances(Decimal(10_000)), seen_at=world.clock.now())
        for number in range(CLOSES):
            stores.portfolio.put_snapshot(t, _close(world, number))


def _balances(amount: Decimal) -> BrokerBalances:
    return BrokerBalances(
        account=ACCOUNT,
        net_liquidation=amount,
        cash=amount,
        settled_cash=amount,
        available_funds=amount,
        currency="USD",
    )


def _close(world: World, number: int) -> Snapshot:
    amount = Decimal(10_000 + 100 * (number + 1))
    return Snapshot(
        account=ACCOUNT,
        session=FIRST + timedelta(days=number),
        equity=amount,
        cash=amount,
        market_value=Decimal(0),
        realised=Decimal(0),
        unrealised=Decimal(0),
        broker_equity=amount,
        taken_at=world.clock.now() + timedelta(days=number),
    )
