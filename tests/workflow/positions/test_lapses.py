"""Since when a position has no stop that protects all of it, from facts alone (T-33)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from glassdesk.workflow.order_tracking.model import Fact
from glassdesk.workflow.positions.lapses import Lapse, lapse

TEN = Decimal(10)
NOON = datetime(2024, 3, 5, 17, 0, tzinfo=UTC)


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


def said(minute: int, status: str = "Submitted", remaining: int = 10, kind: str = "list") -> Fact:
    left = Decimal(remaining)
    return Fact(
        order="s",
        kind=kind,
        status=status,
        filled=TEN - left,
        remaining=left,
        epoch=1,
        observed_at=at(minute),
    )


def of(*facts: Fact, again: datetime | None = None, bought: tuple[datetime, ...] = ()) -> Lapse:
    return lapse({"s": facts}, {"s": again}, bought, TEN)


def test_T_33_it_is_bare_from_the_first_word_after_it_was_last_seen_well() -> None:
    over = (said(0), said(5, "Cancelled"), said(9, "Cancelled"))
    assert of(*over) == Lapse(well_at=at(0), bare_at=at(5))
    assert of(*over[::-1]) == Lapse(well_at=at(0), bare_at=at(5))
    assert of(said(0), said(3, remaining=4)) == Lapse(well_at=at(0), bare_at=at(3))
    assert of(said(0, "PendingSubmit"), said(1, kind="negative")) == Lapse(well_at=None, bare_at=at(0))


def test_T_33_what_was_shown_again_counts_only_where_the_newest_word_is_that_it_lives() -> None:
    assert of(said(0, "Cancelled"), said(1), again=at(8)) == Lapse(well_at=at(8), bare_at=None)
    assert of(said(0), said(1, "Cancelled"), again=at(8)) == Lapse(well_at=at(0), bare_at=at(1))


def test_T_33_a_later_purchase_begins_anew_and_without_any_fact_nothing_is_known() -> None:
    assert of(said(0), said(5, "Cancelled"), bought=(at(7),)) == Lapse(well_at=at(7), bare_at=None)
    assert lapse({}, {}, (), TEN) == Lapse(well_at=None, bare_at=None)
