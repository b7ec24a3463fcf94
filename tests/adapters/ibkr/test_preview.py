"""The broker's what-if (§5.3): formatted texts, and what is missing or "NA" is unknown (F-66)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from glassdesk.adapters.ibkr.preview import what_if_of

RECORDED: dict[str, Any] = {
    "amount": {"amount": "655 USD (1 Shares)", "commission": "1 USD", "total": "656 USD"},
    "equity": {"current": "1,006,413", "change": "-1", "after": "1,006,412"},
    "initial": {"current": "0", "change": "655", "after": "655"},
    "maintenance": {"current": "0", "change": "655", "after": "655.50"},
    "position": {"current": "0", "change": "1", "after": "1"},
    "warn": None,
    "error": None,
}


def test_the_recorded_answer_is_read() -> None:
    found = what_if_of(RECORDED)
    assert (found.equity_after, found.initial_after) == (Decimal(1_006_412), Decimal(655))
    assert (found.maintenance_after, found.commission) == (Decimal("655.5"), Decimal(1))
    assert (found.warning, found.error, found.problem) == ("", "", "")


def test_of_a_range_of_commissions_the_upper_end_counts() -> None:
    amount = RECORDED["amount"] | {"commission": "0.35 ... 1.05 USD"}
    assert what_if_of(RECORDED | {"amount": amount}).commission == Decimal("1.05")


@pytest.mark.parametrize("text", ["NA", "", None, "n/a USD", "1 2 3", "NaN USD"])
def test_F_66_a_figure_that_is_no_number_is_unknown(text: str | None) -> None:
    found = what_if_of(RECORDED | {"initial": {"after": text}, "amount": {"commission": text}})
    assert (found.initial_after, found.commission) == (None, None)


def test_F_66_without_its_blocks_everything_is_unknown_and_the_error_is_told() -> None:
    found = what_if_of({"error": "no market data", "warn": "21/You are trying"})
    assert (found.equity_after, found.initial_after, found.commission) == (None, None, None)
    assert (found.error, found.warning) == ("no market data", "21/You are trying")
