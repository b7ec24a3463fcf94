"""A signal with everything that is known of it today: its outcome, its run's end, what was really traded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from glassdesk.kernel.money import exact
from glassdesk.workflow.evaluation.model import Ending, Known, Outcome
from glassdesk.workflow.order_tracking.model import Fill
from glassdesk.workflow.orders.model import Side
from glassdesk.workflow.portfolio.model import Trade
from glassdesk.workflow.runs.model import RunState
from glassdesk.workflow.signals.model import Action

ZERO = Decimal(0)
_RESERVED = (RunState.RESERVED, RunState.QUEUED, RunState.AWAITING_APPROVAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traded:
    """What became of the shares that a signal bought."""

    net: Decimal
    """Of what was sold, commissions of both sides taken off."""
    risk: Decimal | None
    """What the stop put at risk of it; `None` where no stop was live at a fill."""
    closed: bool
    """True with nothing left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored(Known):
    """One signal, ready to be counted."""

    outcome: Outcome | None = None
    traded: Traded | None = None

    @property
    def analyst(self) -> str:
        """Engine and model in one name."""
        return f"{self.engine}:{self.model}" if self.model else self.engine

    @property
    def cancelled(self) -> bool:
        """True where a person took it out of every count."""
        return self.outcome is not None and self.outcome.ending is Ending.CANCELLED

    @property
    def r(self) -> Decimal | None:
        """By its barriers or a person's word; `None` where nothing was bought, or not yet."""
        return None if self.outcome is None else self.outcome.r

    @property
    def refused(self) -> bool:
        """True for a purchase that no order was reserved for, once its run has ended."""
        return self.action is Action.BUY and self.state.final and self.state not in _RESERVED

    @property
    def pnl(self) -> Decimal | None:
        """Money: what a person said, else the ledger's of what is closed."""
        if self.outcome is not None and self.outcome.pnl is not None:
            return self.outcome.pnl
        return self.traded.net if self.traded is not None and self.traded.closed else None

    @property
    def real_r(self) -> Decimal | None:
        """R of what was really traded, commissions and the answer's cost taken off."""
        traded = self.traded
        if traded is None or not traded.closed or not traded.risk:
            return None
        return exact((traded.net - (self.cost or ZERO)) / traded.risk)

    @property
    def change(self) -> Decimal | None:
        """From fill to exit as a part of the fill."""
        one = self.outcome
        if one is None or one.fill is None or one.exit is None:
            return None
        return exact(one.exit / one.fill - 1)


def traded_by_run(fills: Iterable[Fill], trades: Iterable[Trade]) -> Mapping[str, Traded]:
    """What every run that bought has made, by the orders of its entry."""
    bought: dict[str, Decimal] = {}
    runs: dict[str, str] = {}
    for fill in fills:
        if fill.execution.side is Side.BUY and fill.execution.quantity:
            bought[fill.run] = bought.get(fill.run, ZERO) + fill.execution.quantity
            runs[fill.order] = fill.run
    sold: dict[str, list[Trade]] = {run: [] for run in bought}
    for trade in trades:
        if trade.entry_order in runs:
            sold[runs[trade.entry_order]].append(trade)
    return {run: _traded(sold[run], quantity) for run, quantity in bought.items()}


def _traded(trades: list[Trade], bought: Decimal) -> Traded:
    risks = [trade.risk for trade in trades]
    known = [risk for risk in risks if risk is not None]
    return Traded(
        net=sum((trade.net for trade in trades), ZERO),
        risk=sum(known, ZERO) if known and len(known) == len(risks) else None,
        closed=sum((trade.quantity for trade in trades), ZERO) >= bought,
    )
