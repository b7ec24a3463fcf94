"""The way from one state of an order to another, through the states between where there is no direct one."""

from __future__ import annotations

from itertools import pairwise

from glassdesk.workflow.orders.model import OrderState
from glassdesk.workflow.orders.transitions import LEGAL

_DETOURS = (
    (),
    (OrderState.SENDING,),
    (OrderState.UNKNOWN,),
    (OrderState.SENDING, OrderState.UNKNOWN),
)


def route(before: OrderState, after: OrderState) -> tuple[OrderState, ...]:
    """States to pass, the last is `after`; where nothing leads there `after` alone: the store refuses it."""
    if before is after:
        return (after,)
    for between in _DETOURS:
        steps = (before, *between, after)
        if all(pair in LEGAL for pair in pairwise(steps)):
            return steps[1:]
    return (after,)
