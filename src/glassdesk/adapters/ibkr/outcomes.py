"""The union of answer shapes to an order, a modification or a reply [§5.1 a–e, F-49], told apart by their
keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from glassdesk.adapters.ibkr.answers import error_text
from glassdesk.adapters.ibkr.calls import Answer
from glassdesk.adapters.ibkr.parse import Fields, Unparsable, load
from glassdesk.adapters.ibkr.questions import Question
from glassdesk.workflow.orders.model import Acknowledged, Ticket

_REPLY_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvancedReject:
    """Shape (d): a reject that asks whether to go on [F-51]."""

    order_id: str
    request_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """What one 200 answer says; several kinds may come in one array."""

    acknowledged: tuple[Acknowledged, ...] = ()
    questions: tuple[Question, ...] = ()
    advanced: AdvancedReject | None = None
    error: str | None = None
    failed: tuple[str, ...] = ()
    """Texts of tickets that failed while others may live [F-52]."""
    failed_coids: tuple[str, ...] = ()
    """Which tickets these were, where the answer has one element per ticket."""
    elements: int = 0

    @property
    def says_something(self) -> bool:
        return bool(self.acknowledged or self.questions or self.advanced or self.error or self.failed)


def shapes_of(answer: Answer, tickets: Sequence[Ticket]) -> Shapes:
    """Read a 200 answer. Raises `Unparsable` when an element fits no known shape."""
    value = load(answer.body)
    elements = [Fields(raw, "order answer") for raw in (value if isinstance(value, list) else [value])]
    asked = [one for one in elements if one.has("id") and one.has("message")]
    advanced = [one for one in elements if one.stated("prompt") is True]
    orders = [one for one in elements if one.has("order_id") or one.has("local_order_id")]
    errors = [one for one in elements if one.stated("error") is not None and not _asks(one)]
    if len(asked) + len(advanced) + len(orders) + len(errors) != len(elements) or not elements:
        raise Unparsable(f"order answer of no known shape: {answer.text}")
    living, failed = _told_apart(orders)
    return Shapes(
        acknowledged=_acknowledged(living, elements, tickets),
        questions=tuple(_question(one) for one in asked),
        advanced=_advanced(advanced[0]) if advanced else None,
        error=errors[0].text("error") if errors else None,
        failed=tuple(one.text_or_none("text") or "ticket failed" for one in failed),
        failed_coids=_failed_coids(failed, elements, tickets),
        elements=len(elements),
    )


def _asks(one: Fields) -> bool:
    """With a question beside it an error is no plain refusal."""
    return one.has("prompt") or one.has("message")


def failure_text(answer: Answer) -> str:
    """The broker's words for an answer that is no acceptance."""
    return error_text(answer) or answer.text or f"HTTP {answer.status} with an empty body"


def merged(known: Iterable[Acknowledged], new: Iterable[Acknowledged]) -> tuple[Acknowledged, ...]:
    """Each broker order once, with its cOID as soon as one answer names it."""
    by_id = {one.broker_order_id: one for one in known}
    for one in new:
        before = by_id.get(one.broker_order_id)
        keeps = before is not None and one.coid is None
        coid = before.coid if keeps and before is not None else one.coid
        by_id[one.broker_order_id] = Acknowledged(
            coid=coid, broker_order_id=one.broker_order_id, status=one.status
        )
    return tuple(by_id.values())


def _told_apart(orders: Sequence[Fields]) -> tuple[list[Fields], list[Fields]]:
    failed = [one for one in orders if _is_failed(one)]
    return [one for one in orders if not _is_failed(one)], failed


def _is_failed(order: Fields) -> bool:
    identity = order.text_or_none("order_id") or "-1"
    return identity in ("-1", "0") or order.text_or_none("order_status") == "Failed"


def _acknowledged(
    living: Sequence[Fields], elements: Sequence[Fields], tickets: Sequence[Ticket]
) -> tuple[Acknowledged, ...]:
    """By `local_order_id` where it is one of our ids, else by place where there is one element per ticket."""
    ours = {ticket.coid for ticket in tickets}
    placed = len(elements) == len(tickets)
    found = []
    for one in living:
        local = one.text_or_none("local_order_id")
        by_place = tickets[elements.index(one)].coid if placed else None
        coid = local if local in ours else by_place
        status = one.text_or_none("order_status") or ""
        found.append(Acknowledged(coid=coid, broker_order_id=one.text("order_id"), status=status))
    return tuple(found)


def _failed_coids(
    failed: Sequence[Fields], elements: Sequence[Fields], tickets: Sequence[Ticket]
) -> tuple[str, ...]:
    if len(elements) != len(tickets):
        return ()
    return tuple(tickets[elements.index(one)].coid for one in failed)


def _question(raw: Fields) -> Question:
    ids: list[Any] = raw.rows("messageIds") if raw.stated("messageIds") is not None else []
    message = raw.stated("message")
    lines = message if isinstance(message, list) else [message]
    identity = raw.text("id")
    if not _REPLY_ID.fullmatch(identity):
        raise Unparsable("a question's id is no part of a path")
    return Question(
        question=identity,
        message_ids=tuple(str(one) for one in ids),
        text=" ".join(str(line) for line in lines if line is not None),
    )


def _advanced(raw: Fields) -> AdvancedReject:
    return AdvancedReject(
        order_id=str(raw.integer("orderId")),
        request_id=raw.text_or_none("reqId") or "",
        text=raw.text_or_none("text") or "",
    )
