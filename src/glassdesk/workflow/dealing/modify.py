"""A person changes price or quantity of an order at the broker: once, and only to what the rules allow. The
desk never loosens a stop by itself; a person may (`T-40`)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from glassdesk.kernel.canonical import decode_text
from glassdesk.kernel.errors import Conflict, Denied, GlassdeskError, InvalidInput
from glassdesk.kernel.money import tidy
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.contracts.scope import CENT
from glassdesk.workflow.dealing.model import CHANGED_BY, Command, Modification
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.writes import Writes
from glassdesk.workflow.orders.bracket import payload_digest, repriced
from glassdesk.workflow.orders.model import (
    IntentKind,
    IntentState,
    Order,
    OrderState,
    Outcome,
    OutcomeKind,
    Role,
    SendRow,
)
from glassdesk.workflow.risk import halt

ZERO = Decimal(0)
MOVABLE = (OrderState.WORKING, OrderState.PARTIAL)
_TAKEN = (OutcomeKind.ACCEPTED, OutcomeKind.REJECTED, OutcomeKind.NOT_SENT, OutcomeKind.DECLINED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What bounds a change of one order."""

    order: Order
    held: Decimal
    """Shares of the contract that the strategy holds."""
    coming: Decimal
    """What the entry of the same bracket may still buy."""
    others: tuple[Order, ...]
    """Living sells of the same contract and strategy beside this one."""
    stop: Decimal | None
    """The lowest living stop of the bracket."""
    target: Decimal | None
    highest: Decimal | None
    """The most an entry may pay (`T-21`)."""
    tick: Decimal
    bid: Decimal | None


class Modify:
    """Does what a person asked."""

    def __init__(self, parts: Parts, writes: Writes) -> None:
        self._parts = parts
        self._writes = writes

    def ask(self, reign: Reign, command: Command) -> str:
        """Change the order, with exactly one attempt, and say what the broker answered. A command that was
        begun by a dealer that died is not begun again. Raises `InvalidInput`, `NotFound`, `Conflict`,
        `Denied`."""
        wanted = _read(command.argument)
        with self._parts.transactions.read() as t:
            order = self._parts.orders.order(t, wanted.order)
            after = _changed(order, wanted)
            begun = self._begun(t, command, after)
            frozen = not halt.may_protect(self._parts.risk.halt(t).level)
        if begun is not None:
            return _said(begun.outcome)
        if frozen:
            raise Denied("the kill switch says FREEZE: nothing is sent", where="order", remedy="resume first")
        bid = self._bid(order)
        with self._parts.transactions.read() as t:
            check(self._around(t, reign, order, after, bid), after)
        noted = replace(order, note=f"{CHANGED_BY}{command.actor}")
        return _said(self._writes.modify(reign, noted, replace(after, note=noted.note)))

    def _begun(self, t: Transaction, command: Command, after: Order) -> SendRow | None:
        """The send of this very command, where a dealer had begun it."""
        wanted = payload_digest([after.ticket])
        sends = self._parts.order_rows.sends(t, after.order)
        own = [s for s in sends if s.verb == "modify" and s.started_at >= command.requested_at]
        return next((send for send in own if send.payload_sha256 == wanted), None)

    def _bid(self, order: Order) -> Decimal | None:
        """Where it can be had and is fresh; a stop above it would sell at once."""
        try:
            quote = self._parts.market_data.quotes([order.conid]).get(order.conid)
        except GlassdeskError:
            return None
        return quote.bid if quote is not None and quote.real_time else None

    def _around(
        self, t: Transaction, reign: Reign, order: Order, after: Order, bid: Decimal | None
    ) -> Around:
        self._free(t, reign, order)
        rows, price = self._parts.order_rows, after.ticket.price
        tick = None if price is None else self._parts.contracts.tick(t, order.conid, price)
        if tick is None and order.role is Role.ENTRY:
            raise Conflict("the tick size of the contract is not known", where="price")
        entry = rows.order(t, order.parent) if order.parent is not None else order
        stored = rows.intent(t, entry.intent) if entry is not None else None
        terms = stored[0].terms if stored is not None else None
        mine = [
            one
            for one in rows.orders(t, strategy=order.strategy, conid=order.conid)
            if one.state.at_broker and one.order != order.order and one.account == order.account
        ]
        held = self._parts.positions.held(t, order.account)
        living = entry is not None and entry.role is Role.ENTRY and not entry.state.final
        return Around(
            order=order,
            held=sum(
                (p.quantity for p in held if (p.conid, p.strategy) == (order.conid, order.strategy)), ZERO
            ),
            coming=entry.ticket.quantity - entry.filled if entry is not None and living else ZERO,
            others=tuple(one for one in mine if one.role is not Role.ENTRY),
            stop=min((o.ticket.price for o in mine if o.role is Role.STOP and o.ticket.price), default=None),
            target=next((o.ticket.price for o in mine if o.role is Role.TARGET), None),
            highest=terms.entry_high if terms is not None else None,
            tick=tick or CENT,
            bid=bid,
        )

    def _free(self, t: Transaction, reign: Reign, order: Order) -> None:
        """Nothing else is changing it. Raises `Conflict`."""
        if order.state not in MOVABLE:
            remedy = "cancel it: it is not sent yet" if order.state is OrderState.RESERVED else ""
            raise Conflict(f"the order is {order.state.value}", where="order", remedy=remedy)
        if order.of_probe or order.role is Role.EXIT:
            raise Conflict("this order is the desk's own to move", where="order", remedy="cancel it instead")
        for intent, _ in self._parts.orders.intents(t, states=[IntentState.QUEUED, IntentState.SENT]):
            if intent.kind is IntentKind.REDUCE and intent.target_order == order.order:
                raise Conflict("an exit moves this order", where="order", remedy="wait for its end")
        last = self._parts.order_rows.sends(t, order.order)[-1:]
        for send in last:
            told = send.outcome is not None and send.outcome.kind in _TAKEN
            if not told and (reign.listed_at is None or reign.listed_at <= send.started_at):
                raise Conflict("what became of the last change is not known yet", where="order")


