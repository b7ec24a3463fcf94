"""Lint tells everything at once; the static prefix is the same bytes for every symbol; texts stay short."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.adapters.templates import SandboxedTemplates
from glassdesk.workflow.prompts import bundle, catalogue, tokens
from glassdesk.workflow.prompts.lint import lint, whole_sample
from glassdesk.workflow.prompts.model import Kind
from glassdesk.workflow.prompts.packaged import packaged

ENGINE = SandboxedTemplates()
OURS = [*packaged(), *[path.read_text() for path in Path(__file__).parents[3].glob("examples/prompts/*.md")]]
GOOD = "Fill action, entry_high, stop, target_1 and confidence.\n"


def told(system: str, body: str, kind: Kind = Kind.COMBINED) -> list[tuple[str, str, str]]:
    return [(one.level, one.where, one.problem) for one in lint(ENGINE, system, body, kind)]


@pytest.mark.parametrize("text", OURS)
def test_nothing_is_wrong_with_our_own_prompts(text: str) -> None:
    file = bundle.parse(text)
    assert lint(ENGINE, file.system, file.body, file.kind, GOOD if file.system_prompt else None) == ()


@pytest.mark.parametrize(
    ("system", "body", "finding"),
    [
        (GOOD, "{{ simbol }}", ("error", "body, line 1", "there is no variable 'simbol'")),
        (GOOD, "a\n{{ next_close }}", ("error", "body, line 2", "'next_close' looks ahead: nobody knows it")),
        (GOOD, "{{ future_return }}", ("error", "body, line 1", "'future_return' looks ahead")),
        (GOOD, "{{ trade_outcome }}", ("error", "body, line 1", "'trade_outcome' looks ahead")),
        (GOOD, "{{ rsi | rond }}", ("error", "body, line 1", "No filter named 'rond'")),
        (GOOD, "x\n{% set y = 1 %}", ("warning", "body, line 2", "'y' is never used")),
        (GOOD, "{% set a, b = 1, 2 %}{{ a }}", ("warning", "body, line 1", "'b' is never used")),
        (GOOD, "{% macro m() %}{% endmacro %}x", ("warning", "body, line 1", "'m' is never used")),
        (GOOD + "{{ symbol }}", "x", ("warning", "system, line 2", "symbol differs between runs")),
        ("Read.", "{{ symbol }}", ("warning", "text", "nothing is said about action, entry_high, stop,")),
        (GOOD, "word " * 3_000, ("warning", "text", "about 3,0")),
    ],
)
def test_lint_finds(system: str, body: str, finding: tuple[str, str, str]) -> None:
    """R-16, R-32, R-33, X-10."""
    level, where, problem = finding
    assert any(
        (one[0], one[1]) == (level, where) and one[2].startswith(problem) for one in told(system, body)
    ), told(system, body)


def test_all_findings_come_at_once_and_errors_first() -> None:
    found = told("{{ a_1 }} {{ b_1 }}", "{{ c_1 }}{% set d = 2 %}")
    assert [level for level, _, _ in found] == ["error"] * 3 + ["warning"] * 2
    assert [problem for _, _, problem in found[:3]] == [f"there is no variable '{n}_1'" for n in "abc"]


@pytest.mark.parametrize("text", packaged())
def test_the_prefix_is_the_same_bytes_for_every_symbol(text: str) -> None:
    """What providers cache is the part that comes first; the system part is sent first."""
    file = bundle.parse(text)
    prefixes = set()
    for symbol, close in (("AAPL", 101.5), ("SPY", 145.25), ("BRK B", 88.0)):
        context = whole_sample() | {
            "symbol": symbol,
            "close": close,
            "current_price": close,
            "chart_code": symbol,
        }
        prefixes.add(ENGINE.render(file.system, context).encode())
    assert len(prefixes) == 1
    assert prefixes.pop() or file.system_prompt


@pytest.mark.parametrize("text", OURS)
def test_a_decision_has_at_most_2600_tokens_of_text(text: str) -> None:
    file = bundle.parse(text)
    shared = next(one.system for one in map(bundle.parse, packaged()) if one.name == "chart-system")
    system = shared if file.system_prompt else file.system
    length = sum(tokens.estimate(ENGINE.render(part, whole_sample())) for part in (system, file.body))
    assert 500 < length <= tokens.MOST == 2_600


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        # as o200k_base splits them, counted with its public ranks
        ("Highest high and lowest low of 20 bars: 103.5, 95.25", 19),
        ("2012-09-28  99.75  101.5  99.25  101  1250000", 29),
        ('{"action": "BUY", "stop": null}', 11),
        ("讀一張圖表和旁邊的數字，用一個 JSON 物件回答。", 21),
    ],
)
def test_the_estimate_is_near_and_not_below(text: str, counted: int) -> None:
    assert counted * 0.95 <= tokens.estimate(text) <= counted * 1.6


@given(st.text(max_size=300), st.text(max_size=300))
def test_a_longer_text_is_never_shorter(one: str, other: str) -> None:
    assert tokens.estimate(one + "\n\n" + other) >= tokens.estimate(one)
    assert tokens.estimate(one) <= 2 * len(one.encode()) + 1


def test_every_variable_says_what_it_may_know_and_none_looks_ahead() -> None:
    """R-20 … R-26, X-10: the catalogue is code, and what it describes is closed at the slot."""
    for variable in catalogue.CATALOGUE:
        assert variable.as_of
        assert variable.meaning.endswith(".")
        assert variable.type in ("text", "number", "date", "instant", "list", "map")
    names = {variable.name for variable in catalogue.CATALOGUE}
    assert {"now", "today", "symbol", "exchange", "current_price", "timeframe", "open", "volume"} <= names
    assert {"atr", "rsi", "macd", "supertrend", "ma20", "ma50", "ma200", "bollinger", "indicators"} <= names
    assert {"trend", "volatility", "strategy", "previous_analyses"} <= names
    assert {"analysis_daily", "daily_analysis", "analysis_weekly", "weekly_analysis"} <= names
