"""Strategy files: what is written is what is read, and what is wrong says where and what would be right."""

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.adapters.bundles import dump_strategy, load_strategy, strategy_from, strategy_to
from glassdesk.adapters.bundles.schema import LimitsForm
from glassdesk.kernel.canonical import digest
from glassdesk.kernel.errors import InvalidInput, NotFound
from glassdesk.workflow.charts.model import ChartSpec, Theme
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSpec
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.positions.model import ExitPlan
from glassdesk.workflow.prompts.model import PromptRef
from glassdesk.workflow.risk.model import Limits
from glassdesk.workflow.signals.budget import Budget
from glassdesk.workflow.signals.model import SignalPolicy
from glassdesk.workflow.strategies.model import (
    Approval,
    DecisionBar,
    Rank,
    Strategy,
    StrategyContract,
    Timing,
)

CONIDS = {"AAPL": 265598, "IBM": 8314, "FB": 107113386, "BRK B": 72063691}

SMALL = """\
name: dip
symbols: [AAPL, ibm]
bars: {size: 1d, history: 250, weekly: true}
indicators: [{kind: rsi, length: 2}, {kind: bb, length: 20, width: 2.5}]
prompt: {name: chart-analyst, label: live}
signal: {rule: rsi2_reversion, params: {entry: 10}}
timing: {cron: "0 9 * * 1-5", zone: America/New_York, exchange: XNYS, enter_after_open: 5, enter_before: 60}
exits: {stop_atr: 2, target_atr: 3.50, max_bars: null, urgency: market}
limits: {max_positions: 3}
approval: off
no_entry: [2012-10-25]
"""


def resolve(symbol: str) -> int:
    if symbol not in CONIDS:
        raise NotFound(f"no US stock is called {symbol!r}", where="symbol", remedy="search by name")
    return CONIDS[symbol]


def read(text: str | bytes) -> Strategy:
    return load_strategy(text, file="dip.yaml", account="DU1234567", resolve=resolve)


def refusal(text: str | bytes) -> str:
    with pytest.raises(InvalidInput) as caught:
        read(text)
    return str(caught.value)


def test_a_file_becomes_a_strategy_with_symbols_resolved_and_decimals_as_written() -> None:
    found = read(SMALL)
    assert [(c.conid, c.symbol) for c in found.contracts] == [(265598, "AAPL"), (8314, "IBM")]
    assert found.account == "DU1234567"
    assert str(found.exits.target_atr) == "3.50"
    assert found.approval is Approval.OFF
    assert found.no_entry == (date(2012, 10, 25),)
    assert found.indicators.name == "dip"
    assert found.limits == replace(Limits(), max_positions=3)


def test_what_a_file_leaves_out_takes_the_desks_defaults() -> None:
    found = read(SMALL.replace("limits: {max_positions: 3}\n", ""))
    assert found.limits == Limits()
    assert found.chart == ChartSpec()
    assert digest(found.limits) == digest(Limits())


def test_the_limits_of_a_file_are_the_limits_of_the_desk() -> None:
    assert list(LimitsForm.model_fields) == [field.name for field in fields(Limits)]


def test_a_written_file_reads_back_as_the_same_strategy_and_the_same_text() -> None:
    first = read(SMALL)
    text = dump_strategy(first)
    assert read(text) == first
    assert digest(read(text)) == digest(first)
    assert dump_strategy(read(text)) == text


numbers = st.decimals(min_value=Decimal("0.00000001"), max_value=Decimal(99_999), places=8) | st.integers(
    1, 99
).map(Decimal)
params = st.dictionaries(
    st.sampled_from(["length", "fast", "slow", "width"]),
    st.floats(0.01, 500, allow_nan=False).map(lambda value: round(value, 2)),
).map(lambda found: tuple(sorted(found.items())))
words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=60)


amounts = st.none() | numbers
budgets = st.builds(Budget, per_day=amounts, per_month=amounts, per_question=amounts)


