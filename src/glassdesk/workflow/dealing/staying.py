"""How long a position may stay (`exits.max_bars`): once so many bars have closed since it was opened, it is
left by the ladder. The bars are counted by the exchange's calendar: neither a model nor a feed is needed."""

from __future__ import annotations

from datetime import datetime

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.by_hand import ByHand
from glassdesk.workflow.dealing.exit_rules import ExitRules, InForce
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.per_bar import PerBar
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.positions.model import Position
from glassdesk.workflow.risk.model import HaltLevel


class Staying:
    """Reserves the exit of what has stayed long enough."""

    def __init__(self, parts: Parts, rules: ExitRules, by_hand: ByHand) -> None:
        self._parts = parts
        self._rules = rules
        self._by_hand = by_hand
        self._bars = PerBar()

    def look(self, reign: Reign) -> None:
        """Every position, once per bar. At HALT only a person leaves (`T-50`)."""
        now, parts = self._parts.now(), self._parts
        if parts.manual_runs is None or not parts.settings.deployment or self._bars.rests(reign, now):
            return
        with parts.transactions.read() as t:
            if parts.risk.halt(t).level >= HaltLevel.HALT:
                return
            due = self._bars.due(parts.positions.held(t, parts.settings.account), now)
            found = [(position, self._rules.of(t, position)) for position in due]
        for position, rules in found:
            self._one(position, rules, now)
        self._bars.done(reign)

    def again(self) -> None:
        """Rules have changed: look at every position anew."""
        self._bars.again()

    def _one(self, held: Position, rules: InForce | None, now: datetime) -> None:
        if rules is None or rules.plan.max_bars is None:
            self._bars.next(held, None)
            return
        market = self._parts.market_data
        bars = market.bars_closed(rules.exchange, rules.bar_size, rules.since, now)
        ended = market.last_bar_end(rules.exchange, rules.bar_size, now)
        if bars >= rules.plan.max_bars and ended is not None:
            with self._parts.transactions.begin() as t:
                self._leave(t, held, rules, bars, max(ended, rules.since))
        self._bars.next(held, market.next_bar_end(rules.exchange, rules.bar_size, now))

    def _leave(self, t: Transaction, held: Position, rules: InForce, bars: int, ended: datetime) -> None:
        """Once per bar: an exit that ended with shares left is followed by another at the next one."""
        why = f"time exit after {bars} bars"
        self._by_hand.leave(t, held, rules, ended, why)
