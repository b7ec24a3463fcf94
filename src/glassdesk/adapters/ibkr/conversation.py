"""One write and its questions, from the first request to the outcome (`reliability.md` §2.5, `T-59`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from glassdesk.adapters.ibkr.calls import Answer, Request
from glassdesk.adapters.ibkr.gate import Delivery
from glassdesk.adapters.ibkr.outcomes import AdvancedReject, Shapes, failure_text, merged, shapes_of
from glassdesk.adapters.ibkr.parse import Unparsable
from glassdesk.adapters.ibkr.questions import Asked, Question, Reference, confirmed
from glassdesk.adapters.ibkr.rejections import is_duplicate, is_final, is_unprimed
from glassdesk.workflow.orders.model import Acknowledged, Outcome, OutcomeKind, Ticket

MOST_REPLIES = 5


class Line(Protocol):
    """What a conversation is held over: an exclusive chain."""

    @property
    def left(self) -> int:
        """Requests that may still be sent."""
        ...

    def send(self, request: Request) -> Delivery:
        """Send once."""
        ...


class Conversation:
    """Holds one exclusive chain; used once. `policy` says which questions are answered with yes."""

    def __init__(
        self,
        chain: Line,
        tickets: Sequence[Ticket],
        reference: Reference,
        policy: Callable[[Question, Asked], bool] = confirmed,
    ) -> None:
        self._chain = chain
        self._tickets = tickets
        self._reference = reference
        self._policy = policy
        self._acknowledged: tuple[Acknowledged, ...] = ()
        self._answered: list[str] = []
        self._open: dict[str, tuple[Question, Asked]] = {}
        self._replied: set[str] = set()

    def hold(self, request: Request) -> Outcome:
        """Send, answer what the policy allows, and classify. Every request is one attempt."""
        outcome = self._heard(self._chain.send(request), first=True)
        while outcome is None and self._open and not self._whole:
            question, asked = self._open.pop(next(iter(self._open)))
            if len(self._answered) >= MOST_REPLIES or not self._policy(question, asked):
                return self._declined(question)
            self._note(question, "yes")
            self._replied.add(question.question)
            outcome = self._heard(self._chain.send(_reply(question, yes=True)), first=False)
        return outcome or self._ended()

    def _heard(self, delivery: Delivery, *, first: bool) -> Outcome | None:
        """Take in one answer; an outcome where it ends the conversation."""
        if delivery.answer is None:
            untouched = first and not delivery.sent
            return self._outcome(OutcomeKind.NOT_SENT if untouched else OutcomeKind.UNKNOWN, delivery.failure)
        answer = delivery.answer
        if answer.status != 200:
            return self._refused(failure_text(answer), answer, first=first)
        try:
            shapes = shapes_of(answer, self._tickets)
        except Unparsable as failure:
            return self._outcome(OutcomeKind.UNKNOWN, str(failure), answer)
        return self._taken(shapes, answer, first=first)

    def _taken(self, shapes: Shapes, answer: Answer, *, first: bool) -> Outcome | None:
        self._acknowledged = merged(self._acknowledged, shapes.acknowledged)
        if shapes.error is not None:
            return self._refused(shapes.error, answer, first=first)
        if shapes.advanced is not None:
            return self._advanced(shapes.advanced)
        if shapes.failed:
            half = self._outcome(OutcomeKind.UNKNOWN, "; ".join(shapes.failed), answer)
            return replace(half, failed=shapes.failed_coids)
        again = next((one for one in shapes.questions if one.question in self._replied), None)
        if again is not None:
            # The same reply a second time would be a second attempt of the same write [§5.2].
            return self._outcome(OutcomeKind.UNKNOWN, f"asked again what was answered: {again.text}", answer)
        for place, question in enumerate(shapes.questions):
            asked = Asked(
                tickets=self._tickets,
                reference=self._reference,
                position=place,
                questions=shapes.elements,
            )
            # A question named again keeps the place it had when it came with the others.
            self._open.setdefault(question.question, (question, asked))
        return None

    @property
    def _whole(self) -> bool:
        return len(self._acknowledged) == len(self._tickets)

    def _refused(self, text: str, answer: Answer, *, first: bool) -> Outcome:
        if is_duplicate(text):
            return self._outcome(OutcomeKind.EXISTS, text, answer)
        if first and is_unprimed(text):
            return self._outcome(OutcomeKind.NOT_SENT, text, answer)
        final = answer.status == 200 and not self._acknowledged
        if final and is_final(text, bracket=len(self._tickets) > 1):
            return self._outcome(OutcomeKind.REJECTED, text, answer)
        return replace(self._outcome(OutcomeKind.UNKNOWN, text, answer), said_no=final)

    def _declined(self, question: Question) -> Outcome:
        """Say no to this and to what is still open; what lives afterwards the dealer looks up and cancels."""
        rest = [question, *(other for other, _ in self._open.values())]
        for one in rest[: max(1, self._chain.left)]:
            self._note(one, "no")
            self._chain.send(_reply(one, yes=False))
        return self._outcome(OutcomeKind.DECLINED, question.text)

    def _advanced(self, reject: AdvancedReject) -> Outcome:
        body = {"orderId": int(reject.order_id), "reqId": reject.request_id, "text": "No"}
        self._answered.append("p12:no")
        self._chain.send(Request(method="POST", path="/iserver/notification", body=body))
        return replace(self._outcome(OutcomeKind.UNKNOWN, reject.text), said_no=True)

    def _ended(self) -> Outcome:
        """All legs named: accepted. Fewer: what is missing may live all the same."""
        if self._whole:
            return self._outcome(OutcomeKind.ACCEPTED, "")
        text = f"{len(self._acknowledged)} of {len(self._tickets)} tickets acknowledged"
        return self._outcome(OutcomeKind.UNKNOWN, text)

    def _note(self, question: Question, said: str) -> None:
        self._answered.append(f"{'+'.join(question.message_ids) or 'no id'}:{said}")

    def _outcome(self, kind: OutcomeKind, text: str, answer: Answer | None = None) -> Outcome:
        return Outcome(
            kind=kind,
            acknowledged=self._acknowledged,
            text=text,
            http_status=answer.status if answer else None,
            questions=tuple(self._answered),
        )


def _reply(question: Question, *, yes: bool) -> Request:
    return Request(method="POST", path=f"/iserver/reply/{question.question}", body={"confirmed": yes})
