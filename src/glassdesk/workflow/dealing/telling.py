"""What the dealer tells a person; each event has a key of its own and is told once (`T-76`)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from glassdesk.kernel.clock import format_instant
from glassdesk.kernel.ids import short
from glassdesk.kernel.money import tidy
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.order_tracking.model import OrderRow
from glassdesk.workflow.orders.model import Intent, Order, OrderState
from glassdesk.workflow.portfolio.exposure import broker_cancel_key
from glassdesk.workflow.positions.model import Position
from glassdesk.workflow.positions.protection import Protection
from glassdesk.workflow.risk.guards import State
from glassdesk.workflow.risk.model import HaltLevel, Verdict
from glassdesk.workflow.session.mending import outage_key
from glassdesk.workflow.session.model import SessionStatus


def orphan_key(row: OrderRow) -> str:
    """The key under which an order that nobody here knows is told."""
    return f"orphan:{row.broker_order_id}"


class Telling:
    """Notifications of the dealing step."""

    def __init__(self, notifications: Notifications) -> None:
        self._notifications = notifications

    def order_ended(self, t: Transaction, order: Order) -> None:
        if order.of_probe:
            return  # its report tells
        severity = Severity.INFO if order.state in _EXPECTED else Severity.WARNING
        body = f"{_words(order)}: {tidy(order.filled)} filled. {order.note}".strip()
        self._say(t, order, order.state.value, severity, f"Order {order.state.value}", body)

    def adopted(self, t: Transaction, order: Order) -> None:
        if order.of_probe:
            return  # its report tells
        body = f"{_words(order)}: it was taken for over and is seen alive at the broker"
        self._say(t, order, f"adopted-{order.version}", Severity.ALARM, "Order adopted", body)

    def unknown(self, t: Transaction, order: Order, why: str) -> None:
        if order.of_probe:
            return  # its report tells
        body = f"{_words(order)}: nobody knows whether the broker has it ({why}); it is being looked up"
        self._say(t, order, f"unknown-{order.sends}", Severity.WARNING, "Order of unknown fate", body)

    def leg_failed(self, t: Transaction, order: Order, why: str) -> None:
        if order.of_probe:
            return  # its report tells
        body = f"{_words(order)}: the broker refused it and took the rest of the bracket ({why})"
        self._say(t, order, "leg-failed", Severity.ALARM, "A leg of a bracket failed", body)

    def stuck(self, t: Transaction, order: Order, since: datetime) -> None:
        body = f"{_words(order)}: not taken by the broker since {format_instant(since)}; it is cancelled"
        self._say(t, order, f"stuck-{order.sends}", Severity.ALARM, "An order is stuck", body)

    def held_back(self, t: Transaction, order: Order) -> None:
        body = f"{_words(order)}: inactive at the broker ({order.note or 'no reason given'}); it is cancelled"
        self._say(t, order, "inactive", Severity.ALARM, "The broker holds an order back", body)

    def cancel_without_effect(self, t: Transaction, order: Order, since: datetime) -> None:
        body = (
            f"{_words(order)}: its cancel was asked for at {format_instant(since)}, and the broker shows it "
            "alive. Cancel it at the broker"
        )
        event = f"no-effect-{format_instant(since)}"
        self._say(t, order, event, Severity.ALARM, "A cancel shows no effect", body)

    def cancelled_by_broker(self, t: Transaction, order: Order) -> None:
        body = (
            f"{_words(order)}: {order.note}. {order.strategy} opens nothing on conid {order.conid} until a "
            "person has seen this notification"
        )
        key = f"{broker_cancel_key(order.account, order.strategy)}{order.conid}:{order.order}"
        title = "The broker cancelled an entry by itself"
        self._notifications.tell(t, key, Severity.ALARM, title, body, f"order:{order.order}")

    def canary(self, t: Transaction, key: str, conid: int | None, problem: str) -> None:
        body = f"conid {conid}: {problem}; while that is so no entry goes out (QUOTE), exits and stops do"
        title = "The market data feed is not known to be alive"
        self._notifications.tell(t, f"canary:{key}", Severity.WARNING, title, body, f"conid:{conid}")

    def skewed(self, t: Transaction, day: str, seconds: Decimal) -> None:
        which = "ahead of" if seconds > 0 else "behind"
        body = (
            f"the broker's clock is {tidy(abs(seconds))} s {which} this machine's; while that is so no entry "
            "goes out (CLOCK_SKEW), exits and stops do. Let the machine set its clock by the network"
        )
        self._notifications.tell(t, f"clock:{day}", Severity.ALARM, "Two clocks disagree", body, "session")

    def foreign(self, t: Transaction, row: OrderRow) -> None:
        body = (
            f"{row.side.value} {tidy(row.total)} conid {row.conid}, broker's id {row.broker_order_id}: "
            "placed by somebody else; the desk never touches it"
        )
        key = f"foreign:{row.account}:{row.broker_order_id}"
        self._notifications.tell(
            t, key, Severity.INFO, "An order that is not ours", body, f"conid:{row.conid}"
        )

    def list_unreadable(self, t: Transaction, since: datetime) -> None:
        body = (
            f"since {format_instant(since)} the broker's list of orders says nothing; our orders are asked "
            "for one by one, and nothing is called gone"
        )
        key, title = f"dealer:no-list:{format_instant(since)}", "The list of orders cannot be read"
        self._notifications.tell(t, key, Severity.ALARM, title, body, "session")

    def stop_over(self, t: Transaction, order: Order, symbol: str, what: str) -> None:
        body = f"{_words(order)}: over at the broker ({order.note or order.state.value}). {what}"
        self._say(t, order, "stop-over", Severity.ALARM, f"{symbol} has lost its stop", body)

    def not_remedied(self, t: Transaction, order: Order, symbol: str, why: str) -> None:
        body = f"{_words(order)}: {why}. Nothing is placed: a person decides"
        self._say(t, order, "not-remedied", Severity.ALARM, f"{symbol}: no new stop is placed", body)

    def dropped(self, t: Transaction, order: Order) -> None:
        body = f"{_words(order)}: {order.note}; it is not sent again"
        self._say(t, order, "dropped", Severity.ALARM, "An acknowledged order is nowhere", body)

    def needs_operator(self, t: Transaction, order: Order, why: str) -> None:
        body = f"{_words(order)}: {why}"
        self._say(t, order, f"operator-{order.sends}", Severity.ALARM, "An order needs a person", body)

    def still_waits(self, t: Transaction, order: Order, since: datetime, times: int) -> None:
        body = f"{_words(order)}: it waits for you since {format_instant(since)} ({order.note})"
        title = "An order still needs a person"
        self._say(t, order, f"operator-{order.sends}-again-{times}", Severity.ALARM, title, body)

    def denied(self, t: Transaction, intent: Intent, verdicts: tuple[Verdict, ...]) -> None:
        reasons = "; ".join(f"{v.rule}: {v.observed}, limit {v.limit}" for v in verdicts)
        self._say_intent(t, intent, "denied", Severity.WARNING, "Denied at send", reasons)

    def tripped(self, t: Transaction, key: str, state: State, raised: HaltLevel | None) -> None:
        """A guard has tripped; `raised` is the level it set, `None` where that much was stopped already."""
        guard, found = state.guard, state.finding
        does = f"the level is {raised.name} now" if raised is not None else "as much is stopped already"
        body = f"{guard.meaning}: {found.observed}, the limit is {found.limit}; {does}. Only a person resumes"
        self._notifications.tell(t, key, Severity.ALARM, f"Guard {guard.name} has tripped", body, "halt")

    def entry_expired(self, t: Transaction, intent: Intent) -> None:
        body = f"its window closed at {format_instant(intent.window_closes)}; nothing was sent"
        self._say_intent(t, intent, "expired", Severity.WARNING, "Entry expired", body)

    def approval_over(self, t: Transaction, intent: Intent, problem: str) -> None:
        body = f"nobody had approved it, and {problem}; nothing was sent"
        self._say_intent(t, intent, "approval-over", Severity.WARNING, "An approval is over", body)

    def exit_waits(self, t: Transaction, intent: Intent, why: str) -> None:
        self._say_intent(t, intent, "exit-waits", Severity.ALARM, "An exit cannot go on", why)

    def session(self, t: Transaction, status: SessionStatus, login_url: str, waits: str = "") -> None:
        """Once for each outage, and once more where it turns into one that needs a person; `waits` is what is
        lost until somebody signs in (`T-62`)."""
        body = f"{status.message or status.state.value}. Sign in at {login_url}\n{waits}".strip()
        key = outage_key(status)
        self._notifications.tell(
            t, key, Severity.ALARM, "The brokerage session is not ready", body, "session"
        )

    def failing(self, t: Transaction, problem: str, since: datetime) -> None:
        key, title = f"dealer:failing:{format_instant(since)}", "The dealer cannot finish its work"
        body = f"since {format_instant(since)}: {problem}"
        self._notifications.tell(t, key, Severity.ALARM, title, body, "session")

    def not_followed(self, t: Transaction, order: Order, symbol: str, price: Decimal) -> None:
        """A stop that should follow stays where it is."""
        title, body = f"The stop of {symbol} does not follow", f"to {tidy(price)}: {order.note}"
        self._say(t, order, f"not-followed-{tidy(price)}", Severity.WARNING, title, body)

    def leaves(self, t: Transaction, position: Position, why: str, run: str) -> None:
        """Its own rules end a position."""
        title, body = (
            f"{position.symbol} is left by its exit rules",
            f"{why}: {tidy(position.quantity)} shares",
        )
        self._notifications.tell(
            t, f"run:{run}:leaves", Severity.INFO, title, body, f"run:{run}", strategy=position.strategy
        )

    def tick_unknown(self, t: Transaction, account: str, conid: int, symbol: str, at: datetime) -> None:
        """A warning and no reason to wait (`T-40`)."""
        key = f"tick:{account}:{conid}:{at.date().isoformat()}"
        body = (
            "it is sold and protected at prices in whole cents; the broker refuses one that is off its grid"
        )
        title = f"{symbol}: its tick size is not known"
        self._notifications.tell(t, key, Severity.WARNING, title, body, f"conid:{conid}")

    def not_flattened(self, t: Transaction, position: Position, why: str, since: datetime) -> None:
        key = f"flatten:{position.account}:{position.conid}:{format_instant(since)}"
        body = f"{tidy(position.quantity)} {position.symbol} are not being sold: {why}"
        title = f"{position.symbol}: FLATTEN cannot go on"
        self._notifications.tell(t, key, Severity.ALARM, title, body, f"conid:{position.conid}")

    def orphan(self, t: Transaction, row: OrderRow, whose: str) -> None:
        body = (
            f"order {row.broker_order_id} carries our mark {row.order_ref} and is not in this database"
            f"{f': it is {whose}' if whose else ''}. Was an older copy restored? Compare orders and shares "
            "with the broker's, adopt or release what differs, then resume"
        )
        self._notifications.tell(
            t, orphan_key(row), Severity.ALARM, "An orphan order", body, f"conid:{row.conid}"
        )

    def oversold(self, t: Transaction, order: Order, held: Decimal, promised: Decimal) -> None:
        body = (
            f"conid {order.conid}: the account holds {tidy(held)} and our sells promised {tidy(promised)}: "
            "sold by hand, moved, or split. They shrink to what is there; a person says whose change it was"
        )
        since = format_instant(order.reserved_at)
        key = f"oversold:{order.account}:{order.conid}:{since}:{tidy(held)}"
        title = "Shares left the account outside the desk"
        self._notifications.tell(t, key, Severity.ALARM, title, body, f"conid:{order.conid}")

    def stays_large(self, t: Transaction, order: Order, quantity: Decimal, why: str) -> None:
        """A stop that the broker does not make smaller (`T-35`)."""
        body = f"{_words(order)}: it may sell more than the {tidy(quantity)} that are there. {why}"
        event, title = f"stays-large-{tidy(quantity)}", "A stop cannot be made smaller"
        self._say(t, order, event, Severity.ALARM, title, body)

    def unprotected(self, t: Transaction, view: Protection, since: datetime) -> None:
        body = (
            f"{tidy(view.quantity)} {view.symbol}: stop is {view.state.value} since {format_instant(since)}"
        )
        key = f"unprotected:{view.account}:{view.conid}:{format_instant(since)}"
        title = f"{view.symbol} is not protected"
        self._notifications.tell(t, key, Severity.ALARM, title, body, f"conid:{view.conid}")

    def _say(
        self, t: Transaction, order: Order, event: str, severity: Severity, title: str, body: str
    ) -> None:
        key = f"order:{order.order}:{event}"
        self._notifications.tell(
            t, key, severity, title, body, f"order:{order.order}", strategy=order.strategy
        )

    def _say_intent(
        self, t: Transaction, intent: Intent, event: str, severity: Severity, title: str, body: str
    ) -> None:
        key, ref = f"intent:{intent.intent}:{event}", f"run:{intent.run}"
        symbol = intent.terms.symbol if intent.terms is not None else f"conid {intent.conid}"
        text = f"{intent.side.value} {tidy(intent.quantity)} {symbol}: {body}"
        self._notifications.tell(t, key, severity, title, text, ref, strategy=intent.strategy)


_EXPECTED = (OrderState.FILLED, OrderState.CANCELLED, OrderState.EXPIRED)


def _words(order: Order) -> str:
    ticket = order.ticket
    price = "" if ticket.price is None else f" {tidy(ticket.price)}"
    head = f"{short(order.order)} {order.role.value} {ticket.side.value} {tidy(ticket.quantity)}"
    return f"{head} {ticket.order_type.value}{price}"