def check(around: Around, after: Order) -> None:
    """The change keeps I-53, `T-36` and the entry's own bounds. Raises `InvalidInput` or `Denied`."""
    price, quantity = after.ticket.price, after.ticket.quantity
    if after.ticket == around.order.ticket:
        raise InvalidInput("it is so already", where="price", remedy="give another price or quantity")
    if price is None or price <= 0 or price % around.tick:
        raise InvalidInput(f"{price} is not on the grid of {tidy(around.tick)}", where="price")
    if quantity != quantity.to_integral_value() or quantity <= around.order.filled:
        problem = f"{tidy(quantity)} is no whole number above the {tidy(around.order.filled)} filled"
        raise InvalidInput(problem, where="quantity")
    _CHECKS[after.role](around, price, quantity)


def _check_entry(around: Around, price: Decimal, quantity: Decimal) -> None:
    if quantity > around.order.ticket.quantity:
        raise Denied("an entry only shrinks: its size is the risk rules' word", where="quantity")
    if around.highest is not None and price > around.highest:
        raise Denied(f"the decision pays {tidy(around.highest)} at most [T-21]", where="price")
    if around.stop is not None and price <= around.stop:
        raise Denied(f"its stop is at {tidy(around.stop)}", where="price", remedy="buy above it")


def _check_stop(around: Around, price: Decimal, quantity: Decimal) -> None:
    room, own = around.held + around.coming, quantity - around.order.filled
    promised = sum((o.ticket.quantity - o.filled for o in around.others if o.role is Role.STOP), ZERO)
    if own + promised > room:
        problem = f"stops for {tidy(own + promised)} shares, and {tidy(room)} are held or being bought [I-53]"
        raise Denied(problem, where="quantity")
    if own + promised < around.held:
        bare = around.held - own - promised
        raise Denied(f"{tidy(bare)} shares would have no stop", where="quantity", remedy="positions exit")
    if around.bid is not None and price >= around.bid:
        problem = f"the bid is {tidy(around.bid)}: it would sell at once"
        raise Denied(problem, where="price", remedy="`positions exit` sells")
    if around.target is not None and price >= around.target:
        raise Denied(f"its target is at {tidy(around.target)}", where="price")


def _check_target(around: Around, price: Decimal, quantity: Decimal) -> None:
    room, own = around.held + around.coming, quantity - around.order.filled
    if own > room:
        problem = f"{tidy(own)} shares, and {tidy(room)} are held or being bought [T-36]"
        raise Denied(problem, where="quantity")
    if around.stop is not None and price <= around.stop:
        raise Denied(f"its stop is at {tidy(around.stop)}", where="price", remedy="sell above it")


_CHECKS = {Role.ENTRY: _check_entry, Role.STOP: _check_stop, Role.TARGET: _check_target}


def _read(argument: str) -> Modification:
    try:
        wanted = decode_text(Modification, argument)
    except (TypeError, ValueError, ArithmeticError) as failure:
        raise InvalidInput(f"no modification: {failure}", where="argument") from failure
    check_wanted(wanted)
    return wanted


def check_wanted(wanted: Modification) -> None:
    """Something is to change, and every number is one. Raises `InvalidInput`."""
    if wanted.price is None and wanted.quantity is None:
        raise InvalidInput("nothing to change", where="price", remedy="give a price, a quantity or both")
    for name, value in (("price", wanted.price), ("quantity", wanted.quantity)):
        if value is not None and not (value.is_finite() and 0 < value < 10**9):
            raise InvalidInput(f"{value} is no {name}", where=name, remedy="give a number above zero")


def _changed(order: Order, wanted: Modification) -> Order:
    price = wanted.price if wanted.price is not None else order.ticket.price
    return repriced(order, price=price, quantity=wanted.quantity)


def _said(outcome: Outcome | None) -> str:
    if outcome is None or outcome.kind is OutcomeKind.UNKNOWN:
        return "sent once; what became of it is not known: the next reading shows it"
    if outcome.kind is OutcomeKind.ACCEPTED:
        return "changed"
    return f"not changed, {outcome.kind.value.replace('_', ' ')}: {outcome.text}"
