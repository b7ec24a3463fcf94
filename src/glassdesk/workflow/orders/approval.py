"""Approval is a state of the intent: a person lets it join the queue, or ends it (`design.md` §2)."""

from __future__ import annotations

from datetime import datetime

from glassdesk.kernel.errors import Conflict
from glassdesk.workflow.orders.model import Intent, IntentState


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


def _require_waiting(state: IntentState) -> None:
    if state is not IntentState.AWAITING_APPROVAL:
        raise Conflict(
            f"the intent is {state.value}", where="approval", remedy="it no longer waits for a person"
        )
