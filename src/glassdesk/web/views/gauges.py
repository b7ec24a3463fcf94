"""How much of each limit is used, by the desk's own books."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from glassdesk.workflow.risk.model import Exposure, Holding, Limits
from glassdesk.workflow.risk.rules_pace import MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """`used` of `limit`, both in `unit`; `None` where a number is missing."""

    name: str
    rule: str
    """The rule that keeps it."""
    used: Decimal | None
    limit: Decimal | None
    unit: str

    @property
    def share(self) -> Decimal | None:
        """Used part of the limit, 0 to 1 and above."""
        if self.used is None or not self.limit:
            return None
        return self.used / self.limit


def gauges_of(exposure: Exposure, limits: Limits) -> tuple[Gauge, ...]:
    """What of each limit is used, by the desk's own books, against the default limits."""
    capital = exposure.desk_capital
    values = [_value(holding) for holding in exposure.holdings]
    after = _sum([None if value is None else value * limits.gap for value in values])

    def money(name: str, rule: str, used: Decimal | None, fraction: Decimal) -> Gauge:
        return Gauge(name=name, rule=rule, used=used, limit=_of(capital, fraction), unit="USD")

    return (
        _count("Positions", "MAX_POSITIONS", len(values), limits.max_positions),
        money("Largest position", "MAX_POSITION", _largest(values), limits.max_position),
        money("Everything held", "MAX_EXPOSURE", _sum(values), limits.max_exposure),
        money("Open risk to the stops", "OPEN_RISK", _risk(exposure), limits.max_open_risk),
        money(f"A gap of {limits.gap:.0%} everywhere", "GAP_BUDGET", after, limits.max_gap_loss),
        money("Lost since the last close", "MAX_DAILY_LOSS", _lost(exposure), limits.max_daily_loss),
        Gauge(
            name="Below the highest worth",
            rule="MAX_DRAWDOWN",
            used=_below(exposure),
            limit=_of(exposure.peak, limits.max_drawdown),
            unit="USD",
        ),
        _count("Opening orders today", "MAX_TRADES_PER_DAY", _today(exposure), limits.max_account_orders),
        _count("Sent within a minute", "RATE_LIMIT", _sent(exposure), limits.max_orders_per_minute),
    )


def _count(name: str, rule: str, used: int | None, limit: int) -> Gauge:
    known = None if used is None else Decimal(used)
    return Gauge(name=name, rule=rule, used=known, limit=Decimal(limit), unit="")


def _lost(exposure: Exposure) -> Decimal | None:
    return None if exposure.day_pnl is None else max(-exposure.day_pnl, Decimal(0))


def _below(exposure: Exposure) -> Decimal | None:
    if exposure.peak is None or exposure.equity is None:
        return None
    return max(exposure.peak - exposure.equity, Decimal(0))


def _today(exposure: Exposure) -> int | None:
    return None if exposure.opened is None else sum(one.today for one in exposure.opened)


def _sent(exposure: Exposure) -> int | None:
    if exposure.opened is None:
        return None
    return sum(o.seconds_since_send is not None and o.seconds_since_send < MINUTE for o in exposure.opened)


def _value(holding: Holding) -> Decimal | None:
    return None if holding.mark is None else holding.mark * holding.quantity


def _risk(exposure: Exposure) -> Decimal | None:
    return _sum(
        [
            None
            if holding.mark is None or holding.stop is None
            else max(Decimal(0), holding.mark - holding.stop) * holding.quantity
            for holding in exposure.holdings
        ]
    )


def _sum(values: list[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if len(known) == len(values) else None


def _largest(values: list[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return max(known, default=Decimal(0)) if len(known) == len(values) else None


def _of(capital: Decimal | None, fraction: Decimal) -> Decimal | None:
    return None if capital is None else capital * fraction
