"""What working sells promise, and what is held to keep the promise (`T-35`, `T-36`, I-53). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from glassdesk.workflow.orders.model import Order, Role

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resting:
    """A sell of ours that works at the broker."""

    order: Order
    remaining: Decimal

    @property
    def group(self) -> str:
        """Children of one bracket cancel each other: together they promise no more than the larger one."""
        return self.order.ticket.parent_coid or self.order.coid


def promised(sells: Iterable[Resting]) -> Decimal:
    """Shares that can be sold if everything trades: the largest remainder of each group, added up."""
    return sum(_largest(sells).values(), ZERO)


def shrunk(sells: Sequence[Resting], most: Decimal) -> list[Resting]:
    """What has to change so that no more than `most` is promised, in the order in which it is to be done:
    of a group the target before the stop. Groups without a stop give way first, the oldest stop last;
    a remainder of 0 is a cancel."""
    left, changes = max(most, ZERO), list[Resting]()
    groups = _largest(sells)
    for group in sorted(groups, key=lambda key: _rank(sells, key)):
        granted = min(groups[group], left)
        left -= granted
        members = [one for one in sells if one.group == group and one.remaining > granted]
        changes[:0] = [Resting(order=one.order, remaining=granted) for one in sorted(members, key=_stop_last)]
    return changes


def _largest(sells: Iterable[Resting]) -> dict[str, Decimal]:
    groups: dict[str, Decimal] = {}
    for one in sells:
        groups[one.group] = max(groups.get(one.group, ZERO), one.remaining)
    return groups


def _rank(sells: Sequence[Resting], group: str) -> tuple[bool, str, str]:
    members = [one.order for one in sells if one.group == group]
    stops = [order for order in members if order.role is Role.STOP]
    oldest = min(order.reserved_at.isoformat() for order in (stops or members))
    return (not stops, oldest, group)


def _stop_last(one: Resting) -> bool:
    return one.order.role is Role.STOP
