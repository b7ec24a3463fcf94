"""The rules analyst against a second computation, in plain numpy, of what each rule says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.indicators.catalogue import complete, complete_set
from glassdesk.workflow.indicators.compute import compute
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSpec, IndicatorValues
from glassdesk.workflow.market_data.model import Bar
from glassdesk.workflow.signals.answers import parse
from glassdesk.workflow.signals.conditions.model import Conditions
from glassdesk.workflow.signals.conditions.screening import screen
from glassdesk.workflow.signals.conditions.sentences import parse_statement
from glassdesk.workflow.signals.confirmations import as_words, confirmations
from glassdesk.workflow.signals.facts import gather
from glassdesk.workflow.signals.model import Action, Confirmations, Facts, Signal, SignalPolicy, View
from glassdesk.workflow.signals.rules.analyst import RulesAnalyst, long_levels
from glassdesk.workflow.signals.rules.catalogue import RULES, needed_indicators, params_of, rule_of
from glassdesk.workflow.signals.rules.rule import average
from glassdesk.workflow.signals.service import judge
from tests.workflow.indicators.worlds import bar_set, walk
from tests.workflow.signals.cases import EVERYTHING, FACTS, effects, question

Floats = npt.NDArray[np.float64]
COMPUTED = complete_set(EVERYTHING)
STATED = Conditions(
    buy=parse_statement("close crosses above sma_20"), sell=parse_statement("close below sma_20")
)


def facts_of(bars: tuple[Bar, ...], *, holding: bool, policy: SignalPolicy | None = None) -> Facts:
    wanted = IndicatorSet(name="needed", indicators=needed_indicators(policy)) if policy else EVERYTHING
    screening = None
    if policy is not None and policy.rule == "conditions":
        wanted = IndicatorSet(name="needed", indicators=(*wanted.indicators, average("sma", 20)))
        values = compute(wanted, bars)
        screening = screen(STATED, bar_set(bars), values, {}, wanted, holding=holding)
    return gather(
        screening=screening,
        bars=bar_set(bars),
        values=compute(wanted, bars),
        chart_code="K7QX",
        tick=Decimal("0.01"),
        stop_atr=Decimal(2),
        target_atr=Decimal(3),
        holding=holding,
    )


def asked(facts: Facts, policy: SignalPolicy) -> Signal:
    put = question(facts, policy)
    raw = RulesAnalyst().ask(put)
    assert raw.failure == ""
    return judge(raw, put)


def closes_of(bars: tuple[Bar, ...]) -> Floats:
    return np.array([float(bar.close) for bar in bars])


def smoothed(values: Floats, length: int, weight: float) -> Floats:
    """An average seeded with the mean of the first `length` values that are numbers."""
    first = int(np.argmax(~np.isnan(values)))
    out = np.full(len(values), np.nan)
    out[first + length - 1] = values[first : first + length].mean()
    for i in range(first + length, len(values)):
        out[i] = out[i - 1] + weight * (values[i] - out[i - 1])
    return out


def ema(values: Floats, length: int) -> Floats:
    return smoothed(values, length, 2 / (length + 1))


def rsi(closes: Floats, length: int) -> float:
    changes = np.concatenate([[np.nan], np.diff(closes)])
    up = smoothed(np.where(np.isnan(changes), np.nan, np.maximum(changes, 0)), length, 1 / length)[-1]
    down = smoothed(np.where(np.isnan(changes), np.nan, np.maximum(-changes, 0)), length, 1 / length)[-1]
    return 100.0 if down == 0 else float(100 - 100 / (1 + up / down))


def supertrend_up(bars: tuple[Bar, ...], length: int = 10, factor: float = 3) -> bool:
    """Which side the published definition is on at the last bar."""
    high = np.array([float(bar.high) for bar in bars])
    low = np.array([float(bar.low) for bar in bars])
    close = closes_of(bars)
    before = np.concatenate([[np.nan], close[:-1]])
    ranges = np.fmax(high - low, np.fmax(abs(high - before), abs(low - before)))
    reach = factor * smoothed(ranges, length, 1 / length)
    upper, lower = (high + low) / 2 + reach, (high + low) / 2 - reach
    up = False
    for i in range(length, len(close)):
        lower[i] = lower[i] if lower[i] > lower[i - 1] or close[i - 1] < lower[i - 1] else lower[i - 1]
        upper[i] = upper[i] if upper[i] < upper[i - 1] or close[i - 1] > upper[i - 1] else upper[i - 1]
        up = close[i] >= lower[i] if up else close[i] > upper[i]
    return bool(up)


def view(value: float, against: float) -> View:
    return View.BULL if value > against else View.BEAR


def recomputed(bars: tuple[Bar, ...]) -> Confirmations:
    closes = closes_of(bars)
    macd = ema(closes, 12) - ema(closes, 26)
    return Confirmations(
        supertrend=View.BULL if supertrend_up(bars) else View.BEAR,
        price_vs_sma20=view(closes[-1], closes[-20:].mean()),
        macd=view(macd[-1], ema(macd, 9)[-1]),
        rsi=view(rsi(closes, 14), 50),
    )


SEEDS = range(1, 8)


def histories(seed: int) -> Iterator[tuple[Bar, ...]]:
    bars = walk(320, seed=seed)
    return (bars[:end] for end in range(220, 321, 20))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_four_confirmations_are_those_of_a_second_computation(seed: int) -> None:
    for bars in histories(seed):
        facts = facts_of(bars, holding=False)
        assert facts.confirmations == recomputed(bars)


@pytest.mark.parametrize("holding", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_three_of_four(seed: int, *, holding: bool) -> None:
    policy = SignalPolicy(rule="three_of_four")
    for bars in histories(seed):
        checks = recomputed(bars)
        buys = not holding and checks.count(View.BULL) >= 3
        sells = holding and checks.count(View.BEAR) >= 3
        expected = Action.BUY if buys else Action.SELL if sells else Action.HOLD
        assert asked(facts_of(bars, holding=holding, policy=policy), policy).action is expected


@pytest.mark.parametrize("holding", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_rsi2_reversion(seed: int, *, holding: bool) -> None:
    policy = SignalPolicy(rule="rsi2_reversion", params=(("low", 15.0), ("trend", 100.0)))
    for bars in histories(seed):
        closes = closes_of(bars)
        strength, close = rsi(closes, 2), closes[-1]
        buys = not holding and close > closes[-100:].mean() and strength < 15
        sells = holding and (strength > 70 or close > closes[-5:].mean())
        expected = Action.BUY if buys else Action.SELL if sells else Action.HOLD
        assert asked(facts_of(bars, holding=holding, policy=policy), policy).action is expected


@pytest.mark.parametrize("state", [0.0, 1.0])
@pytest.mark.parametrize("holding", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_ema_cross(seed: int, state: float, *, holding: bool) -> None:
    policy = SignalPolicy(rule="ema_cross", params=(("fast", 5.0), ("slow", 12.0), ("state", state)))
    for bars in histories(seed):
        fast, slow = ema(closes_of(bars), 5), ema(closes_of(bars), 12)
        above, was_above = fast[-1] > slow[-1], fast[-2] > slow[-2]
        buys = not holding and above and (state == 1 or not was_above)
        sells = holding and fast[-1] < slow[-1]
        expected = Action.BUY if buys else Action.SELL if sells else Action.HOLD
        assert asked(facts_of(bars, holding=holding, policy=policy), policy).action is expected


def test_the_worlds_of_these_tests_hold_every_action_of_every_rule() -> None:
    """Otherwise the comparisons above would compare HOLD with HOLD."""
    for rule in RULES:
        policy = SignalPolicy(rule=rule.name)
        seen = {
            asked(facts_of(bars, holding=holding, policy=policy), policy).action
            for seed in SEEDS
            for bars in histories(seed)
            for holding in (False, True)
        }
        assert seen == {Action.BUY, Action.SELL, Action.HOLD}, rule.name


@pytest.mark.parametrize("rule", [rule.name for rule in RULES])
def test_its_answers_pass_every_rule_that_a_models_answer_must_pass(rule: str) -> None:
    policy = SignalPolicy(rule=rule)
    for bars in histories(3):
        signal = asked(facts_of(bars, holding=False, policy=policy), policy)
        assert not set(effects(signal).values()) & {"abstain", "reject", "downgrade"}
        assert (signal.engine, signal.model, signal.confidence) == ("rules", "rules-1", None)


@pytest.mark.parametrize("rule", [rule.name for rule in RULES])
def test_the_same_question_has_the_same_answer_byte_for_byte(rule: str) -> None:
    put = question(FACTS, SignalPolicy(rule=rule))
    assert RulesAnalyst().ask(put) == RulesAnalyst().ask(put)


@given(
    close=st.decimals(min_value="2", max_value="900", places=2),
    share=st.decimals(min_value="0.003", max_value="0.08", places=4),
    stop=st.sampled_from(["0.5", "1", "1.5", "2", "3", "4"]),
    ratio=st.sampled_from(["1", "1.5", "2"]),
)
def test_rounding_never_pushes_its_own_trade_below_the_plan(
    close: Decimal, share: Decimal, stop: str, ratio: str
) -> None:
    target = Decimal(stop) * Decimal(ratio)
    facts = replace(FACTS, last_close=close, atr=close * share, stop_atr=Decimal(stop), target_atr=target)
    levels = long_levels(facts)
    assert levels.entry_high is not None
    assert levels.stop is not None
    assert levels.target_1 is not None
    risk, reward = levels.entry_high - levels.stop, levels.target_1 - levels.entry_high
    assert risk <= facts.stop_atr * close * share
    assert reward >= Decimal(ratio) * risk
    assert close - Decimal("0.01") < levels.entry_high <= close * Decimal("1.02")


def test_an_entry_reaches_as_far_as_the_price_may_drift() -> None:
    """T-03: 0.5 ATR; so an opening inside the drift is bought."""
    levels = long_levels(replace(FACTS, last_close=Decimal(100), atr=Decimal(2)))
    assert levels.entry_high == Decimal(101)
    assert levels.stop == Decimal(97)
    assert levels.target_1 == Decimal(109)
    assert long_levels(replace(FACTS, target_atr=None)).target_1 is None


def test_a_wild_contract_is_not_chased_further_than_two_percent() -> None:
    assert long_levels(replace(FACTS, last_close=Decimal(100), atr=Decimal(30))).entry_high == Decimal(102)


@pytest.mark.parametrize("rule", [rule.name for rule in RULES])
def test_a_young_contract_is_no_signal_and_names_what_is_missing(rule: str) -> None:
    policy = SignalPolicy(rule=rule)
    signal = asked(facts_of(walk(10), holding=False, policy=policy), policy)
    assert signal.action is Action.ABSTAIN
    assert signal.reason.startswith("the analyst abstains: no value for ")


@pytest.mark.parametrize("rule", [rule.name for rule in RULES])
def test_a_set_without_its_indicators_is_no_signal(rule: str) -> None:
    nothing = IndicatorValues(indicators=(), lines=())
    bare = replace(FACTS, values=nothing, confirmations=confirmations(nothing, FACTS.closes), atr=None)
    assert asked(bare, SignalPolicy(rule=rule)).action is Action.ABSTAIN


def test_without_atr_a_rule_does_not_buy() -> None:
    bulls = Confirmations(supertrend=View.BULL, price_vs_sma20=View.BULL, macd=View.BULL, rsi=View.BULL)
    facts = replace(FACTS, confirmations=bulls, atr=None)
    signal = asked(facts, SignalPolicy())
    assert (signal.action, signal.reason) == (
        Action.ABSTAIN,
        "the analyst abstains: no value for atr_14",
    )


def test_an_exit_is_never_held_up_by_what_only_an_entry_needs() -> None:
    bears = Confirmations(supertrend=View.BEAR, price_vs_sma20=View.BEAR, macd=View.BEAR, rsi=View.BEAR)
    facts = replace(FACTS, confirmations=bears, atr=None, tick=Decimal(0), holding=True)
    assert asked(facts, SignalPolicy(need_confirmations=4, minimum_r=Decimal(9))).action is Action.SELL


def test_an_unknown_rule_is_a_failure_not_an_error() -> None:
    put = question(FACTS, SignalPolicy(rule="moon"))
    raw = RulesAnalyst().ask(put)
    assert "there is no rule 'moon'" in raw.failure
    assert judge(raw, put).action is Action.ABSTAIN


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        (SignalPolicy(rule="moon"), "one of three_of_four, rsi2_reversion, ema_cross"),
        (SignalPolicy(params=(("nede", 3.0),)), "it has need"),
        (SignalPolicy(params=(("need", 2.0),)), "a whole number from 3 to 4"),
        (SignalPolicy(params=(("need", 3.5),)), "a whole number from 3 to 4"),
        (SignalPolicy(params=(("need", float("nan")),)), "a whole number from 3 to 4"),
        (SignalPolicy(rule="ema_cross", params=(("fast", 60.0),)), "fast must be shorter than slow"),
        (SignalPolicy(rule="rsi2_reversion", params=(("trend", 5.0),)), "trend must be longer than exit"),
    ],
)
def test_a_wrong_policy_says_what_would_be_right(policy: SignalPolicy, told: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        params_of(policy)
    assert told in str(refused.value)


def test_a_rule_says_which_indicators_it_needs() -> None:
    needed = needed_indicators(SignalPolicy(rule="rsi2_reversion", params=(("trend", 150.0),)))
    wanted = [("sma", 150.0), ("rsi", 2.0), ("sma", 5.0), ("atr", 14.0)]
    assert list(needed) == [complete(IndicatorSpec(kind=k, params=(("length", n),))) for k, n in wanted]
    assert set(needed_indicators(SignalPolicy())) <= set(COMPUTED.indicators)
    assert rule_of(SignalPolicy()).name == "three_of_four"


def test_confirmations_as_words_are_what_a_prompt_shows() -> None:
    assert set(as_words(FACTS.confirmations)) == {"supertrend", "price_vs_sma20", "macd", "rsi"}
    assert set(as_words(FACTS.confirmations).values()) <= {"bull", "bear", "neutral", "na"}


def test_equal_values_are_neutral() -> None:
    flat = facts_of(tuple(replace_prices(bar) for bar in walk(60)), holding=False)
    assert flat.confirmations.price_vs_sma20 is View.NEUTRAL
    assert flat.confirmations.macd is View.NEUTRAL


def replace_prices(bar: Bar) -> Bar:
    ten = Decimal(10)
    return replace(bar, open=ten, high=ten, low=ten, close=ten)


def test_its_text_is_an_answer_in_the_one_schema() -> None:
    raw = RulesAnalyst().ask(question(FACTS, SignalPolicy()))
    assert parse(raw.text).confidence is None
    assert raw.cost == 0
