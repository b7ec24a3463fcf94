"""What the desk knows itself about a decision, gathered in one value."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from glassdesk.workflow.indicators.model import IndicatorSpec, IndicatorValues
from glassdesk.workflow.market_data.model import BarSet
from glassdesk.workflow.signals.conditions.model import Screening
from glassdesk.workflow.signals.confirmations import confirmations, last
from glassdesk.workflow.signals.model import Confirmations, Facts

ATR = IndicatorSpec(kind="atr", params=(("length", 14),))
"""Every decision measures its distances in this ATR."""


def gather(
    *,
    bars: BarSet,
    values: IndicatorValues,
    chart_code: str,
    tick: Decimal,
    stop_atr: Decimal,
    target_atr: Decimal | None,
    holding: bool,
    screening: Screening | None = None,
    weekly: Confirmations | None = None,
    expected_last: date | None = None,
) -> Facts:
    """The facts of a decision on closed `bars`, not empty, and the `values` computed over them."""
    closes = tuple(bar.close for bar in bars.bars)
    atr = last(values, "atr_14")
    return Facts(
        symbol=bars.symbol,
        timeframe=bars.size.value,
        last_bar=bars.last.session,
        last_close=bars.last.close,
        n_bars=len(closes),
        chart_code=chart_code,
        atr=None if atr is None else Decimal(str(atr)),
        tick=tick,
        confirmations=confirmations(values, closes),
        values=values,
        closes=closes,
        stop_atr=stop_atr,
        target_atr=target_atr,
        holding=holding,
        screening=screening,
        weekly=weekly,
        expected_last=expected_last,
        data=bars.quality.notes,
    )
