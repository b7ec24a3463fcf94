"""Which of the broker's questions are answered with yes (`T-59`).

Message id × role of the leg × what the numbers say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.orders.model import OrderType, Role, Side, Ticket

STOP_RISK = frozenset({"o10331", "o10152"})
"""A stop may fill far from its trigger: known, and wanted for our stop leg."""
PRICE_PERCENT = frozenset({"o163"})
"""A limit far from the market: right for a target that waits, wrong for everything else."""

GUARDS_MONEY = frozenset({"o163", "o354", "o382", "o383", "o403", "o451"})
"""Price, missing data, tick size, size, immediate trigger, value: never suppressed [§5.2]."""
MOST_SUPPRESSED = 51
_MESSAGE_ID = re.compile(r"[op]\d{1,6}")

_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")

Reference = Callable[[int], Decimal | None]
"""The ask of a contract where one was read within the last minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One element of a question answer; it may carry several messages, and is confirmed as a whole."""

    question: str
    message_ids: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The tickets of the call, what we know of the market, and how many questions came in the same answer."""

    tickets: Sequence[Ticket]
    reference: Reference
    position: int
    questions: int


def suppressible(message_ids: Iterable[str]) -> tuple[str, ...]:
    """Ids that may be suppressed, once each, in order. Raises `InvalidInput` naming the one that may not."""
    wanted = tuple(sorted({message_id.strip() for message_id in message_ids if message_id.strip()}))
    for message_id in wanted:
        if not _MESSAGE_ID.fullmatch(message_id):
            raise _refused(f"{message_id!r} is no id of a question", "ids look like o10331")
        if message_id in GUARDS_MONEY:
            raise _refused(f"{message_id} protects money and is never suppressed", "leave it out")
    if len(wanted) > MOST_SUPPRESSED:
        raise _refused(f"{len(wanted)} questions are too many", f"at most {MOST_SUPPRESSED}")
    return wanted


def _refused(problem: str, remedy: str) -> InvalidInput:
    return InvalidInput(problem, where="suppressed_questions", remedy=remedy)


def confirmed(question: Question, asked: Asked) -> bool:
    """True where every message of the question may be answered with yes.

    An unknown or missing id is declined [F-47].
    """
    return bool(question.message_ids) and all(_allowed(one, question, asked) for one in question.message_ids)


def _allowed(message_id: str, question: Question, asked: Asked) -> bool:
    if message_id in STOP_RISK:
        return _asks_about_our_stop(question, asked)
    if message_id in PRICE_PERCENT:
        leg = _leg(question, asked)
        return leg is not None and _passive(leg, asked)
    return False


def _asks_about_our_stop(question: Question, asked: Asked) -> bool:
    """Stop risk is asked about stop orders only, so a bracket with one of them needs no further proof."""
    stops = [ticket for ticket in asked.tickets if ticket.order_type is OrderType.STOP]
    return len(stops) == 1 and stops[0].role is Role.STOP and _sells_below_the_market(stops[0], asked)


def _sells_below_the_market(stop: Ticket, asked: Asked) -> bool:
    above = _market_price(stop, asked)
    return stop.side is Side.SELL and stop.price is not None and (above is None or stop.price < above)


def _passive(leg: Ticket, asked: Asked) -> bool:
    """A target that sells above the market.

    Without a market price it is not known to wait, so the answer is no.
    """
    market = _market_price(leg, asked)
    waits = leg.price is not None and market is not None and leg.price > market
    return leg.role is Role.TARGET and leg.side is Side.SELL and leg.order_type is OrderType.LIMIT and waits


def _market_price(leg: Ticket, asked: Asked) -> Decimal | None:
    """The last ask, else the limit of the entry that goes with the leg (`T-21`.

    At most the ask and 0.1 %).
    """
    entries = [one.price for one in asked.tickets if one.role is Role.ENTRY and one.side is Side.BUY]
    return asked.reference(leg.conid) or (entries[0] if entries else None)


def _leg(question: Question, asked: Asked) -> Ticket | None:
    """The one ticket a question is about: by count, by place, else by price or side and type in its text."""
    if len(asked.tickets) == 1:
        return asked.tickets[0]
    if asked.questions == len(asked.tickets):
        return asked.tickets[asked.position]
    by_price = [one for one in asked.tickets if one.price in _numbers(question.text)]
    by_words = [
        one for one in asked.tickets if {one.side.value, one.order_type.value} <= _words(question.text)
    ]
    for fitting in (by_price, by_words):
        if len(fitting) == 1:
            return fitting[0]
    return None


def _numbers(text: str) -> set[Decimal]:
    return {Decimal(number.replace(",", "")) for number in _NUMBER.findall(text)}


def _words(text: str) -> set[str]:
    return set(re.findall(r"[A-Z]+", text))
