"""How long a position may stay (`exits.max_bars`): once so many bars have closed since it was opened, it is
left by the ladder. The bars are counted by the exchange's calendar: neither a model nor a feed is needed."""

from __future__ import annotations

from datetime import datetime

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.by_hand import ByHand
from glassdesk.workflow.dealing.exit_rules import ExitRules, InForce
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.positions.model import Position
from glassdesk.workflow.risk.model import HaltLevel

Key = tuple[int, str, datetime | None]


class Staying:
    """Reserves the exit of what has stayed long enough."""

    def __init__(self, parts: Parts, rules: ExitRules, by_hand: ByHand) -> None:
        self._parts = parts
        self._rules = rules
        self._by_hand = by_hand
        self._looked: dict[Key, datetime | None] = {}
        """When a position is looked at next; `None` = never, its rules set no limit."""

    def look(self, reign: Reign) -> None:
        """Every position, once per bar. At HALT only a person leaves (`T-50`)."""
        now, parts = self._parts.now(), self._parts
        if parts.manual_runs is None or not parts.settings.deployment:
            return
        with parts.transactions.read() as t:
            if parts.risk.halt(t).level >= HaltLevel.HALT:
                return
            held = {_key(p): p for p in parts.positions.held(t, parts.settings.account) if p.quantity > 0}
            self._looked = {key: at for key, at in self._looked.items() if key in held}
            found = [(p, self._rules.of(t, p)) for key, p in held.items() if self._is_due(key, now)]
        for position, rules in found:
            self._one(position, rules, now)
        for at in self._looked.values():
            if at is not None:
                reign.due.at(at)

    def again(self) -> None:
        """Rules have changed: look at every position anew."""
        self._looked.clear()

    def _is_due(self, key: Key, now: datetime) -> bool:
        if key not in self._looked:
            return True
        at = self._looked[key]
        return at is not None and at <= now

    def _one(self, held: Position, rules: InForce | None, now: datetime) -> None:
        if rules is None or rules.plan.max_bars is None:
            self._looked[_key(held)] = None
            return
        market = self._parts.market_data
        bars = market.bars_closed(rules.exchange, rules.bar_size, rules.since, now)
        ended = market.last_bar_end(rules.exchange, rules.bar_size, now)
        if bars >= rules.plan.max_bars and ended is not None:
            with self._parts.transactions.begin() as t:
                self._leave(t, held, rules, bars, max(ended, rules.since))
        self._looked[_key(held)] = market.next_bar_end(rules.exchange, rules.bar_size, now)

    def _leave(self, t: Transaction, held: Position, rules: InForce, bars: int, ended: datetime) -> None:
        """Once per bar: an exit that ended with shares left is followed by another at the next one."""
        why = f"time exit after {bars} bars"
        self._by_hand.leave(t, held, rules, ended, why)


def _key(held: Position) -> Key:
    return (held.conid, held.strategy, held.opened_at)
