"""Nouns of the dealing step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from glassdesk.workflow.orders.model import OrderState

BY_PERSON = "cancelled by "
"""How the note of an order begins that a person had cancelled."""
CHANGED_BY = "changed by "
"""How the note of an order begins that a person had changed."""


class CommandKind(StrEnum):
    """What the outside may want of the dealer; a row, read at its next turn, never a call."""

    CANCEL_ORDER = "cancel_order"
    CANCEL_INTENT = "cancel_intent"
    SESSION_LOGIN = "session_login"
    SESSION_LOGOUT = "session_logout"
    RESOLVE_ORDER = "resolve_order"
    """`argument` is a `Resolution` as canonical JSON (`T-75`)."""
    MODIFY_ORDER = "modify_order"
    """`argument` is a `Modification` as canonical JSON."""
    EXIT_POSITION = "exit_position"
    RELEASE_POSITION = "release_position"
    ADOPT_POSITION = "adopt_position"
    """`argument` is a symbol or conid, or `SYMBOL@strategy`."""
    ADOPT_SPLIT = "adopt_split"
    ACKNOWLEDGE_BREAK = "acknowledge_break"
    """`argument` is a symbol or conid, a space and the reason."""
    PROTECT_POSITION = "protect_position"
    """`argument` is a symbol or conid, or `SYMBOL@price`."""
    APPLY_EXITS = "apply_exits"
    """`argument` is a symbol or conid, a space and the reason."""
    RECONCILE = "reconcile"
    PROBE = "probe"
    """`argument` is the plan as canonical JSON (`T-60`)."""
    PROBE_STOP = "probe_stop"
    PROBE_CLEAN_UP = "probe_clean_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One wish of a person. `result` is filled by the dealer."""

    command: str
    """uuid5 of kind, argument and instant."""
    kind: CommandKind
    argument: str
    actor: str
    requested_at: datetime
    done_at: datetime | None = None
    result: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What a person makes of an order that waits for one; without a state, only the evidence is read."""

    order: str
    state: OrderState | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Modification:
    """What a person wants changed of an order at the broker; `None` leaves it as it is."""

    order: str
    price: Decimal | None = None
    quantity: Decimal | None = None
