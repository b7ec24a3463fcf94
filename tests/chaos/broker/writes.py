"""Writes at the model: place, modify, cancel, each carried by the wire and answered as the broker might."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from glassdesk.kernel.canonical import plain
from glassdesk.workflow.orders.model import Acknowledged, OrderType, Outcome, OutcomeKind, Ticket
from glassdesk.workflow.session.model import SessionState
from tests.chaos.broker.book import Book, Held
from tests.chaos.broker.market import Market
from tests.chaos.broker.session import ModelSession
from tests.chaos.broker.wire import Wire
from tests.chaos.dice import Dice, Fault
from tests.chaos.scheduler import Scheduler


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What this broker does where brokers differ."""

    dedupe: bool = True
    child_coid: bool = True
    """A child keeps the client id it came with."""


class ModelOrders:
    """Implements `BrokerOrders`."""

    def __init__(
        self,
        book: Book,
        market: Market,
        session: ModelSession,
        wire: Wire,
        scheduler: Scheduler,
        dice: Dice,
        rules: Rules,
    ) -> None:
        self._book = book
        self._market = market
        self._session = session
        self._wire = wire
        self._scheduler = scheduler
        self._dice = dice
        self._rules = rules

    # ------------------------------------------------------------ the port

    def place(self, tickets: Sequence[Ticket]) -> Outcome:
        sent = tuple(tickets)
        return self._down() or self._wire.carry("place", lambda late: self._placed(sent, late=late))

    def modify(self, broker_order_id: str, ticket: Ticket) -> Outcome:
        return self._down() or self._wire.carry(
            "modify", lambda late: self._modified(broker_order_id, ticket)
        )

    def cancel(self, account: str, broker_order_id: str) -> Outcome:
        return self._down() or self._wire.carry("cancel", lambda late: self._cancelled(broker_order_id))

    def _down(self) -> Outcome | None:
        if self._session.state is SessionState.READY:
            return None
        if self._dice.stream("session").random() < 0.5:
            return Outcome(kind=OutcomeKind.NOT_SENT, text=f"the session is {self._session.state.value}")
        self._scheduler.sleep(self._dice.seconds("latency", 0.02, 0.3))
        return Outcome(kind=OutcomeKind.UNKNOWN, text="not authenticated", http_status=401)

    # ------------------------------------------------------------ place

    def _placed(self, tickets: tuple[Ticket, ...], *, late: bool) -> Outcome:
        path = f"/iserver/account/{self._book.account}/orders"
        step = self._book.request("POST", path, {"orders": [plain(ticket) for ticket in tickets]})
        if self._rules.dedupe and self._book.knows(tickets[0].coid):
            text = f"Local order ID={tickets[0].coid} is already registered."
            return Outcome(kind=OutcomeKind.EXISTS, text=text, http_status=200)
        return self._refused() or self._accepted(
            tickets, step, late=late, asked=() if late else self._asked()
        )

    def _refused(self) -> Outcome | None:
        dice = self._dice
        if dice.strikes(Fault.REFUSED, "place"):
            return Outcome(kind=OutcomeKind.REJECTED, text="No trading permissions.", http_status=200)
        if dice.strikes(Fault.SAID_NO, "place"):
            text = "Order couldn't be submitted"
            return Outcome(kind=OutcomeKind.UNKNOWN, text=text, http_status=400, said_no=True)
        if dice.strikes(Fault.DECLINED, "place"):
            return Outcome(
                kind=OutcomeKind.DECLINED, text="price cap", questions=("o163:no",), http_status=200
            )
        return None

    def _asked(self) -> tuple[str, ...]:
        """Questions of the broker, each answered with yes after a while."""
        if not self._dice.strikes(Fault.QUESTION, "place"):
            return ()
        rounds = self._dice.stream("rounds").randrange(1, 5)
        for _ in range(rounds):
            self._scheduler.sleep(self._dice.seconds("latency", 0.05, 0.6))
        return tuple(f"o{403 + number}:yes" for number in range(rounds))

    def _accepted(
        self, tickets: tuple[Ticket, ...], step: int, *, late: bool, asked: tuple[str, ...]
    ) -> Outcome:
        now = self._scheduler.now
        visible_at = now + self._dice.seconds("visible", 0, 6)
        failed = self._half(tickets)
        accepted: list[Held] = []
        for ticket in tickets:
            if ticket.coid not in failed:
                parent = accepted[0] if ticket.parent_coid is not None and accepted else None
                accepted.append(
                    self._book.accept(
                        ticket,
                        parent=parent,
                        step=step,
                        received_at=now,
                        visible_at=visible_at,
                        keeps_coid=parent is None or self._rules.child_coid,
                        late=late,
                    )
                )
        self._market.match_one(accepted[0])
        named = accepted[:1] if self._dice.strikes(Fault.PARENT_ONLY, "place") else accepted
        return Outcome(
            kind=OutcomeKind.ACCEPTED,
            acknowledged=tuple(self._acknowledged(one) for one in named),
            http_status=200,
            questions=asked,
            failed=failed,
        )

    def _half(self, tickets: tuple[Ticket, ...]) -> tuple[str, ...]:
        """Client ids of the legs that this broker refuses beside their parent."""
        children = [ticket.coid for ticket in tickets[1:]]
        if not children or not self._dice.strikes(Fault.HALF_LIVE, "place"):
            return ()
        return (self._dice.stream("half").choice(children),)

    def _acknowledged(self, one: Held) -> Acknowledged:
        status = "Submitted" if one.last.awake else "PreSubmitted"
        coid = one.coid if one.parent is None or self._rules.child_coid else one.ticket.coid
        return Acknowledged(coid=coid, broker_order_id=one.number, status=status)

    # ------------------------------------------------------------ modify and cancel

    def _modified(self, number: str, ticket: Ticket) -> Outcome:
        path = f"/iserver/account/{self._book.account}/order/{number}"
        self._book.request("POST", path, plain(ticket))
        one = self._book.orders.get(number)
        if one is None or not one.working or one.cancelling or self._dice.strikes(Fault.REFUSED, "modify"):
            return Outcome(kind=OutcomeKind.REJECTED, text="Order cannot be modified", http_status=200)
        if ticket.quantity <= one.filled:
            # a request that came late: more was filled meanwhile than it leaves
            return Outcome(kind=OutcomeKind.REJECTED, text="Order cannot be modified", http_status=200)
        if ticket.order_type is OrderType.MARKET and self._dice.strikes(Fault.DECLINED, "modify"):
            return Outcome(kind=OutcomeKind.DECLINED, text="Market order?", questions=("o10151:no",))
        self._book.change(one, replace(ticket, coid=one.ticket.coid))
        self._market.match_one(one)
        named = Acknowledged(coid=None, broker_order_id=number, status="Submitted")
        return Outcome(kind=OutcomeKind.ACCEPTED, acknowledged=(named,), http_status=200)

    def _cancelled(self, number: str) -> Outcome:
        self._book.request("DELETE", f"/iserver/account/{self._book.account}/order/{number}", None)
        one = self._book.orders.get(number)
        if one is None or not one.working or self._dice.strikes(Fault.REFUSED, "cancel"):
            return Outcome(kind=OutcomeKind.REJECTED, text="Order cannot be cancelled", http_status=400)
        if not one.cancelling:
            one.cancelling = True
            after = self._dice.seconds("cancel", 0.1, 8)
            self._scheduler.at(self._scheduler.now + after, lambda: self._end(one))
        named = Acknowledged(coid=None, broker_order_id=number, status="PendingCancel")
        return Outcome(kind=OutcomeKind.ACCEPTED, acknowledged=(named,), http_status=200)

    def _end(self, one: Held) -> None:
        """The cancel comes through, sometimes after a last fill [RF-55]."""
        if not one.working:
            return
        left = self._book.backed(one)
        may = left > 0 and one.order_type is OrderType.LIMIT and one.last.awake
        if may and one.price is not None and self._dice.strikes(Fault.LATE_FILL, "cancel"):
            some = left if self._dice.stream("parts").random() < 0.5 else max(left // 2, Decimal(1))
            self._market.trade(one, some, one.price)
        self._book.end(one)
