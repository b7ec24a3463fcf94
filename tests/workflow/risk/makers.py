"""Whole values for the rules, to be bent one number at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.risk.model import Exposure, Gates, HaltLevel, Holding, Proposal, Purpose, Working

NOW = datetime(2024, 3, 5, 14, 35, tzinfo=UTC)
AAPL, MSFT = 265598, 272093


def an_exposure(
    *,
    capital: Decimal | None = Decimal(100_000),
    cash: Decimal | None = Decimal(100_000),
    holdings: tuple[Holding, ...] = (),
    working: tuple[Working, ...] = (),
    orders_today: int = 0,
    broken: frozenset[int] = frozenset(),
    withheld: frozenset[int] = frozenset(),
) -> Exposure:
    return Exposure(
        account="DU1234567",
        as_of=NOW,
        desk_capital=capital,
        cash=cash,
        equity=capital,
        holdings=holdings,
        working=working,
        orders_today=orders_today,
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
