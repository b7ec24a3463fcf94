"""Approval is a state of the intent: a person lets it join the queue, or ends it (`design.md` §2). It is for
one exact order, once, and the send is held against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from glassdesk.kernel.errors import Conflict
from glassdesk.workflow.orders.bracket import payload_digest
from glassdesk.workflow.orders.model import Approval, Intent, IntentState, Order, Ticket


def payload(intents: Sequence[Intent], orders: Mapping[str, Order]) -> str:
    """Digest of the tickets of all legs as they were reserved, main leg first: what a person says yes
    to."""
    legs = sorted(intents, key=lambda leg: leg.leg)
    return payload_digest([_reserved(leg, orders[leg.intent].ticket) for leg in legs if leg.intent in orders])


def _reserved(intent: Intent, ticket: Ticket) -> Ticket:
    """The ticket of the intent, which never changes; the row's may have been priced for a send since."""
    return replace(
        ticket, price=intent.price, quantity=intent.quantity, order_type=intent.order_type, tif=intent.tif
    )


def unfit(approval: Approval, intents: Sequence[Intent], legs: Sequence[Order]) -> str:
    """Why the legs about to be sent are not what was approved; empty where they are. The entry may be
    cheaper: it is priced at the ask (`T-21`)."""
    if approval.payload_sha256 != payload(intents, {leg.intent: leg for leg in legs}):
        return "another order was approved"
    wanted = {intent.intent: intent for intent in intents}
    for leg in legs:
        reserved = _reserved(wanted[leg.intent], leg.ticket)
        cheaper = leg.parent is None and _cheaper(leg.ticket, reserved)
        if leg.ticket != reserved and not cheaper:
            return f"the {leg.role.value} is not the one that was approved"
    return ""


def _cheaper(ticket: Ticket, reserved: Ticket) -> bool:
    if ticket.price is None or reserved.price is None or ticket.price > reserved.price:
        return False
    return replace(ticket, price=reserved.price) == reserved


def approved(intent: Intent, state: IntentState, *, now: datetime) -> IntentState:
    """State after a person's yes. Raises `Conflict` when it does not wait for one, or came too late."""
    _require_waiting(state)
    if now >= intent.window_closes:
        raise Conflict(
            "the entry window is over", where="approval", remedy="the next decision makes a new one"
        )
    return IntentState.QUEUED


def declined(state: IntentState) -> IntentState:
    """State after a person's no. Raises `Conflict` when it does not wait for one."""
    _require_waiting(state)
    return IntentState.CANCELLED


def require_same(shown: str, now: str) -> None:
    """What a page showed is what a person answers to. Raises `Conflict`."""
    if shown != now:
        raise Conflict(
            "this is not the order that the page showed", where="approval", remedy="reload it and look again"
        )


def _require_waiting(state: IntentState) -> None:
    if state is not IntentState.AWAITING_APPROVAL:
        raise Conflict(
            f"the intent is {state.value}", where="approval", remedy="it no longer waits for a person"
        )
