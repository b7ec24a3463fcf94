"""The exit rules that hold for what is held (`T-15`): those of the version that opened the position, until a
person applies a later one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from glassdesk.kernel.ids import Leg
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.orders.model import Intent, Role
from glassdesk.workflow.orders.ports import OrderStore
from glassdesk.workflow.positions.model import ExitPlan, Position
from glassdesk.workflow.positions.service import Positions
from glassdesk.workflow.strategies.ports import StrategyStore


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """What holds for one position, and what a later version of its strategy would have hold."""

    version: int
    plan: ExitPlan
    bar_size: BarSize
    exchange: str
    newest: int
    newest_plan: ExitPlan
    since: datetime
    """Bars are counted from here."""

    @property
    def waits(self) -> bool:
        """The newest version says something else, and no person has applied it."""
        return self.newest_plan != self.plan


class ExitRules:
    """Looks up what holds."""

    def __init__(self, orders: OrderStore, positions: Positions, strategies: StrategyStore) -> None:
        self._orders = orders
        self._positions = positions
        self._strategies = strategies

    def of(self, t: Transaction, held: Position) -> InForce | None:
        """Of one position; `None` where its strategy is not known or nobody knows since when it is held.
        Shares that were adopted have those of the newest version."""
        latest = self._strategies.latest(t, held.strategy)
        if latest is None or held.opened_at is None:
            return None
        applied = self._positions.applied_exits(t, held)
        version = applied[-1].version if applied else self._opened_with(t, held)
        return self.at(t, held, latest.strategy.version if version is None else version)

    def at(self, t: Transaction, held: Position, version: int) -> InForce | None:
        """As above, were it the rules of this version that hold."""
        latest = self._strategies.latest(t, held.strategy)
        row = self._strategies.version(t, held.strategy, version)
        if latest is None or row is None or held.opened_at is None:
            return None
        return InForce(
            version=version,
            plan=row.strategy.exits,
            bar_size=row.strategy.bar_size,
            exchange=row.strategy.timing.exchange,
            newest=latest.strategy.version,
            newest_plan=latest.strategy.exits,
            since=held.opened_at,
        )

    def opening(self, t: Transaction, held: Position) -> dict[Role, Intent]:
        """What the decision wanted that opened the position, by leg; empty for shares that were adopted."""
        found = self._orders.intents(t, run=held.opened_by_run) if held.opened_by_run else ()
        legs = (Leg.MAIN, Leg.STOP, Leg.TARGET)
        return {intent.role: intent for intent, _ in found if intent.leg in legs}

    def _opened_with(self, t: Transaction, held: Position) -> int | None:
        legs = self.opening(t, held)
        return legs[Role.ENTRY].strategy_version if Role.ENTRY in legs else None


def differences(before: ExitPlan, after: ExitPlan) -> str:
    """What changes from one plan to another, in words; empty where nothing does."""
    pairs = (
        ("stop", f"{before.stop_atr} ATR", f"{after.stop_atr} ATR"),
        ("target", _atr(before), _atr(after)),
        ("the stop follows at", _trail(before), _trail(after)),
        ("at the latest after", _bars(before), _bars(after)),
        ("at the end of the ladder", before.urgency, after.urgency),
    )
    return ", ".join(f"{name} {old} → {new}" for name, old, new in pairs if old != new)


def _atr(plan: ExitPlan) -> str:
    return "parked" if plan.target_atr is None else f"{plan.target_atr} ATR"


def _trail(plan: ExitPlan) -> str:
    return "no distance" if plan.trail_atr is None else f"{plan.trail_atr} ATR"


def _bars(plan: ExitPlan) -> str:
    return "no limit" if plan.max_bars is None else f"{plan.max_bars} bars"
