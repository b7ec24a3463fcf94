"""Whole values for the rules, to be bent one number at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.risk.model import (
    Closed,
    Exposure,
    Gates,
    HaltLevel,
    Holding,
    Opened,
    Proposal,
    Purpose,
    WhatIf,
    Working,
)

NOW = datetime(2024, 3, 5, 14, 35, tzinfo=UTC)
AAPL, MSFT = 265598, 272093


def an_exposure(
    *,
    capital: Decimal | None = Decimal(100_000),
    cash: Decimal | None = Decimal(100_000),
    holdings: tuple[Holding, ...] = (),
    working: tuple[Working, ...] = (),
    opened: tuple[Opened, ...] | None = (),
    closed: tuple[Closed, ...] | None = (),
    broken: frozenset[int] = frozenset(),
    withheld: frozenset[int] = frozenset(),
    **more: object,
) -> Exposure:
    plain: dict[str, object] = {"day_pnl": Decimal(0), "peak": capital, "books_of": date(2024, 3, 4)}
    return Exposure(
        **{**plain, **more},  # type: ignore[arg-type]  # the fields' own types, by name
        account="DU1234567",
        as_of=NOW,
        desk_capital=capital,
        cash=cash,
        equity=capital,
        holdings=holdings,
        working=working,
        opened=opened,
        closed=closed,
        broken=broken,
        withheld=withheld,
    )


def gates(**changes: object) -> Gates:
    plain: dict[str, object] = {
        "halt": HaltLevel.ACTIVE,
        "account_kind": AccountKind.SIMULATED,
        "account_proved": True,
        "session_ready": True,
        "market_open": True,
        "bars_fit": True,
        "bars_problem": "",
        "expected_last": date(2024, 3, 4),
        "last_bar": date(2024, 3, 4),
        "no_entry": False,
        "other_owner": "",
    }
    return Gates(**{**plain, **changes})  # type: ignore[arg-type]  # the fields' own types, by name


def a_buy(**changes: object) -> Proposal:
    plain: dict[str, object] = {
        "run": "run-1",
        "strategy": "morning",
        "conid": AAPL,
        "symbol": "AAPL",
        "purpose": Purpose.OPENING,
        "side": "BUY",
        "quantity": Decimal(10),
        "limit": Decimal(171),
        "stop": Decimal(165),
        "target": Decimal(190),
        "reference": Decimal("170.5"),
        "atr": Decimal(4),
        "tick": Decimal("0.01"),
        "average_volume": Decimal(1_000_000),
    }
    return Proposal(**{**plain, **changes})  # type: ignore[arg-type]  # the fields' own types, by name


def a_sell(**changes: object) -> Proposal:
    plain: dict[str, object] = {"purpose": Purpose.REDUCING, "side": "SELL", "limit": None, "stop": None}
    return a_buy(**{**plain, **changes})


def a_holding(conid: int = AAPL, quantity: int = 10, **changes: object) -> Holding:
    plain: dict[str, object] = {
        "conid": conid,
        "symbol": f"S{conid}",
        "strategy": "morning",
        "quantity": Decimal(quantity),
        "average_price": Decimal(170),
        "mark": Decimal(170),
        "stop": Decimal(165),
    }
    return Holding(**{**plain, **changes})  # type: ignore[arg-type]  # the fields' own types, by name


def a_working(conid: int = AAPL, **changes: object) -> Working:
    plain: dict[str, object] = {
        "conid": conid,
        "strategy": "morning",
        "run": "run-0",
        "side": "BUY",
        "role": "entry",
        "remaining": Decimal(10),
        "price": Decimal(170),
        "stop": Decimal(165),
        "unknown": False,
    }
    return Working(**{**plain, **changes})  # type: ignore[arg-type]  # the fields' own types, by name


def at_send(**changes: object) -> Proposal:
    """A purchase in the moment it goes out."""
    plain: dict[str, object] = {
        "moment": "send",
        "bid": Decimal("170.45"),
        "decision_close": Decimal(170),
        "average_volume": None,
    }
    return a_buy(**{**plain, **changes})


def an_opened(conid: int = MSFT, **changes: object) -> Opened:
    plain: dict[str, object] = {
        "conid": conid,
        "strategy": "morning",
        "run": "run-0",
        "last_bar": date(2024, 3, 1),
        "minutes_ago": 300,
        "today": True,
    }
    return Opened(**{**plain, **changes})  # type: ignore[arg-type]  # the fields' own types, by name


def a_closed(conid: int = MSFT, **changes: object) -> Closed:
    plain: dict[str, object] = {
        "conid": conid,
        "strategy": "morning",
        "opened": date(2024, 2, 28),
        "closed": date(2024, 3, 1),
        "minutes_ago": 4000,
        "net": Decimal(-20),
    }
    return Closed(**{**plain, **changes})  # type: ignore[arg-type]  # the fields' own types, by name


def a_what_if(**changes: object) -> WhatIf:
    plain: dict[str, object] = {
        "equity_after": Decimal(99_999),
        "initial_after": Decimal(855),
        "maintenance_after": Decimal(855),
        "commission": Decimal(1),
    }
    return WhatIf(**{**plain, **changes})  # type: ignore[arg-type]  # the fields' own types, by name