@st.composite
def any_strategy(draw: st.DrawFn) -> Strategy:
    watchlist = draw(st.sampled_from(["", "", "large-caps", "off", "3"]))
    symbols = draw(st.lists(st.sampled_from(sorted(CONIDS)), min_size=1, unique=True))
    symbols = [] if watchlist else symbols
    return Strategy(
        name=draw(st.from_regex(r"[a-z0-9][a-z0-9_-]{0,39}", fullmatch=True)),
        version=0,
        account=draw(st.sampled_from(["DU1234567", "on", "123", "1.5", "null", "2012-10-25"])),
        contracts=tuple(StrategyContract(conid=CONIDS[symbol], symbol=symbol) for symbol in symbols),
        bar_size=draw(st.sampled_from(BarSize)),
        history=draw(st.integers(1, 1000)),
        decision_bar=draw(st.sampled_from(DecisionBar)),
        weekly=draw(st.booleans()),
        monthly=draw(st.booleans()),
        indicators=IndicatorSet(
            name=draw(st.sampled_from(["standard", "off", "3"])),
            indicators=tuple(
                IndicatorSpec(kind=kind, params=draw(params))
                for kind in draw(st.lists(st.sampled_from(["rsi", "sma", "bb"]), min_size=1, max_size=12))
            ),
        ),
        chart=ChartSpec(
            bars=draw(st.integers(10, 500)), theme=draw(st.sampled_from(Theme)), title=draw(words)
        ),
        prompt=PromptRef(
            name=draw(st.sampled_from(["chart-analyst", "yes"])), number=draw(st.none() | st.integers(1, 9))
        ),
        policy=SignalPolicy(rule="ema_cross", params=draw(params), minimum_r=draw(numbers)),
        timing=Timing(
            cron=draw(st.sampled_from(["0 9 * * 1-5", "*/5 * * * *"])),
            zone="America/New_York",
            exchange="XNYS",
            enter_after_open=draw(st.none() | st.integers(0, 1440)),
            enter_before=draw(st.integers(0, 1440)),
        ),
        exits=ExitPlan(
            stop_atr=draw(numbers),
            target_atr=draw(st.none() | numbers),
            max_bars=draw(st.none() | st.integers(1, 99)),
            trail_atr=draw(st.none() | numbers),
        ),
        limits=Limits(risk_per_trade=draw(numbers), max_positions=draw(st.integers(-5, 50))),
        rank=draw(st.sampled_from(Rank)),
        approval=draw(st.sampled_from(Approval)),
        no_entry=tuple(draw(st.lists(st.dates(), max_size=3))),
        description=draw(words),
        watchlist=watchlist,
        analyst=draw(st.sampled_from(["", "rules", "local", "null"])),
        budget=draw(budgets),
    )


@given(any_strategy())
def test_every_strategy_survives_its_file_exactly(strategy: Strategy) -> None:
    text = dump_strategy(strategy)
    again = read(text)
    assert digest(again) == digest(strategy)
    assert dump_strategy(again) == text


def test_plain_data_and_text_describe_the_same_strategy() -> None:
    found = read(SMALL)
    again = strategy_from(strategy_to(found), file="body", account="other", resolve=resolve)
    assert digest(again) == digest(found)


