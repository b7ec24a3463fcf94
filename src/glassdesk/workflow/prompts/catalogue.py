"""Every variable a prompt may use: what it is, its unit, an example. The examples are the sample context."""

from __future__ import annotations

from dataclasses import dataclass

MISSING = "N/A"
"""What a prompt shows for a value that is not known (R-34)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One entry. `group` is its class: contract, time, bar, indicator, derived, strategy, proof, earlier or
    analysis."""

    name: str
    type: str
    """`text`, `number`, `date`, `instant`, `list` or `map`."""
    unit: str
    example: object
    meaning: str
    group: str

    @property
    def as_of(self) -> str:
        """The newest thing its value may know."""
        return _AS_OF.get(self.name) or _AS_OF[self.group]


_AS_OF = {
    "contract": "the slot",
    "time": "the slot",
    "bar": "the last closed bar",
    "indicator": "the last closed bar",
    "derived": "the last closed bar",
    "strategy": "the strategy's version",
    "proof": "the picture",
    "earlier": "the slot before",
    "analysis": "the last closed bar",
    "current_price": "the last bar, closed or so far",
    "last_bar_is": "the last bar, closed or so far",
}


def _sample_bar(day: str, low: float) -> dict[str, object]:
    return {
        "date": day,
        "open": low + 0.5,
        "high": low + 2.25,
        "low": low,
        "close": low + 1.75,
        "volume": 1_250_000,
    }


_BARS = [_sample_bar("2012-09-27", 98.5), _sample_bar("2012-09-28", 99.25)]
_BANDS = {"upper": 104.2, "mid": 99.8, "lower": 95.4}
_CHECKS = {"supertrend": "bull", "price_vs_sma20": "bull", "macd": "bear", "rsi": "bull"}
_LEVELS = {
    "high_20": 103.5,
    "low_20": 95.25,
    "high_55": 108.0,
    "low_55": 91.5,
    "fib_382": 101.697,
    "fib_500": 99.75,
    "fib_618": 97.803,
    "fib_1272": 112.488,
    "fib_1618": 118.197,
    "atr_3": 107.3,
}
_LINES = {"sma_20": 99.8, "rsi_14": 56.4, "atr_14": 2.1}
_EARLIER = [{"date": "2012-09-21", "timeframe": "1d", "signal": "HOLD", "r_multiple": MISSING}]
_STRATEGY: dict[str, object] = {"name": "sample", "parameters": {"stop_atr": 2.0, "target_atr": 3.0}}


def _entry(name: str, kind: str, unit: str, example: object, group: str, meaning: str) -> Variable:
    return Variable(name=name, type=kind, unit=unit, example=example, group=group, meaning=meaning)


