"""`positions apply`: a person has the exit rules of the newest version hold for what is held (`T-15`), which
is recorded with before and after. Stop and target move along where the earlier rules had set them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Protocol

from glassdesk.kernel.canonical import canonical_text
from glassdesk.kernel.errors import Conflict, GlassdeskError, NotFound
from glassdesk.kernel.money import down_to_tick, tidy, up_to_tick
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.contracts.scope import CENT
from glassdesk.workflow.dealing.exit_rules import ExitRules, InForce, differences
from glassdesk.workflow.dealing.model import Command, Modification
from glassdesk.workflow.dealing.modify import Modify
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.orders.bracket import PARKING_ATR
from glassdesk.workflow.orders.model import Intent, Order, Role
from glassdesk.workflow.positions.adjustments import price_since
from glassdesk.workflow.positions.lanes import Said
from glassdesk.workflow.positions.model import ExitPlan, Position


class Watching(Protocol):
    """Looks at positions by their exit rules."""

    def again(self) -> None:
        """Rules have changed: look at every position anew."""
        ...


class Applying:
    """Does what a person said of exit rules."""

    def __init__(
        self, parts: Parts, rules: ExitRules, watching: Sequence[Watching], changing: Modify
    ) -> None:
        self._parts = parts
        self._rules = rules
        self._watching = watching
        self._changing = changing

    def apply(self, reign: Reign, command: Command) -> str:
        """Have the newest rules hold for a symbol or conid, then move what they move; the answer says what
        was and is. Raises `NotFound` or `Conflict`."""
        wanted, _, reason = command.argument.partition(" ")
        said = Said(actor=command.actor, at=command.requested_at, reason=reason.strip() or "apply")
        with self._parts.transactions.begin() as t:
            held = self._held(t, wanted)
            found = self._recorded(t, held, said)
            moves = list(self._moves(t, held, found))
        for one in self._watching:
            one.again()
        words = f"exit rules of version {found.newest} instead of {found.version}: "
        words += differences(found.plan, found.newest_plan)
        return "; ".join([words, *(self._move(reign, command, order, price) for order, price in moves)])

    def _recorded(self, t: Transaction, held: Position, said: Said) -> InForce:
        """The rules that held, once it is written down that they do not any more: also where a dealer died
        after that."""
        mine = [row for row in self._parts.positions.applied_exits(t, held) if row.at == said.at]
        found = self._rules.at(t, held, mine[0].before) if mine else self._rules.of(t, held)
        if found is None:
            raise Conflict(f"nobody knows which rules hold for {held.symbol}", where="symbol")
        if not mine and not found.waits:
            problem = f"{held.symbol} has the exit rules of version {found.newest} already"
            raise Conflict(problem, where="symbol", remedy="the newest version says nothing else")
        if not mine:
            self._parts.positions.lanes.exit_rules(t, held, found.version, found.newest, said)
        return found

    def _held(self, t: Transaction, wanted: str) -> Position:
        for held in self._parts.positions.held(t, self._parts.settings.account):
            if wanted.upper() in (held.symbol.upper(), str(held.conid)):
                return held
        raise NotFound(f"the desk holds no {wanted}", where="symbol", remedy="positions shows them")

    def _moves(self, t: Transaction, held: Position, found: InForce) -> Iterator[tuple[Order, Decimal]]:
        """Living legs that the earlier rules had set where they are, with the price of the new ones. What an
        analyst or a person set stays."""
        legs, living = self._rules.opening(t, held), self._living(t, held)
        for role in (Role.STOP, Role.TARGET):
            if role not in legs or role not in living or Role.ENTRY not in legs:
                continue
            before = self._price(t, held, legs[Role.ENTRY], role, found.plan)
            after = self._price(t, held, legs[Role.ENTRY], role, found.newest_plan)
            at = living[role].ticket.price
            if before is not None and after is not None and at == before != after:
                yield living[role], after

    def _living(self, t: Transaction, held: Position) -> dict[Role, Order]:
        theirs = self._parts.positions.released(t, held.account)
        around = self._parts.order_rows.orders(t, strategy=held.strategy, conid=held.conid)
        return {o.role: o for o in around if o.state.at_broker and o.order not in theirs}

    def _price(
        self, t: Transaction, held: Position, entry: Intent, role: Role, plan: ExitPlan
    ) -> Decimal | None:
        """Where a plan puts a leg: measured from the most the entry could pay, in today's shares, on the
        grid."""
        terms = entry.terms
        if terms is None or terms.atr is None or terms.entry_high is None or held.opened_at is None:
            return None
        target = PARKING_ATR if plan.target_atr is None else plan.target_atr
        away = -plan.stop_atr if role is Role.STOP else target
        rows = self._parts.positions.adjustments(t, held.account)
        price = terms.entry_high + away * terms.atr
        price = price_since(rows, held.strategy, held.conid, price, held.opened_at)
        tick = self._parts.contracts.tick(t, held.conid, price) or CENT
        return up_to_tick(price, tick) if role is Role.STOP else down_to_tick(price, tick)

    def _move(self, reign: Reign, command: Command, order: Order, price: Decimal) -> str:
        """A person asked for it, so it may also loosen (`T-40`); what the rules of changes refuse stays."""
        wanted = canonical_text(Modification(order=order.order, price=price))
        try:
            answer = self._changing.ask(reign, replace(command, argument=wanted))
        except GlassdeskError as failure:
            answer = f"stays: {failure}"
        return f"{order.role.value} {tidy(order.ticket.price or Decimal(0))} → {tidy(price)} {answer}"