WRONG: dict[str, tuple[str | bytes, list[str]]] = {
    "a misspelt field": (
        SMALL.replace("cron:", "corn:"),
        ["timing.corn", "no field 'corn'", "did you mean cron?"],
    ),
    "an unknown field": (
        SMALL + "colour: red\n",
        ["colour", "there is no field", "it has name, description"],
    ),
    "a field left out": (SMALL.replace("stop_atr: 2, ", ""), ["exits.stop_atr", "is missing", "ATR"]),
    "a part left out": (
        SMALL.replace("prompt: {name: chart-analyst, label: live}\n", ""),
        ["prompt", "is missing"],
    ),
    "a word for a number": (SMALL.replace("250", "many"), ["bars.history", "'many'", "a whole number"]),
    "a fraction for a whole": (
        SMALL.replace("enter_before: 60", "enter_before: 1.5"),
        ["timing.enter_before", "1.5"],
    ),
    "an indicator's bad number": (
        SMALL.replace("length: 2}", "length: two}"),
        ["indicators[0].length", "'two'"],
    ),
    "an indicator without kind": (SMALL.replace("kind: rsi, ", ""), ["indicators[0].kind", "is missing"]),
    "one symbol, no list": (SMALL.replace("[AAPL, ibm]", "AAPL"), ["symbols", "must be a list", "[AAPL]"]),
    "no symbol": (SMALL.replace("[AAPL, ibm]", "[]"), ["symbols", "it trades nothing", "a watchlist"]),
    "symbols and a watchlist": (SMALL + "watchlist: caps\n", ["symbols", "a watchlist instead"]),
    "a budget of words": (SMALL + "budget: {per_day: much}\n", ["budget.per_day", "a number"]),
    "an unknown symbol": (SMALL.replace("ibm", "XXXX"), ["symbols[1]", "called 'XXXX'", "search by name"]),
    "an unknown bar size": (
        SMALL.replace("1d", "1day"),
        ["bars.size", "'1day'", "1min to 30min, 1h to 8h, 1d, 1w or 1m"],
    ),
    "an unknown word": (
        SMALL.replace("approval: off", "approval: maybe"),
        ["approval", "'maybe'", "off or all"],
    ),
    "a huge number": (SMALL.replace("3.50", "3" * 25), ["exits.target_atr", "20 digits"]),
    "too many decimals": (SMALL.replace("3.50", "3.123456789"), ["exits.target_atr", "8 decimals"]),
    "not a number": (SMALL.replace("length: 2}", "length: .nan}"), ["indicators[0].length"]),
    "a date that is none": (SMALL.replace("2012-10-25", "2012-13-25"), ["line 11", "2012-13-25 is no date"]),
    "a list of nothing": ("- 1\n", ["this is no strategy", "name:"]),
    "nothing": ("", ["this is no strategy"]),
    "a doubled field": (SMALL + "name: other\n", ["line 12", "'name' stands here twice"]),
    "broken YAML": ("name: [\n", ["line 2"]),
    "two documents": (SMALL + "---\nname: two\n", ["another document"]),
    "an alias": ("a: &x [1]\nb: *x\n", ["line 2", "aliases are not allowed"]),
    "an alias bomb": ("a: &a [1,1]\nb: &b [*a,*a]\nc: &c [*b,*b]\n", ["aliases are not allowed"]),
    "an object": ("a: !!python/object/apply:os.system ['true']\n", ["line 1"]),
    "a deep nest": ("a: " + "[" * 3000 + "]" * 3000, ["nested too deeply", "at most 12"]),
    "a large file": ("#" * 100_001, ["100001 bytes are too many", "at most 100000"]),
    "a control character": ("name: \x00\n", ["dip.yaml"]),
    "bytes that are no text": (b"name: \xff\xfe\xff", ["dip.yaml"]),
}


def test_a_choice_of_an_indicator_is_a_word_in_the_file() -> None:
    text = SMALL.replace("{kind: rsi, length: 2}", "{kind: vwap, anchor: week}")
    found = read(text)
    assert found.indicators.indicators[0].params == (("anchor", 1.0),)
    assert "anchor: week" in dump_strategy(found)
    said = refusal(text.replace("anchor: week", "anchor: decade"))
    assert "indicators[0].anchor: 'decade' does not fit (one of session, week," in said


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_with_file_field_and_remedy(case: str) -> None:
    text, parts = WRONG[case]
    said = refusal(text)
    assert "dip.yaml" in said
    assert "\n" not in said
    assert [part for part in parts if part not in said] == []


@given(st.text(max_size=300) | st.binary(max_size=300))
def test_no_file_whatsoever_causes_another_error(text: str | bytes) -> None:
    with pytest.raises(InvalidInput):
        read(text)
