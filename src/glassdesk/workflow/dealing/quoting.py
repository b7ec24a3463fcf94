"""When a quote is a number (`T-06`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from glassdesk.workflow.market_data.model import Quote

POLL_AGE = timedelta(seconds=10)
QUOTE_AGE = timedelta(seconds=120)
"""An older quote is no number (`T-06`)."""
LATE = timedelta(minutes=20) + QUOTE_AGE
"""A delayed quote is 15 to 20 minutes old by its nature [§4.2]."""
CANARY_AGE = timedelta(seconds=30)
"""A liquid contract whose quote is older says that the feed has stopped."""


def quote_problem(quote: Quote | None, now: datetime, *, delayed: bool) -> str:
    """Why it is no number, empty where it is one: frozen ones and those of unknown age are none either
    (F-29, F-30)."""
    if quote is None:
        return "no quote"
    if not (quote.real_time or (delayed and quote.delayed)):
        return f"not in real time ({quote.availability or 'unknown'})"
    if quote.updated_at is None:
        return "of unknown age"
    age, most = now - quote.updated_at, LATE if quote.delayed else QUOTE_AGE
    if age > most:
        return f"{_seconds(age)} old, the limit is {_seconds(most)}"
    if now - quote.read_at > POLL_AGE:
        return f"read {_seconds(now - quote.read_at)} ago, the limit is {_seconds(POLL_AGE)}"
    return ""


def entry_problem(
    quote: Quote | None, now: datetime, canary: int | None, read: Mapping[int, Quote], *, delayed: bool
) -> str:
    """As above; an entry also needs both sides, and a feed that is alive."""
    problem = quote_problem(quote, now, delayed=delayed)
    if problem or quote is None:
        return problem
    if quote.halted:
        return "trading is halted"
    if not quote.bid or not quote.ask:
        return "no ask" if quote.bid else "no bid"
    return "" if quote.delayed else canary_problem(canary, read, now)


def canary_problem(canary: int | None, read: Mapping[int, Quote], now: datetime) -> str:
    """Why the feed is not known to be alive, empty where it is or where nothing is asked."""
    if canary is None:
        return ""
    quote = read.get(canary)
    if quote is None or quote.updated_at is None:
        return "the feed's canary has no quote"
    if not quote.real_time:
        return f"the feed's canary is not in real time ({quote.availability or 'unknown'})"
    age = now - quote.updated_at
    if age <= CANARY_AGE:
        return ""
    return f"the feed's canary is {_seconds(age)} old, the limit is {_seconds(CANARY_AGE)}"


def usable(quote: Quote | None, now: datetime, *, delayed: bool) -> Quote | None:
    """The quote where it is fresh and in real time, or `delayed` where that may be."""
    return None if quote_problem(quote, now, delayed=delayed) else quote


def _seconds(age: timedelta) -> str:
    return f"{int(age.total_seconds())} s"
