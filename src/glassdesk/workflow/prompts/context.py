"""From a contract, bars and indicators to the variables of a prompt. Pure: the same run, the same text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from glassdesk.kernel.clock import format_instant
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.indicators.model import IndicatorValues
from glassdesk.workflow.market_data.model import Bar, BarSet, BarSize
from glassdesk.workflow.prompts.catalogue import MISSING

LAST_BARS = 30
WEEKLY_BARS = 26

# What could end a quotation or begin a template inside a prompt: names come from outside.
_DELIMITERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029{}<>`\"\\]+")


def build(
    *,
    contract: Contract,
    bars: BarSet,
    weekly: BarSet | None,
    values: IndicatorValues,
    now: datetime,
    zone: str,
    strategy: str,
    parameters: Mapping[str, object],
    chart_code: str,
    checks: Mapping[str, str],
    weekly_checks: Mapping[str, str] | None = None,
    earlier: Sequence[Mapping[str, object]] = (),
    daily_analysis: str = MISSING,
    weekly_analysis: str = MISSING,
) -> dict[str, object]:
    """Exactly the variables of the catalogue; what is not known is `N/A`.

    `bars` are closed bars and not empty, `values` are computed over them. `now` is the slot's instant, `zone`
    the IANA zone in which `today` is told. `checks` are the confirmations as words, `weekly_checks` those on
    weekly bars; `earlier` are signals of slots before this one, the analyses what the two steps before a
    consolidation answered.
    """
    return {
        **_contract(contract),
        "now": format_instant(now),
        "today": now.astimezone(ZoneInfo(zone)).date().isoformat(),
        "strategy": {"name": clean(strategy), "parameters": dict(parameters)},
        "chart_code": chart_code,
        "checks": dict(checks),
        "weekly_checks": dict(weekly_checks or dict.fromkeys(checks, "na")),
        "previous_analyses": [dict(one) for one in earlier],
        "daily_analysis": daily_analysis,
        "analysis_daily": daily_analysis,
        "weekly_analysis": weekly_analysis,
        "analysis_weekly": weekly_analysis,
        **_bars(bars, weekly),
        **_indicators(values),
        **_derived(bars.bars, values),
    }


def clean(text: str) -> str:
    """Text from outside as one harmless line of at most 80 characters."""
    return " ".join(_DELIMITERS.sub(" ", text).split())[:80].rstrip()


def number(value: float | Decimal | None) -> object:
    """Six significant digits, trailing zeros dropped; `N/A` for nothing."""
    if value is None:
        return MISSING
    rounded = float(f"{value:.6g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) >= 1_000_000 else rounded


def _contract(contract: Contract) -> dict[str, object]:
    return {
        "symbol": clean(contract.symbol),
        "company": clean(contract.name) or MISSING,
        "exchange": clean(contract.exchange) or MISSING,
        "currency": clean(contract.currency),
    }


def _bars(bars: BarSet, weekly: BarSet | None) -> dict[str, object]:
    last = bars.last
    return {
        "timeframe": bars.size.value,
        "last_bar": last.session.isoformat(),
        "last_bar_is": "still open" if bars.so_far else "closed",
        "n_bars": len(bars.bars),
        "current_price": price(last.close),
        "open": price(last.open),
        "high": price(last.high),
        "low": price(last.low),
        "close": price(last.close),
        "volume": whole(last.volume),
        "bars": [_row(bar, bars.size) for bar in bars.bars[-LAST_BARS:]],
        "bars_order": "oldest to newest",
        "weekly_bars": [_row(bar, weekly.size) for bar in weekly.bars[-WEEKLY_BARS:]] if weekly else [],
    }


def price(value: Decimal) -> float:
    """A price exactly as it is known."""
    return float(value)


def whole(value: Decimal) -> int:
    """Shares, without a fraction."""
    return int(value)


def _row(bar: Bar, size: BarSize) -> dict[str, object]:
    return {
        "date": format_instant(bar.start) if size.intraday else bar.session.isoformat(),
        "open": price(bar.open),
        "high": price(bar.high),
        "low": price(bar.low),
        "close": price(bar.close),
        "volume": whole(bar.volume),
    }


def _last(values: IndicatorValues, name: str) -> float | None:
    return values.last(name) if name in values.names else None


_NAMED = {
    "atr": "atr_14",
    "rsi": "rsi_14",
    "macd": "macd_12_26_9",
    "macd_signal": "macd_12_26_9_signal",
    "macd_hist": "macd_12_26_9_hist",
    "supertrend": "supertrend_10_3",
    "ma20": "sma_20",
    "ma50": "sma_50",
    "ma200": "sma_200",
}


def _indicators(values: IndicatorValues) -> dict[str, object]:
    return {
        "indicators": {name: number(values.last(name)) for name in values.names},
        **{variable: number(_last(values, line)) for variable, line in _NAMED.items()},
        "bollinger": {edge: number(_last(values, f"bb_20_2_{edge}")) for edge in ("upper", "mid", "lower")},
    }


def _derived(bars: Sequence[Bar], values: IndicatorValues) -> dict[str, object]:
    close, atr = float(bars[-1].close), _last(values, "atr_14")
    return {
        "trend": _trend(close, _last(values, "sma_20"), _last(values, "sma_50")),
        "volatility": MISSING if atr is None or close <= 0 else number(atr / close),
        "levels": {
            **_extremes(bars, 20),
            **_extremes(bars, 55),
            **_fibonacci(bars),
            "atr_3": MISSING if atr is None else number(close + 3 * atr),
        },
    }


def _trend(close: float, fast: float | None, slow: float | None) -> str:
    """Above a rising order of averages bullish, below a falling one bearish (R-23)."""
    if fast is None or slow is None:
        return MISSING
    if close > fast > slow:
        return "bullish"
    return "bearish" if close < fast < slow else "neutral"


def _extremes(bars: Sequence[Bar], length: int) -> dict[str, object]:
    known = len(bars) >= length
    return {
        f"high_{length}": price(max(bar.high for bar in bars[-length:])) if known else MISSING,
        f"low_{length}": price(min(bar.low for bar in bars[-length:])) if known else MISSING,
    }


_FIBONACCI = {"fib_382": -0.382, "fib_500": -0.5, "fib_618": -0.618, "fib_1272": 0.272, "fib_1618": 0.618}
"""Shares of the range of 55 bars, from its top."""


def _fibonacci(bars: Sequence[Bar]) -> dict[str, object]:
    """Retracements below the top of the range of 55 bars, and extensions above it (R-83)."""
    if len(bars) < 55:
        return dict.fromkeys(_FIBONACCI, MISSING)
    low = float(min(bar.low for bar in bars[-55:]))
    high = float(max(bar.high for bar in bars[-55:]))
    return {name: number(high + share * (high - low)) for name, share in _FIBONACCI.items()}
