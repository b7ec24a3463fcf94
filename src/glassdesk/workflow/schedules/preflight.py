"""What stands in the way of a slot that is still to come, told while a person can do something about it
(`T-62`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from glassdesk.kernel.clock import Clock, format_instant
from glassdesk.kernel.errors import Unavailable
from glassdesk.kernel.unit_of_work import Transaction, Transactions
from glassdesk.workflow.market_data.availability import Feed, availability
from glassdesk.workflow.market_data.model import Quote
from glassdesk.workflow.market_data.service import MarketData
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.positions.service import Positions
from glassdesk.workflow.risk.model import HaltLevel
from glassdesk.workflow.risk.service import Risk
from glassdesk.workflow.schedules.service import Due, Schedules
from glassdesk.workflow.session.service import Session
from glassdesk.workflow.strategies.model import Strategy, StrategyContract
from glassdesk.workflow.strategies.service import Strategies

LEAD = timedelta(minutes=30)
"""So long before a slot it is looked at."""
LOOK_AGAIN = timedelta(minutes=1)
MOST = 200
_NO_PERMISSION = (Feed.NONE, Feed.DELAYED, Feed.FROZEN_DELAYED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """`code` is session, halt, data, budget or limit."""

    code: str
    said: str
    remedy: str


@dataclass(slots=True)
class _Look:
    """What one look ahead has read so far."""

    asked: bool = False
    """Quotes may take ten seconds to come, and meanwhile no slot opens: one strategy's at a look."""
    blind: bool = False
    """A read failed: the others would too, and a dealer that hangs costs each of them a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Permission:
    """What the quotes of these contracts said."""

    at: datetime
    contracts: tuple[StrategyContract, ...]
    found: tuple[Obstacle, ...]


class Preflight:
    """Looks at a coming slot as its runs will."""

    def __init__(
        self,
        transactions: Transactions,
        clock: Clock,
        schedules: Schedules,
        strategies: Strategies,
        session: Session,
        risk: Risk,
        positions: Positions,
        market_data: MarketData,
        notifications: Notifications,
        *,
        delayed_quotes: bool,
    ) -> None:
        self._transactions = transactions
        self._clock = clock
        self._schedules = schedules
        self._strategies = strategies
        self._session = session
        self._risk = risk
        self._positions = positions
        self._market_data = market_data
        self._notifications = notifications
        self._delayed_quotes = delayed_quotes
        self._again: datetime | None = None
        self._looked: datetime | None = None
        self._permissions: dict[str, _Permission] = {}
        """By strategy: its quotes are read once, however often it is due in half an hour."""

    def obstacles(self, t: Transaction, due: Due) -> tuple[Obstacle, ...]:
        """What the desk knows by itself; the broker is not asked."""
        strategy = self._strategies.get(t, due.strategy).strategy
        return (
            *self._session_obstacle(t),
            *self._halt(t),
            *self._budget(t, strategy, due),
            *self._full(t, strategy),
        )

    def announce(self, now: datetime) -> datetime | None:
        """Tell once of each slot of the next half hour what stands in its way, a sign-in aside: that is told
        with all that waits for it. Answers when to look again, `now` where quotes of more than one strategy
        have to be read, `None` for no such instant."""
        rested = self._looked is None or now - self._looked >= LOOK_AGAIN
        if not rested and not self._clock.wakes_on_events:
            return self._again
        with self._transactions.read() as t:
            coming = self._schedules.next(t, now, MOST)
        look = _Look()
        near = [due for due in coming if due.instant - now <= LEAD]
        if [due for due in near if not self._announce(due, look)]:
            return now
        later = [due.instant - LEAD for due in coming if due.instant - now > LEAD]
        self._looked, self._again = now, min(later, default=None)
        return self._again

    def _announce(self, due: Due, look: _Look) -> bool:
        """False where this slot has to wait for another look."""
        key = f"preflight:{due.strategy}:{format_instant(due.instant)}"
        with self._transactions.read() as t:
            if self._notifications.told(t, key) is not None:
                return True
            known = [one for one in self.obstacles(t, due) if one.code != "session"]
            strategy = self._strategies.get(t, due.strategy).strategy
            contracts = self._strategies.traded(t, strategy).contracts
        permitted = self._permitted(due.strategy, contracts, look)
        if permitted is None:
            return False
        if found := [*known, *permitted]:
            self._tell(key, due, found)
        return True

    def _tell(self, key: str, due: Due, found: Sequence[Obstacle]) -> None:
        lines = [f"The slot of {due.instant:%Y-%m-%d %H:%M} UTC is at risk."]
        lines += [f"{one.said}: {one.remedy}" for one in found]
        with self._transactions.begin() as t:
            self._notifications.tell(
                t,
                key,
                Severity.WARNING,
                f"{due.strategy}: something stands in the way of its next slot",
                "\n".join(lines),
                f"strategy:{due.strategy}",
                strategy=due.strategy,
            )

    def _session_obstacle(self, t: Transaction) -> Iterator[Obstacle]:
        status = self._session.status(t)
        if status is None or not status.ready:
            state = "was never seen" if status is None else status.state.value.replace("_", " ")
            yield Obstacle(
                code="session", said=f"the brokerage session {_is(state)}", remedy="sign in before it"
            )

    def _halt(self, t: Transaction) -> Iterator[Obstacle]:
        halt = self._risk.halt(t)
        if halt.level > HaltLevel.ACTIVE:
            yield Obstacle(
                code="halt", said=f"trading is at {halt.level.name}: {halt.reason}", remedy="resume first"
            )

    def _budget(self, t: Transaction, strategy: Strategy, due: Due) -> Iterator[Obstacle]:
        refused = self._strategies.refused(t, strategy, due.instant)
        if refused:
            yield Obstacle(code="budget", said=refused, remedy="raise it, or wait until it begins anew")

    def _full(self, t: Transaction, strategy: Strategy) -> Iterator[Obstacle]:
        mine = [one for one in self._positions.held(t, strategy.account) if one.strategy == strategy.name]
        if len(mine) >= strategy.limits.max_positions:
            said = f"it holds {len(mine)} of {strategy.limits.max_positions} positions"
            yield Obstacle(code="limit", said=said, remedy="it can only leave them")

    def _permitted(
        self, strategy: str, contracts: tuple[StrategyContract, ...], look: _Look
    ) -> tuple[Obstacle, ...] | None:
        """What the quotes say, read now or in the last half hour; `None` where it is not this one's turn."""
        last = self._permissions.get(strategy)
        if last is not None and last.contracts == contracts and self._clock.now() - last.at <= LEAD:
            return last.found
        if look.blind:
            return ()
        if look.asked:
            return None
        look.asked = True
        found = tuple(self._permission(contracts, look))
        if not look.blind:
            self._permissions[strategy] = _Permission(at=self._clock.now(), contracts=contracts, found=found)
        return found

    def _permission(self, contracts: tuple[StrategyContract, ...], look: _Look) -> Iterator[Obstacle]:
        """What the letters of their quotes say; what cannot be read now may be there at the slot."""
        try:
            quotes: Mapping[int, Quote] = self._market_data.quotes([one.conid for one in contracts])
        except Unavailable:
            look.blind = True
            return
        for one in contracts:
            quote = quotes.get(one.conid)
            found = availability(quote, is_open=False)
            delayed = found.feed in (Feed.DELAYED, Feed.FROZEN_DELAYED) and self._delayed_quotes
            if quote is not None and found.feed in _NO_PERMISSION and not delayed:
                yield Obstacle(code="data", said=f"{one.symbol}: {found.why}", remedy=found.remedy)


def _is(state: str) -> str:
    return state if state.startswith("was") else f"is {state}"
