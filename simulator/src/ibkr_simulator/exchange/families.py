"""How orders that belong together move each other: children wait for parents, groups end together [T-23]."""

from collections.abc import Callable, Iterable

from ibkr_simulator.exchange import trailing
from ibkr_simulator.exchange.money import Cents
from ibkr_simulator.exchange.orders import Order, State
from ibkr_simulator.instants import Instant
from ibkr_simulator.switches import Switches

End = Callable[[Order, State, str | None], None]


def release(switches: Switches, parent: Order, child: Order) -> bool:
    """A child wakes, or grows, as its parent fills, in the manner of the switch. Answers whether it did."""
    manner = switches.text("children")
    if manner == "held_until_full" and parent.live and parent.remaining > 0:
        return False
    if manner == "scaled":
        grown = parent.filled - child.granted
        child.quantity = child.quantity + grown if child.granted else grown
        child.granted = parent.filled
    child.held = False
    return True


def wake(child: Order, price: Cents, now: Instant) -> None:
    """A trailing stop that was held begins to follow the market."""
    if child.trail is not None and child.trailed_at is None:
        trailing.begin(child, price, now)


def orphan(switches: Switches, parent: Order, children: Iterable[Order], end: End) -> list[Order]:
    """A parent ended unfilled, or filled in part: its children end with it, or are kept. Answers those that
    are kept though they never woke."""
    cancelled = parent.filled == 0 or switches.text("on_parent_cancel") == "cancelled"
    kept = []
    for child in children:
        if cancelled:
            end(child, "cancelled", "parent cancelled")
        elif child.held:
            kept.append(child)
    return kept


def shrink(sibling: Order, quantity: int, *, done: bool) -> bool:
    """One of a group trades: the others lose as much. Answers whether anything is left of this one."""
    if done or sibling.remaining <= quantity:
        return False
    sibling.quantity -= quantity
    return True
