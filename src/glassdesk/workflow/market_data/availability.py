"""What the broker's availability letters mean: real time or not, why, and what to do about it [F-29]."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from glassdesk.workflow.market_data.model import Quote


class Feed(StrEnum):
    """How the quotes of a contract arrive; only `REAL_TIME` is traded on unless a strategy allows delayed."""

    REAL_TIME = "real_time"
    DELAYED = "delayed"
    """15 to 20 minutes late."""
    FROZEN = "frozen"
    """The last values before the close, recorded in real time."""
    FROZEN_DELAYED = "frozen_delayed"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """One contract's feed. `usable` means that a decision may be made on it now."""

    feed: Feed
    why: str
    remedy: str = ""
    halted: bool = False
    usable: bool = False


SUBSCRIBE = (
    "subscribe at IBKR: Client Portal, Settings, Market Data Subscriptions (US stocks: Network A, B and C);"
    " a paper account shares those of its live login once that is switched on there. Or, on paper only, set"
    " GLASSDESK_DELAYED_QUOTES=allow"
)
ACKNOWLEDGE = (
    "sign the Market Data API Acknowledgement at IBKR: Client Portal, Settings, Market Data Subscriptions;"
    " it counts from the next sign-in on"
)
OPEN_ONLY = "ask again in regular hours, 09:30 to 16:00 in New York"

_LETTERS = {
    "R": (Feed.REAL_TIME, "real time", ""),
    "D": (Feed.DELAYED, "15 to 20 minutes late: no subscription for real time", SUBSCRIBE),
    "Z": (Feed.FROZEN, "frozen: the last values before the close", OPEN_ONLY),
    "Y": (Feed.FROZEN_DELAYED, "frozen and delayed: the market is closed, and no subscription", SUBSCRIBE),
    "N": (Feed.NONE, "not subscribed", SUBSCRIBE),
    "O": (Feed.NONE, "the API acknowledgement is missing", ACKNOWLEDGE),
}
_STRUCTURES = {"P": "snapshots", "p": "consolidated"}
_TYPES = {"B": "top of book"}


def availability(quote: Quote | None, *, is_open: bool) -> Availability:
    """The feed of a contract from its quote; `None` = the broker gave no field at all [F-27]."""
    if quote is None:
        why = "the broker sent no field within ten seconds"
        return Availability(feed=Feed.NONE, why=why, remedy="" if is_open else OPEN_ONLY)
    feed, why, remedy = _LETTERS.get(
        quote.availability[:1],
        (Feed.NONE, "letters nobody has described", "tell us these letters; nothing is traded on them"),
    )
    said = f"{why} ({meaning(quote.availability)})"
    if feed is not Feed.REAL_TIME:
        return Availability(feed=feed, why=said, remedy=remedy)
    if quote.halted:
        return Availability(feed=feed, why=f"{said}; trading is halted", remedy=_HALT, halted=True)
    if quote.mid is None:
        return Availability(feed=feed, why=f"{said}; {_without_prices(is_open)}", remedy=_later(is_open))
    return Availability(feed=feed, why=said if is_open else f"{said}; the market is closed", usable=is_open)


def meaning(letters: str) -> str:
    """`RpB: consolidated, top of book`: what follows the first letter, where it has a description."""
    rest = [_STRUCTURES.get(letters[1:2], ""), _TYPES.get(letters[2:3], "")]
    told = ", ".join(word for word in rest if word)
    return f"{letters}: {told}" if told else letters or "no letters"


_HALT = "wait until it trades again; no entry is made while it is halted"


def _without_prices(is_open: bool) -> str:
    return (
        "neither bid nor ask while the market is open" if is_open else "no bid and ask: the market is closed"
    )


def _later(is_open: bool) -> str:
    return "ask again; a contract that nobody quotes is not traded" if is_open else OPEN_ONLY
