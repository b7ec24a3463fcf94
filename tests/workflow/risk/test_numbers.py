"""Every number that enters a rule may be NaN, infinite, missing, negative or absurd: it denies an entry and
never blocks an exit (`T-40`)."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import pytest

from glassdesk.workflow.risk.model import (
    Closed,
    Exposure,
    Gates,
    Holding,
    Limits,
    Proposal,
    Verdict,
    WhatIf,
    Working,
)
from glassdesk.workflow.risk.rules import RULES, assess
from glassdesk.workflow.risk.sizing import size
from tests.workflow.risk.makers import (
    AAPL,
    MSFT,
    a_buy,
    a_closed,
    a_holding,
    a_sell,
    a_what_if,
    a_working,
    an_exposure,
    an_opened,
    at_send,
    gates,
)

BAD = {
    "NaN": Decimal("NaN"),
    "signalling": Decimal("sNaN"),
    "infinite": Decimal("Infinity"),
    "minus infinite": Decimal("-Infinity"),
    "missing": None,
    "negative": Decimal(-1),
    "huge": Decimal(10) ** 30,
}

NUMBERS: dict[str, tuple[str, ...]] = {
    "PRICE_DRIFT": (
        "proposal.reference",
        "proposal.atr",
        "proposal.decision_close",
        "limits.max_drift_atr",
    ),
    "CLOCK_SKEW": ("gates.clock_skew",),
    "SCOPE": ("proposal.quantity",),
    "MAX_POSITION": ("proposal.limit", "exposure.desk_capital", "working.price", "limits.max_position"),
    "MAX_ORDER": ("proposal.limit", "exposure.desk_capital", "limits.max_order"),
    "MAX_ORDER_VALUE": ("proposal.limit", "limits.max_order_value"),
    "MAX_ORDER_QTY": ("limits.max_order_quantity",),
    "MAX_POSITIONS": ("limits.max_positions",),
    "OPEN_RISK": (
        "proposal.limit",
        "exposure.desk_capital",
        "holding.mark",
        "holding.quantity",
        "working.price",
        "working.remaining",
        "limits.max_open_risk",
    ),
    "GAP_BUDGET": (
        "proposal.limit",
        "exposure.desk_capital",
        "holding.mark",
        "holding.quantity",
        "working.price",
        "working.remaining",
        "limits.max_gap_loss",
        "limits.gap",
    ),
    "MAX_EXPOSURE": (
        "proposal.limit",
        "exposure.desk_capital",
        "holding.mark",
        "holding.quantity",
        "working.price",
        "working.remaining",
        "limits.max_exposure",
    ),
    "RISK_PER_TRADE": ("proposal.limit", "exposure.desk_capital", "limits.risk_per_trade"),
    "COMMISSION": ("proposal.limit", "limits.max_commission"),
    "PRICE_COLLAR": ("proposal.limit", "proposal.reference", "limits.price_collar"),
    "STOP_PRESENT": ("proposal.limit", "proposal.stop"),
    "BUYING_POWER": ("proposal.limit", "exposure.cash", "exposure.settled_cash", "working.price"),
    "SPREAD_TOO_WIDE": ("proposal.bid", "proposal.reference", "limits.max_spread"),
    "VOLUME_SHARE": ("proposal.average_volume", "limits.max_volume_share"),
    "MAX_DAILY_LOSS": ("exposure.day_pnl", "exposure.desk_capital", "limits.max_daily_loss"),
    "MAX_DRAWDOWN": ("exposure.peak", "exposure.equity", "limits.max_drawdown"),
    "ORDERS_PER_DAY": ("exposure.opened", "limits.max_orders_per_day"),
    "MAX_TRADES_PER_DAY": ("exposure.opened", "limits.max_account_orders"),
    "MAX_SYMBOL_TRADES_PER_DAY": ("exposure.opened", "limits.max_symbol_orders"),
    "RATE_LIMIT": ("exposure.opened", "limits.max_orders_per_minute"),
    "DUPLICATE_SIGNAL": ("exposure.opened",),
    "COOLDOWN": ("exposure.closed", "limits.cooldown_bars"),
    "LOSS_STREAK": ("exposure.closed", "closed.net", "limits.max_losses"),
    "WHAT_IF": (
        "gates.what_if",
        "what_if.initial_after",
        "what_if.equity_after",
        "what_if.commission",
        "limits.max_margin",
    ),
    "DAY_TRADES": ("exposure.closed", "closed.net", "limits.max_day_trades"),
    "STALE_DATA": ("gates.expected_last",),
    "STALE_BOOKS": ("exposure.books_of", "gates.expected_last"),
}
"""Rule → the numbers it reads."""

ONLY_MISSING = (
    "exposure.opened",
    "exposure.closed",
    "gates.what_if",
    "gates.expected_last",
    "exposure.books_of",
)
"""Lists and dates: they can be missing, and no other kind of wrong."""
SIGNED = ("exposure.day_pnl", "closed.net", "gates.clock_skew")
NEVER_MISSING = ("holding.quantity", "working.remaining", "proposal.quantity", "closed.net")
WITHOUT_NUMBERS = {
    "KILL_SWITCH",
    "PAPER_PROOF",
    "ACCOUNT",
    "LIVE_LOCKED",
    "LIVE_FIRST_ORDERS",
    "SESSION_READY",
    "MARKET_OPEN",
    "DATA_QUALITY",
    "NO_SHORT",
    "ONE_WORKING_DECISION",
    "UNKNOWN_ORDER",
    "PYRAMIDING",
    "OWNERSHIP",
    "NO_ENTRY_DATE",
    "BROKER_CANCEL",
    "LATE_ARRIVAL",
    "WORKING_ORDERS",
    "OPEN_BREAK",
    "QUOTE",
    "UNKNOWN_OUTSTANDING",
}
"""These compare words, or count rows of ours; what an exit may sell is judged below."""


PAIRS = [(rule, path) for rule, paths in NUMBERS.items() for path in paths]


def wrong(path: str) -> list[str]:
    """What can be wrong with this number."""
    return [bad for bad in BAD if _is_wrong(path, bad)]


def _is_wrong(path: str, bad: str) -> bool:
    if path in ONLY_MISSING:
        return bad == "missing"
    if path in SIGNED and bad == "negative":
        return False
    return bad != "missing" or not (path in NEVER_MISSING or path.startswith("limits."))


Value = TypeVar("Value", Proposal, Exposure, Gates, Limits, Holding, Working, Closed, WhatIf)
Told = tuple[Proposal, Exposure, Gates, Limits]


def told(proposal: Proposal, path: str, bad: Decimal | None) -> Told:
    """Sound values around a proposal, with one number bent."""
    where, _, name = path.partition(".")

    def bent(of: str, value: Value) -> Value:
        return replace(value, **{name: bad}) if where == of else value  # type: ignore[arg-type]  # by name

    holding = bent("holding", a_holding(MSFT))
    # The contract's own working purchase, where the limit of one position is asked about.
    working = bent("working", a_working(AAPL, strategy="evening", run="run-2"))
    sells = proposal.side == "SELL"
    exposure = an_exposure(
        holdings=(holding, a_holding(AAPL, strategy="morning")) if sells else (holding,),
        working=() if sells else (working,),
        opened=(an_opened(),),
        closed=(bent("closed", a_closed()),),
        cash_account=True,
        settled_cash=Decimal(100_000),
    )
    around = gates(
        asks_clock=True, clock_skew=Decimal(-1), asks_what_if=True, what_if=bent("what_if", a_what_if())
    )
    return (
        bent("proposal", proposal),
        bent("exposure", exposure),
        bent("gates", around),
        bent("limits", Limits(max_day_trades=4)),
    )


def verdict_of(rule: str, values: Told) -> Verdict:
    return next(one for one in assess(*values).verdicts if one.rule == rule)


def entry_of(rule: str) -> Proposal:
    sent = ("PRICE_DRIFT", "CLOCK_SKEW", "SPREAD_TOO_WIDE", "RATE_LIMIT", "WHAT_IF")
    return at_send() if rule in sent else a_buy()


NUMERIC: dict[type[Any], Any] = {
    Limits: Limits(),
    Proposal: at_send(),
    Exposure: an_exposure(settled_cash=Decimal(1)),
    WhatIf: a_what_if(),
    Closed: a_closed(),
    Holding: a_holding(),
    Working: a_working(),
}
EXPLAINED = {
    "proposal.target": "no rule reads it; the signal's own checks do",
    "proposal.tick": "prices are on its grid before any rule is asked",
    "proposal.share": "sizing reads it, and what is no part of one is the smallest (test_sizing)",
    "what_if.maintenance_after": "shown; the initial margin is the larger",
    "holding.average_price": "shown; rules look at the mark",
    "holding.stop": "without one all of it is at risk",
    "working.stop": "without one all of it is at risk",
}
"""Amounts that enter no rule by themselves, each with the reason."""


def amounts() -> set[str]:
    """Every amount of the values that rules are asked with."""
    return {
        f"{kind.__name__.lower().replace('whatif', 'what_if')}.{one.name}"
        for kind, value in NUMERIC.items()
        for one in fields(value)
        if isinstance(getattr(value, one.name), Decimal) or kind is Limits
    }


def test_every_amount_that_a_rule_may_read_is_bent_in_some_rule_or_its_absence_has_a_reason() -> None:
    bent = {path for paths in NUMBERS.values() for path in paths}
    assert amounts() - bent == EXPLAINED.keys()


def test_every_rule_is_in_one_of_the_two_lists() -> None:
    assert NUMBERS.keys() | WITHOUT_NUMBERS == {rule.name for rule in RULES}
    assert not NUMBERS.keys() & WITHOUT_NUMBERS


@pytest.mark.parametrize("rule", NUMBERS)
def test_with_sound_numbers_the_rule_passes(rule: str) -> None:
    assert verdict_of(rule, told(entry_of(rule), "nothing.", None)).passed


@pytest.mark.parametrize(("rule", "path"), PAIRS)
def test_T_40_a_bad_number_denies_an_entry(rule: str, path: str) -> None:
    for bad in wrong(path):
        found = verdict_of(rule, told(entry_of(rule), path, BAD[bad]))
        assert (found.passed, found.denies) == (False, True), bad


OF_AN_EXIT = sorted({path for _, path in PAIRS} - {"proposal.quantity"})


@pytest.mark.parametrize("path", OF_AN_EXIT)
@pytest.mark.parametrize("moment", ["reserve", "send"])
def test_T_40_a_bad_number_never_blocks_an_exit(path: str, moment: str) -> None:
    for bad in wrong(path):
        values = told(a_sell(moment=moment, by_person=moment == "send"), path, BAD[bad])
        assert assess(*values).denials == (), bad


@pytest.mark.parametrize("bad", [value for value in BAD.values() if value is not None])
def test_T_36_shares_that_are_no_number_are_never_sold(bad: Decimal) -> None:
    sold = assess(a_sell(quantity=bad), an_exposure(holdings=(a_holding(),)), gates(), Limits())
    assert {one.rule for one in sold.denials} <= {"SCOPE", "NO_SHORT"}
    assert sold.denials
    held = assess(a_sell(), an_exposure(holdings=(replace(a_holding(), quantity=bad),)), gates(), Limits())
    assert [one.rule for one in held.denials] == ["NO_SHORT"]
    other = a_working(side="SELL", role="exit", remaining=bad)
    twice = assess(a_sell(), an_exposure(holdings=(a_holding(),), working=(other,)), gates(), Limits())
    assert [one.rule for one in twice.denials] == ["NO_SHORT"]


@pytest.mark.parametrize("path", OF_AN_EXIT)
def test_no_order_comes_of_sizing_with_a_bad_number(path: str) -> None:
    for bad in wrong(path):
        proposal, exposure, around, limits = told(a_buy(), path, BAD[bad])
        sized = replace(proposal, quantity=size(proposal, exposure, limits).quantity)
        of_the_send = path in AT_THE_SEND or path.startswith("what_if.")
        assert of_the_send or not assess(sized, exposure, around, limits).allowed, bad


AT_THE_SEND = (
    "proposal.reference",
    "proposal.atr",
    "proposal.bid",
    "proposal.decision_close",
    "gates.what_if",
    "gates.clock_skew",
    "limits.max_drift_atr",
    "limits.max_spread",
    "limits.max_margin",
    "limits.max_orders_per_minute",
)


def test_a_stale_number_denies_by_the_rule_of_its_age() -> None:
    old = date(2024, 3, 1)
    quote = verdict_of("QUOTE", (at_send(), an_exposure(), gates(quote_problem="130 s old"), Limits()))
    books = verdict_of("STALE_BOOKS", (a_buy(), an_exposure(books_of=old), gates(), Limits()))
    bars = verdict_of("STALE_DATA", (a_buy(), an_exposure(), gates(last_bar=old), Limits()))
    for found in (quote, books, bars):
        assert (found.passed, found.denies) == (False, True)
    stale = (an_exposure(books_of=old, holdings=(a_holding(),)), gates(last_bar=old, quote_problem="old"))
    assert assess(a_sell(moment="send"), *stale, Limits()).allowed
