"""Laws of the store of positions: what a person said of shares, and what a break looks like."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from glassdesk.adapters.database import Stores
from glassdesk.workflow.positions.model import Adjustment, AdjustmentKind, AppliedExits, Break, BreakKind
from tests.adapters.laws.makers import AAPL, ACCOUNT, HOUR, NOON


def an_adjustment(number: int, **changes: Any) -> Adjustment:
    plain = Adjustment(
        adjustment=f"adjustment-{number}",
        account=ACCOUNT,
        conid=AAPL,
        symbol="AAPL",
        lane="morning",
        kind=AdjustmentKind.ADOPT,
        quantity=Decimal("-4"),
        price=Decimal("169.75"),
        at=NOON + number * HOUR,
        actor="owner",
        reason="sold by hand",
        cash=True,
    )
    return replace(plain, **changes)


def test_what_a_person_said_of_shares_is_kept_once_and_read_oldest_first(stores: Stores) -> None:
    split = an_adjustment(
        1, kind=AdjustmentKind.SPLIT, price=None, cash=False, split_new=2, order="an order", lane="(owner)"
    )
    with stores.transactions.begin() as t:
        for one in (an_adjustment(2), split, an_adjustment(2), an_adjustment(3, account="DU2")):
            stores.positions.add_adjustment(t, one)
        assert list(stores.positions.adjustments(t, ACCOUNT)) == [split, an_adjustment(2)]


def test_exit_rules_that_a_person_applied_are_kept_once_and_read_oldest_first(stores: Stores) -> None:
    first = AppliedExits(
        applied="one",
        account=ACCOUNT,
        conid=AAPL,
        strategy="morning",
        opened_at=NOON,
        before=1,
        version=2,
        at=NOON,
        actor="owner",
        reason="calmer",
    )
    later = replace(first, applied="another", before=2, version=3, at=NOON + HOUR)
    with stores.transactions.begin() as t:
        for one in (later, first, later, replace(first, applied="third", account="DU2")):
            stores.positions.add_exit_rules(t, one)
        assert list(stores.positions.exit_rules(t, ACCOUNT)) == [first, later]


def test_a_break_keeps_what_it_looks_like(stores: Stores) -> None:
    found = Break(
        account=ACCOUNT,
        conid=AAPL,
        symbol="AAPL",
        broker_quantity=Decimal(20),
        derived_quantity=Decimal(10),
        opened_at=NOON,
        kind=BreakKind.SPLIT,
        split_new=2,
    )
    with stores.transactions.begin() as t:
        stores.positions.put_break(t, found)
        assert list(stores.positions.open_breaks(t)) == [found]
