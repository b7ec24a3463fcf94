"""How much of each limit is used, by the desk's own books."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from glassdesk.workflow.risk.model import Exposure, Holding, Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """`used` of `limit`, both in `unit`; `None` where a number is missing."""

    name: str
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
    """Positions, the largest of them, open risk and what a gap would cost, against the default limits."""
    capital = exposure.desk_capital
    values = [_value(holding) for holding in exposure.holdings]
    return (
        Gauge(name="Positions", used=Decimal(len(values)), limit=Decimal(limits.max_positions), unit=""),
        Gauge(
            name="Largest position",
            used=_largest(values),
            limit=_of(capital, limits.max_position),
            unit="USD",
        ),
        Gauge(
            name="Open risk to the stops",
            used=_risk(exposure),
            limit=_of(capital, limits.max_open_risk),
            unit="USD",
        ),
        Gauge(
            name=f"A gap of {limits.gap:.0%} everywhere",
            used=_sum([None if value is None else value * limits.gap for value in values]),
            limit=_of(capital, limits.max_gap_loss),
            unit="USD",
        ),
    )


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
