"""Wishes of people, as rows: read at each turn, done or refused with a reason a person can read."""

from __future__ import annotations

from glassdesk.kernel.errors import Conflict, Denied, GlassdeskError
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing import lanes_part
from glassdesk.workflow.dealing.applying import Applying
from glassdesk.workflow.dealing.by_hand import ByHand
from glassdesk.workflow.dealing.lanes_part import LanesPart
from glassdesk.workflow.dealing.model import BY_PERSON, Command, CommandKind
from glassdesk.workflow.dealing.modify import Modify
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.probe.part import KINDS, ProbePart
from glassdesk.workflow.dealing.protecting import Protecting
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.resolve import Resolve
from glassdesk.workflow.dealing.session_part import SessionPart
from glassdesk.workflow.dealing.writes import Writes
from glassdesk.workflow.orders.late import may_sell_yet
from glassdesk.workflow.orders.model import Order, OrderState
from glassdesk.workflow.risk import halt

TAKE_OVER = "take-over"


NEED_THE_BROKER = (
    CommandKind.RESOLVE_ORDER,
    CommandKind.MODIFY_ORDER,
    CommandKind.PROTECT_POSITION,
    CommandKind.APPLY_EXITS,
)
"""They wait for a session that is ready and compared; a cancel only for one that is ready."""


class Commands:
    """Does what was asked."""

    def __init__(
        self,
        parts: Parts,
        writes: Writes,
        by_hand: ByHand,
        protecting: Protecting,
        session: SessionPart,
        probing: ProbePart,
        resolving: Resolve,
        changing: Modify,
        applying: Applying,
    ) -> None:
        self._parts = parts
        self._session = session
        self._writes = writes
        self._by_hand = by_hand
        self._protecting = protecting
        self._lanes = LanesPart(parts)
        self._probing = probing
        self._resolving = resolving
        self._changing = changing
        self._applying = applying
        self._some_wait = False

    def obey(self, reign: Reign) -> None:
        """Every command that is not done. Those that need the broker wait for a ready session."""
        with self._parts.transactions.read() as t:
            pending = self._parts.commands.pending(t)
        self._some_wait = False
        for command in pending:
            if self._waits(reign, command):
                self._some_wait = True
                continue
            result = self._do(reign, command)
            if result is not None:
                self._close(command, result)

    def obey_what_waited(self, reign: Reign) -> None:
        """What waited for the session that this very pass made ready: no clock need wake anybody for it."""
        if self._some_wait and reign.ready:
            self.obey(reign)

    def _waits(self, reign: Reign, command: Command) -> bool:
        if command.kind in KINDS:
            return self._probing.waits(reign, command)
        if command.kind is CommandKind.CANCEL_ORDER:
            return not reign.ready
        return command.kind in NEED_THE_BROKER and not reign.may_send

    def _do(self, reign: Reign, command: Command) -> str | None:
        """What came of it; `None` where something at the broker has to end first."""
        try:
            return self._deed(reign, command)
        except GlassdeskError as failure:
            return f"refused: {failure}"

    def _deed(self, reign: Reign, command: Command) -> str | None:
        if command.kind is CommandKind.CANCEL_ORDER:
            return self._cancel_order(reign, command)
        if command.kind is CommandKind.RESOLVE_ORDER:
            return self._resolving.ask(reign, command)
        if command.kind is CommandKind.MODIFY_ORDER:
            return self._changing.ask(reign, command)
        if command.kind is CommandKind.CANCEL_INTENT:
            return self._cancel_intent(reign, command)
        if command.kind is CommandKind.RECONCILE:
            reign.stale = reign.forced = True
            return "comparing with the broker"
        if command.kind in lanes_part.KINDS:
            return self._lanes.obey(
                reign, command.kind, command.argument, command.actor, command.requested_at
            )
        if command.kind is CommandKind.PROTECT_POSITION:
            return self._protecting.place(reign, command.argument, command.actor, command.requested_at)
        if command.kind is CommandKind.EXIT_POSITION:
            return self._by_hand.exit(reign, command.argument, command.actor, command.requested_at)
        if command.kind is CommandKind.APPLY_EXITS:
            return self._applying.apply(reign, command)
        if command.kind in KINDS:
            return self._probing.ask(reign, command)
        return self._sign(reign, command)

    def _sign(self, reign: Reign, command: Command) -> str:
        if command.kind is CommandKind.SESSION_LOGOUT:
            self._session.signed_out(reign)
            return "signed out"
        status = self._session.wished(reign, take_over=command.argument == TAKE_OVER)
        return status.message or status.state.value

    def _cancel_order(self, reign: Reign, command: Command) -> str:
        with self._parts.transactions.read() as t:
            order = self._parts.orders.order(t, command.argument)
            frozen = not halt.may_protect(self._parts.risk.halt(t).level)
        if order.state is OrderState.RESERVED:
            told = self._before_it_is_sent(reign, _decision(order), command.actor)
            return told or "cancelled before it was sent"
        if frozen:
            raise Denied("the kill switch says FREEZE: nothing is sent", where="order", remedy="resume first")
        if not order.state.at_broker:
            raise Conflict(f"the order is {order.state.value}", where="order")
        outcome = self._writes.cancel(reign, order, f"{BY_PERSON}{command.actor}")
        return f"cancel {outcome.kind.value}" + (f": {outcome.text}" if outcome.text else "")

    def _cancel_intent(self, reign: Reign, command: Command) -> str:
        return self._before_it_is_sent(reign, command.argument, command.actor) or "cancelled"

    def _before_it_is_sent(self, reign: Reign, intent: str, actor: str) -> str:
        """End a decision; what there is to say where that is not all."""
        with self._parts.transactions.begin() as t:
            row = self._parts.order_rows.order(t, intent)
            if row is not None and may_sell_yet(row, self._parts.order_rows.sends(t, row.order)):
                return self._resolving.keep(t, reign, row, actor)
            self._parts.orders.cancel_intent(t, intent, actor, lease=reign.lease)
        return ""

    def _close(self, command: Command, result: str) -> None:
        with self._parts.transactions.begin() as t:
            self._parts.commands.done(t, command.command, at=self._parts.now(), result=result)
            self._tell(t, command, result)

    def _tell(self, t: Transaction, command: Command, result: str) -> None:
        body = {"argument": command.argument, "result": result}
        ref = f"command:{command.command}"
        self._parts.audit.append(t, "dealer", f"command.{command.kind.value}", ref, body)


def _decision(order: Order) -> str:
    """The main intent of the decision an order belongs to."""
    return order.parent or order.intent
