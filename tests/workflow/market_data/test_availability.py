"""Letters of field 6509 in a person's words, and when a quote may be decided on [F-29]."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from glassdesk.workflow.market_data.availability import Feed, availability, meaning
from glassdesk.workflow.market_data.model import Quote

AT = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)


def quote(letters: str, *, bid: str | None = "10", halted: bool = False) -> Quote:
    return Quote(
        conid=265598,
        bid=None if bid is None else Decimal(bid),
        ask=None if bid is None else Decimal(bid) + 1,
        last=Decimal(10),
        availability=letters,
        updated_at=AT,
        read_at=AT,
        halted=halted,
    )


@pytest.mark.parametrize(
    ("letters", "feed", "why", "remedy"),
    [
        ("RpB", Feed.REAL_TIME, "real time", ""),
        ("DPB", Feed.DELAYED, "no subscription for real time", "Market Data Subscriptions"),
        ("ZPB", Feed.FROZEN, "last values before the close", "in regular hours"),
        ("YPB", Feed.FROZEN_DELAYED, "frozen and delayed", "Market Data Subscriptions"),
        ("N", Feed.NONE, "not subscribed", "Market Data Subscriptions"),
        ("OPB", Feed.NONE, "API acknowledgement is missing", "API Acknowledgement"),
        ("XPB", Feed.NONE, "letters nobody has described", "nothing is traded"),
        ("", Feed.NONE, "no letters", "nothing is traded"),
    ],
)
def test_F_29_each_first_letter_has_a_feed_a_reason_and_a_remedy(
    letters: str, feed: Feed, why: str, remedy: str
) -> None:
    found = availability(quote(letters), is_open=True)
    assert found.feed is feed
    assert why in found.why
    assert remedy in found.remedy
    assert found.usable == (feed is Feed.REAL_TIME)


def test_the_other_letters_are_read_too() -> None:
    assert meaning("RpB") == "RpB: consolidated, top of book"
    assert meaning("DPB") == "DPB: snapshots, top of book"


def test_a_halt_a_closed_market_and_a_missing_price_are_told_apart() -> None:
    halted = availability(quote("RpB", bid=None, halted=True), is_open=True)
    closed = availability(quote("RpB"), is_open=False)
    unquoted = availability(quote("RpB", bid=None), is_open=True)
    asleep = availability(quote("RpB", bid=None), is_open=False)
    assert halted.halted
    assert "halted" in halted.why
    assert "market is closed" in closed.why
    assert "neither bid nor ask" in unquoted.why
    assert "market is closed" in asleep.why
    assert not any(one.usable for one in (halted, closed, unquoted, asleep))


def test_no_answer_is_no_feed() -> None:
    assert availability(None, is_open=True).feed is Feed.NONE
