"""Three of four: SuperTrend, price, MACD and RSI vote (R-79)."""

from __future__ import annotations

from glassdesk.workflow.indicators.model import IndicatorSpec
from glassdesk.workflow.signals.confirmations import SPECS, as_words
from glassdesk.workflow.signals.model import Action, Facts, View
from glassdesk.workflow.signals.rules.rule import Decision, Params, RuleParameter, RulesRule

_READ = ("supertrend_10_3_direction", "sma_20", "macd_12_26_9", "macd_12_26_9_signal", "rsi_14")


def needs(params: Params) -> tuple[IndicatorSpec, ...]:
    """SuperTrend(10, 3), SMA(20), MACD(12, 26, 9), RSI(14)."""
    return SPECS


def decide(facts: Facts, params: Params) -> Decision:
    """BUY when enough of the four are bullish and nothing is held, SELL when enough are bearish and it is."""
    checks, need = facts.confirmations, int(params["need"])
    silent = tuple(name for name, view in as_words(checks).items() if view == View.NA)
    if silent:
        return Decision(action=Action.ABSTAIN, why=f"no value for {', '.join(silent)}", missing=silent)
    bulls, bears = checks.count(View.BULL), checks.count(View.BEAR)
    told = f"{bulls} of 4 checks are bullish, {bears} bearish; {need} are needed"
    if bulls >= need and not facts.holding:
        return Decision(action=Action.BUY, why=told, read=_READ)
    if bears >= need and facts.holding:
        return Decision(action=Action.SELL, why=told, read=_READ)
    return Decision(action=Action.HOLD, why=_held(told, facts), read=_READ)


def _held(told: str, facts: Facts) -> str:
    return f"{told}; the contract is {'held' if facts.holding else 'not held'}"


THREE_OF_FOUR = RulesRule(
    name="three_of_four",
    title="Three of four",
    meaning="SuperTrend(10, 3), close against SMA(20), MACD against its signal and RSI(14) against 50 vote.",
    parameters=(RuleParameter(name="need", default=3, low=3, high=4, meaning="Votes needed, of four."),),
    needs=needs,
    decide=decide,
)
