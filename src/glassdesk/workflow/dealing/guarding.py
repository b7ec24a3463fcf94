"""The desk stops itself (`T-50`): guards are looked at when money or facts changed, and every minute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.orders.model import Order, OrderState
from glassdesk.workflow.positions.model import Position
from glassdesk.workflow.risk.guards import REJECT_SPAN, State, Watched
from glassdesk.workflow.risk.model import Exposure, Limits
from glassdesk.workflow.strategies.model import StrategyRow, StrategyState

EVERY = timedelta(minutes=1)
NEWEST = 100


class Guarding:
    """Raises the level of the halt, never lowers it."""

    def __init__(self, parts: Parts, telling: Telling) -> None:
        self._parts = parts
        self._telling = telling

    def look(self, reign: Reign) -> None:
        """Every guard, where something changed or a minute has passed."""
        now = self._parts.now()
        seen = (reign.positions_at, reign.changed_at)
        if not reign.may_send:
            return
        if reign.guarded_at is not None and reign.guarded == seen and now - reign.guarded_at < EVERY:
            return
        reign.guarded, reign.guarded_at = seen, now
        with self._parts.transactions.read() as t:
            tripped = [one for one in self.states(t) if one.tripped]
        for state in tripped:
            with self._parts.transactions.begin() as t:
                self._trip(t, state)

    def states(self, t: Transaction) -> tuple[State, ...]:
        """As they stand now."""
        parts, account, now = self._parts, self._parts.settings.account, self._parts.now()
        exposure = parts.portfolio.exposure(t, account, "", now=now)
        refused = parts.order_rows.orders(t, states=[OrderState.REJECTED], limit=NEWEST)
        held = parts.positions.held(t, account)
        limits = parts.risk.guard_limits(trading(parts.strategies.all_latest(t), account)).limits
        return parts.risk.guards(watched(exposure, refused, held, now), limits)

    def _trip(self, t: Transaction, state: State) -> None:
        """Once a session: a person who resumes has seen it, and the rule of the number goes on denying."""
        parts, guard = self._parts, state.guard
        session = parts.portfolio.session_began(parts.now()).date()
        key = f"guard:{guard.name}:{session.isoformat()}"
        if any(one.key == key for one in parts.notifications.recent(t)):
            return
        raised = parts.risk.trip(t, state)
        self._telling.tripped(t, key, state, raised)


def trading(rows: Iterable[StrategyRow], account: str) -> Mapping[str, Limits]:
    """Limits by name of the strategies that may enter on the account; of none, of those that still close."""
    ours = [row for row in rows if row.strategy.account == account]
    for state in (StrategyState.ENABLED, StrategyState.CLOSING):
        if found := {row.strategy.name: row.strategy.limits for row in ours if row.state is state}:
            return found
    return {}


def watched(exposure: Exposure, refused: Iterable[Order], held: Iterable[Position], now: datetime) -> Watched:
    """What the guards look at, from the books and the orders the broker refused."""
    lately = [
        order
        for order in refused
        if order.parent is None
        and order.account == exposure.account
        and order.last_sent_at is not None
        and now - order.last_sent_at <= REJECT_SPAN
    ]
    return Watched(
        exposure=exposure,
        rejects=len(lately),
        short=tuple(one.symbol for one in held if one.quantity < 0),
    )
