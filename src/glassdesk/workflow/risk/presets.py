"""Named sets of limits, for a strategy's file and form (`T-55`)."""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType

from glassdesk.workflow.risk.model import Limits

STANDARD = "standard"

PRESETS = MappingProxyType(
    {
        "careful": Limits(
            risk_per_trade=Decimal("0.0025"),
            max_position=Decimal("0.10"),
            max_order=Decimal("0.10"),
            max_order_value=Decimal(5_000),
            max_positions=4,
            max_open_risk=Decimal("0.015"),
            max_gap_loss=Decimal("0.06"),
            max_exposure=Decimal("0.5"),
            max_orders_per_day=2,
            max_daily_loss=Decimal("0.01"),
            max_drawdown=Decimal("0.06"),
            max_losses=3,
        ),
        STANDARD: Limits(),
        "wide": Limits(
            risk_per_trade=Decimal("0.01"),
            max_position=Decimal("0.33"),
            max_order=Decimal("0.33"),
            max_order_value=Decimal(25_000),
            max_positions=8,
            max_open_risk=Decimal("0.06"),
            max_gap_loss=Decimal("0.15"),
            max_orders_per_day=8,
            max_daily_loss=Decimal("0.03"),
            max_drawdown=Decimal("0.15"),
        ),
    }
)
"""By name, the most careful first."""