CATALOGUE: tuple[Variable, ...] = (
    _entry("symbol", "text", "", "SAMP", "contract", "Ticker of the contract."),
    _entry("company", "text", "", "Sample Corporation", "contract", "Its name at the broker."),
    _entry("exchange", "text", "", "NASDAQ", "contract", "Primary exchange."),
    _entry("currency", "text", "", "USD", "contract", "Currency of every price."),
    _entry("now", "instant", "UTC", "2012-10-01T12:00:00Z", "time", "The slot: the instant of the decision."),
    _entry("today", "date", "", "2012-10-01", "time", "The date of `now` in the strategy's zone."),
    _entry("timeframe", "text", "", "1d", "time", "Length of a bar."),
    _entry("last_bar", "date", "", "2012-09-28", "bar", "Session date of the last bar."),
    _entry(
        "last_bar_is", "text", "", "closed", "bar", "`closed`, or `still open` where the strategy decides so."
    ),
    _entry("n_bars", "number", "bars", 250, "bar", "Closed bars the indicators were computed from."),
    _entry("current_price", "number", "currency", 101.0, "bar", "Close of the last bar, closed or so far."),
    _entry("open", "number", "currency", 99.75, "bar", "Open of the last closed bar."),
    _entry("high", "number", "currency", 101.5, "bar", "High of the last closed bar."),
    _entry("low", "number", "currency", 99.25, "bar", "Low of the last closed bar."),
    _entry("close", "number", "currency", 101.0, "bar", "Close of the last closed bar."),
    _entry("volume", "number", "shares", 1_250_000, "bar", "Volume of the last closed bar."),
    _entry(
        "bars", "list", "", _BARS, "bar", "The last 30 closed bars, oldest to newest: date, open, … volume."
    ),
    _entry("bars_order", "text", "", "oldest to newest", "bar", "The order of `bars` and `weekly_bars`."),
    _entry("weekly_bars", "list", "", _BARS, "bar", "The last 26 weekly bars; empty without weekly data."),
    _entry("indicators", "map", "", _LINES, "indicator", "Every line of the indicator set, newest value."),
    _entry("atr", "number", "currency", 2.1, "indicator", "ATR(14)."),
    _entry("rsi", "number", "0 to 100", 56.4, "indicator", "RSI(14)."),
    _entry("macd", "number", "currency", 0.42, "indicator", "MACD(12, 26, 9), the line."),
    _entry("macd_signal", "number", "currency", 0.5, "indicator", "MACD(12, 26, 9), the signal line."),
    _entry("macd_hist", "number", "currency", -0.08, "indicator", "MACD(12, 26, 9), line less signal."),
    _entry("supertrend", "number", "currency", 95.1, "indicator", "SuperTrend(10, 3), the line."),
    _entry("ma20", "number", "currency", 99.8, "indicator", "SMA(20)."),
    _entry("ma50", "number", "currency", 98.2, "indicator", "SMA(50)."),
    _entry("ma200", "number", "currency", 93.7, "indicator", "SMA(200)."),
    _entry("bollinger", "map", "currency", _BANDS, "indicator", "Bollinger(20, 2): upper, mid, lower."),
    _entry(
        "trend",
        "text",
        "",
        "bullish",
        "derived",
        "Close against SMA(20) and SMA(50): bullish, bearish, neutral.",
    ),
    _entry("volatility", "number", "fraction", 0.0208, "derived", "ATR(14) as a fraction of the close."),
    _entry("checks", "map", "", _CHECKS, "derived", "The four confirmations: bull, bear, neutral or na."),
    _entry(
        "weekly_checks",
        "map",
        "",
        _CHECKS,
        "derived",
        "The four confirmations on weekly bars; na without weekly data.",
    ),
    _entry(
        "levels",
        "map",
        "currency",
        _LEVELS,
        "derived",
        "Highest high and lowest low of 20 and 55 bars; the 55 bars' retracements by 38.2, 50 and 61.8 % and "
        "extensions to 127.2 and 161.8 %; the close + 3 ATR.",
    ),
    _entry("strategy", "map", "", _STRATEGY, "strategy", "`name` and `parameters` of the strategy."),
    _entry(
        "previous_analyses",
        "list",
        "",
        _EARLIER,
        "earlier",
        "The strategy's last signals for this contract, newest first: date, timeframe, signal, r_multiple.",
    ),
    _entry(
        "daily_analysis",
        "text",
        "",
        MISSING,
        "analysis",
        "The daily answer, in a consolidation; put in as it is, after filters.",
    ),
    _entry(
        "weekly_analysis",
        "text",
        "",
        MISSING,
        "analysis",
        "The weekly answer, in a consolidation; put in as it is.",
    ),
    _entry("analysis_daily", "text", "", MISSING, "analysis", "The same as `daily_analysis`."),
    _entry("analysis_weekly", "text", "", MISSING, "analysis", "The same as `weekly_analysis`."),
    _entry(
        "chart_code",
        "text",
        "",
        "K7QX",
        "proof",
        "The code drawn in the picture. A prompt that prints it proves nothing about the picture any more: "
        "only for models without eyes.",
    ),
)


def sample() -> dict[str, object]:
    """The catalogue's examples as a context, for checks and previews."""
    return {variable.name: variable.example for variable in CATALOGUE}


def sparse() -> dict[str, object]:
    """The same context on a contract too young for any indicator: what a prompt must survive."""
    return {
        variable.name: _nothing(variable.example) if variable.group in _MAY_MISS else variable.example
        for variable in CATALOGUE
    } | {"weekly_bars": []}


_MAY_MISS = ("indicator", "derived")


def _nothing(example: object) -> object:
    return dict.fromkeys(example, MISSING) if isinstance(example, dict) else MISSING
