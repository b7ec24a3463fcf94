"""What a prompt template can do, and that it can do nothing else."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.adapters.templates import SandboxedTemplates
from glassdesk.adapters.templates.filters import FILTERS
from glassdesk.kernel.errors import InvalidInput

ENGINE = SandboxedTemplates()
VALUES: dict[str, object] = {
    "symbol": "GLAS",
    "atr": 2.345,
    "price": Decimal("101.50"),
    "volume": 1_250_000,
    "missing": "N/A",
    "nothing": None,
    "today": date(2012, 10, 1),
    "now": datetime(2012, 10, 1, 13, 30, tzinfo=UTC),
    "stamp": "2012-10-01T13:30:00Z",
    "bars": [{"close": 1.5}, {"close": 2.5}, {"close": 3.5}],
    "levels": {"high": 3, "low": 1},
    "words": ("a", "b"),
}


def rendered(template: str) -> str:
    return ENGINE.render(template, VALUES)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ symbol }} {{ price }} {{ volume }}", "GLAS 101.5 1250000"),
        ("{{ nothing }} {{ missing }}", "N/A N/A"),
        ("{{ today }} {{ now }}", "2012-10-01 2012-10-01T13:30:00Z"),
        ("{{ atr | round(1) }} {{ atr | round }} {{ missing | round(1) }}", "2.3 2.35 N/A"),
        ("{{ (0 - 3) | abs }}", "3"),
        ("{{ 0.0231 | percent }} {{ 0.5 | percent(0) }} {{ missing | percent }}", "2.31% 50% N/A"),
        ("{{ 1234.5 | currency }} {{ 2 | currency('eur') }}", "USD 1,234.50 EUR 2.00"),
        ("{{ '7.9' | int }} {{ '7.5' | float }} {{ nothing | int }}", "7 7.5 N/A"),
        ("{{ missing | default('none') }} {{ nothing | d(0) }} {{ atr | d(0) }}", "none 0 2.345"),
        ("{{ unheard_of | default('x') }}", "x"),
        ("{{ stamp | date }} {{ stamp | datetime('%H:%M') }} {{ today | date('%d %b %Y') }}", ""),
        ("{{ 'ab cd' | upper }} {{ 'AB' | lower }} {{ 'ab cd' | title }} {{ 'aB' | capitalize }}", ""),
        ("[{{ ' x ' | trim }}] {{ 'abc' | length }} {{ bars | count }}", "[x] 3 3"),
        ("{{ words | join(', ') }} {{ words | first }} {{ words | last }} {{ [] | first }}", "a, b a b N/A"),
        ("{{ 'bullish' | trend_label }} {{ 'bullish' | trend_label('zh-Hant') }}", "bullish 看漲"),
        ("{{ 'BUY' | signal_label('zh') }} {{ 'BUY' | signal_label }} {{ 'odd' | signal_label }}", ""),
        ("{{ bars[-2:][0].close }} {{ levels.high }} {{ levels['low'] }}", "2.5 3 1"),
        ("{% for b in bars %}{{ b.close }}{{ ';' if not loop.last }}{% endfor %}", "1.5;2.5;3.5"),
        ("{% for k, v in levels.items() %}{{ loop.index }}/{{ loop.length }}{{ k }}{{ v }} {% endfor %}", ""),
        ("{% for i in [0, 1, 2] %}{% if i == 1 %}{% continue %}{% endif %}{{ i }}{% endfor %}", "02"),
        ("{% for i in [0, 1, 2] %}{% if i == 1 %}{% break %}{% endif %}{{ i }}{% endfor %}", "0"),
        ("{% macro m(x, y=2) %}{{ x }}-{{ y }}{% endmacro %}{{ m(1) }} {{ m(1, y=3) }}", "1-2 1-3"),
        ("{% set s = namespace(n=0) %}{% for i in [1,2] %}{% set s.n = s.n + i %}{% endfor %}{{ s.n }}", "3"),
        ("{{ 'a' ~ 1 ~ symbol }} {{ 'a' + 'b' }} {{ 'ab' * 2 }} {{ 7 // 2 }} {{ 7 % 4 }} {{ 2 ** 5 }}", ""),
        ("{{ missing * 2 }} {{ -missing }} {{ missing + 1 }}", "N/A N/A N/A"),
        ("{% if missing != 'N/A' %}x{% elif atr > 2 %}y{% else %}z{% endif %}", "y"),
        ("{{ 'x' if 'L' in symbol else 'y' }} {{ atr is number }} {{ bars is sequence }}", "x True True"),
        ("{% filter upper %}a{{ symbol | lower }}{% endfilter %}{% set s %}b{% endset %}{{ s }}", "AGLASb"),
        ("{% raw %}{{ not a variable }}{% endraw %}{# a remark #}", "{{ not a variable }}"),
        ("{% for b in bars %}\n{{ b.close }}\n{% endfor %}\nend", "1.5\n2.5\n3.5\nend"),
    ],
)  # fmt: skip
def test_what_a_prompt_can_say(template: str, text: str) -> None:
    expected = {
        "{{ stamp | date }}": "2012-10-01 13:30 01 Oct 2012",
        "{{ 'ab cd' | upper }}": "AB CD ab Ab Cd Ab",
        "{{ 'BUY' | signal_label('zh') }}": "買入 buy odd",
        "{% for k, v in levels": "1/2high3 2/2low1 ",
        "{{ 'a' ~ 1": "a1GLAS ab abab 3 3 32",
    }
    if not text:
        text = next(value for start, value in expected.items() if template.startswith(start))
    assert rendered(template) == text


LONG = "{% for i in range(19000) %}" + "x" * 500 + "{% endfor %}"
MANY = "{% for a in range(9000) %}{% endfor %}"


def doubling(step: str) -> str:
    """A template that does `step` sixty times."""
    return "{% set ns = namespace(a='xxxxxxxxxx') %}{% for i in range(60) %}" + step + "{% endfor %}"


def macro(name: str, body: str) -> str:
    return "{% macro " + name + " %}" + body + "{% endmacro %}"


EXPLODING = {
    "nested loops": "{% for a in range(999) %}{% for b in range(999) %}{% endfor %}{% endfor %}",
    "loops one after the other": "{% for a in range(15000) %}{% endfor %}" * 2,
    "a loop in a macro": macro("m()", MANY) + "{{ m() }}" * 3,
    "a filtered loop": "{% for a in range(20000) if a < 0 %}{% endfor %}{% for a in [1] %}{% endfor %}",
    "a loop's length": "{% for a in range(15000) %}{% if loop.length %}{% break %}{% endif %}{% endfor %}"
    * 2,
    "a long text": "{{ 'a' * 10**9 }}",
    "a long text, turned round": "{{ 10**9 * 'a' }}",
    "a long list": "{{ ([1] * 10**9) | length }}",
    "a tall power": "{{ 9 ** (9 ** 9) }}",
    "powers of powers": "{{ 9**9**9**9 }}",
    "a negative tall power": "{{ 9 ** -(10 ** 9) }}",
    "a tall float": "{{ 10.0 ** 400 }}",
    "infinity": "{{ 1e308 * 10 }}",
    "many digits": doubling("{% if i == 0 %}{% set ns.a = 9 %}{% endif %}{% set ns.a = ns.a * ns.a %}"),
    "a long range": "{{ range(10**12) | length }}",
    "a wide format": "{{ '%1000000000d' % 1 }}",
    "a wide method": "{{ 'a'.ljust(10**9) }}",
    "a wide format method": "{{ '{:>1000000000}'.format(1) }}",
    "a wide date": "{{ today | date('%1000000000d') }}",
    "a long date format": "{{ today | date('%Y' * 4000) }}",
    "many decimals": "{{ 1.5 | round(10**9) }}",
    "many decimals in percent": "{{ 1.5 | percent(10**9) }}",
    "a macro that calls itself": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "a macro that calls itself twice": macro(
        "m(n)", "{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}"
    ) + "{{ m(40) }}",
    "two macros in turn": macro("a()", "{{ b() }}") + macro("b()", "{{ a() }}") + "{{ a() }}",
    "a caller that calls": macro("m()", "{{ caller() }}") + "{% call m() %}{{ m() }}{% endcall %}",
    "doubling by a block": doubling("{% set ns.a %}{{ ns.a }}{{ ns.a }}{% endset %}"),
    "doubling by ~": doubling("{% set ns.a = ns.a ~ ns.a %}"),
    "doubling by +": doubling("{% set ns.a = ns.a + ns.a %}"),
    "doubling by join": doubling("{% set ns.a = [ns.a, ns.a] | join %}"),
    "joining with a long text": "{{ range(5000) | join('x' * 90000) }}",
    "doubling lists": doubling("{% set ns.a = [ns.a, ns.a] %}"),
    "doubling tuples": doubling("{% set ns.a = (ns.a, ns.a) %}"),
    "doubling dictionaries": doubling("{% set ns.a = {'x': ns.a, 'y': ns.a} %}"),
    "adding lists": doubling("{% if i == 0 %}{% set ns.a = [1] %}{% endif %}{% set ns.a = ns.a + ns.a %}"),
    "much constant text": LONG,
    "much text in a macro": macro("m()", LONG) + "{{ m() }}",
    "much text in a filter": "{% filter upper %}" + LONG + "{% endfilter %}",
    "deep brackets": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "deep lists": "{{ " + "[" * 5000 + "]" * 5000 + " }}",
    "deep loops": "{% for a in [1] %}" * 40 + "{% endfor %}" * 40,
    "deep ifs": "{% if 1 %}" * 3000 + "{% endif %}" * 3000,
    "long sums": "{{ " + "+".join("1" * 9_000) + " }}",
    "a huge number": "{{ " + "9" * 5000 + " }}",
}  # fmt: skip

ESCAPES = {
    "class": "{{ symbol.__class__ }}",
    "class by name": "{{ symbol['__class__'] }}",
    "mro": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "globals of a macro": "{% macro m() %}{% endmacro %}{{ m.__globals__ }}",
    "environment of a macro": "{% macro m() %}{% endmacro %}{{ m._environment }}",
    "the template itself": "{{ self }}",
    "the template's context": "{{ self._TemplateReference__context }}",
    "the loop's insides": "{% for b in bars %}{{ loop._iterator }}{% endfor %}",
    "a global of Jinja": "{{ cycler.__init__.__globals__ }}",
    "lipsum": "{{ lipsum(1) }}",
    "dict": "{{ dict(a=1) }}",
    "namespace's class": "{{ namespace.__init__ }}",
    "range's class": "{{ range.__globals__ }}",
    "a method of a text": "{{ symbol.encode() }}",
    "format with attributes": "{{ '{0.__class__}'.format(symbol) }}",
    "format_map": "{{ '{symbol.__class__}'.format_map(levels) }}",
    "changing a list": "{% set x = bars.append(1) %}",
    "changing a dictionary": "{% set x = levels.update({'a': 1}) %}",
    "clearing a dictionary": "{% set x = levels.clear() %}",
    "a method of a date": "{{ now.astimezone() }}",
    "attr filter": "{{ symbol | attr('__class__') }}",
    "map filter": "{{ bars | map(attribute='__class__') | join }}",
    "random": "{{ bars | random }}",
    "a private filter": "{{ bars | _turns }}",
    "printing a macro": "{% macro m() %}{% endmacro %}{{ m }}",
    "printing a method": "{{ levels.items }}",
    "printing a list": "{{ bars }}",
    "printing a dictionary": "{{ levels }}",
    "include": "{% include 'x' %}",
    "import": "{% import 'x' as x %}",
    "from import": "{% from 'x' import y %}",
    "extends": "{% extends 'x' %}",
    "block": "{% block x %}{% endblock %}",
    "autoescape": "{% autoescape true %}{% endautoescape %}",
    "recursive loop": "{% for b in bars recursive %}{{ loop(bars) }}{% endfor %}",
    "a loop called": "{% for b in bars %}{{ loop(bars) }}{% endfor %}",
    "a loop over letters": "{% for letter in symbol %}{{ letter }}{% endfor %}",
    "a loop over a number": "{% for x in 5 %}{% endfor %}",
    "a number that is called": "{{ atr() }}",
    "text less text": "{{ 'a' - 'b' }}",
    "comparing a missing value": "{{ 1 if missing > 3 }}",
    "dividing by zero": "{{ 1 / 0 }}",
    "modulo zero": "{{ 1 % 0 }}",
    "zero to a negative power": "{{ 0 ** -1 }}",
    "a root of a negative number": "{{ (0 - 2) ** 0.5 }}",
    "an unknown variable": "{{ unheard_of }}",
    "an unknown variable in a sum": "{{ unheard_of + 1 }}",
    "an unknown variable in a filter": "{{ unheard_of | round }}",
    "an unknown variable as a condition": "{% if unheard_of %}{% endif %}",
    "an unknown field": "{{ levels.hihg }}",
    "an index too far": "{{ bars[9].close }}",
    "an unknown filter": "{{ atr | rond }}",
    "an unknown test": "{{ atr is callable }}",
    "a text as a number": "{{ symbol | round }}",
    "a date that is none": "{{ symbol | date }}",
    "too many arguments": "{{ atr | round(1, 2, 3) }}",
    "an open bracket": "{{ atr",
    "an open loop": "{% for b in bars %}",
    "an unknown tag": "{% exec x %}",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _memory() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.parametrize("template", EXPLODING.values(), ids=EXPLODING.keys())
@pytest.mark.slow
def test_a_template_that_explodes_is_stopped_while_it_is_small(template: str) -> None:
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    with pytest.raises(InvalidInput) as refused:
        rendered(template)
    assert refused.value.where.startswith("line ")
    assert refused.value.remedy
    assert tracemalloc.get_traced_memory()[1] - before < 60_000_000


@pytest.mark.parametrize("template", ESCAPES.values(), ids=ESCAPES.keys())
def test_a_template_reads_values_and_reaches_nothing_else(template: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        rendered(template)
    assert refused.value.problem
    assert " at 0x" not in str(refused.value)


@pytest.mark.parametrize(
    ("template", "where", "told"),
    [
        ("a\nb\n{{ 1 / 0 }}", "line 3", "division by zero"),
        ("a\n\n\n{{ symbol.x }}", "line 4", "has no attribute 'x'"),
        ("\n{{ atr | rond }}", "line 2", "No filter named 'rond'"),
        ("\n\n{% endfor %}", "line 3", "unknown tag 'endfor'"),
        ("x\n{% include 'y' %}", "line 2", "include is not allowed"),
        ("x\n\n{% for b in bars %}\n{{ b.open }}{% endfor %}", "line 4", "no attribute 'open'"),
    ],
)
def test_an_error_names_the_line_and_the_trouble(template: str, where: str, told: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        rendered(template)
    assert refused.value.where == where
    assert told in refused.value.problem


def test_an_unknown_filter_names_the_filters_there_are() -> None:
    with pytest.raises(InvalidInput) as refused:
        ENGINE.variables("{{ x | rond }}")
    assert all(name in refused.value.remedy for name in FILTERS)


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("{{ a }}{% for b in c %}{{ b }}{{ loop.index }}{% endfor %}{{ range(3) | join }}", {"a", "c"}),
        ("{% set x = y %}{{ x }}{% macro m(z) %}{{ z }}{{ w }}{% endmacro %}{{ m(1) }}", {"y", "w"}),
        ("{{ d.e.f['g'] ~ h }}", {"d", "h"}),
        ("no variable", set()),
    ],
)
def test_it_knows_the_variables_of_a_template(template: str, names: set[str]) -> None:
    assert ENGINE.variables(template) == names


def test_limits_are_reached_exactly() -> None:
    assert rendered("{% for i in range(20000) %}{% endfor %}ok") == "ok"
    assert len(rendered("{{ 'a' * 100000 }}")) == 100_000
    with pytest.raises(InvalidInput, match="20,000 loop turns"):
        rendered("{% for i in range(20000) %}{% endfor %}{% for i in [1] %}{% endfor %}")
    with pytest.raises(InvalidInput, match="100,000 characters"):
        rendered("{{ 'a' * 100000 }}b")


def test_a_rendering_begins_with_a_full_budget() -> None:
    for _ in range(3):
        assert rendered("{% for i in range(15000) %}{% endfor %}") == ""


def test_renderings_in_threads_have_budgets_of_their_own() -> None:
    template = "{% for i in range(15000) %}{% endfor %}{{ symbol }}"
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(rendered, [template] * 12)) == {"GLAS"}


def test_values_are_not_changed_by_a_template() -> None:
    values = {"bars": [{"close": 1}]}
    ENGINE.render("{% set x = bars[0] %}{{ x.close }}", values)
    assert values == {"bars": [{"close": 1}]}


class Own:
    secret = "x"


def test_nothing_with_behaviour_enters_a_template() -> None:
    with pytest.raises(InvalidInput, match="a Own cannot enter a prompt"):
        ENGINE.render("{{ own.secret }}", {"own": Own()})


def test_html_is_not_escaped_because_a_prompt_is_no_page() -> None:
    assert ENGINE.render("{{ x }} < 3", {"x": "a < b & c"}) == "a < b & c < 3"


def refusal(template: str) -> InvalidInput | None:
    try:
        rendered(template)
    except InvalidInput as refused:
        return refused
    return None


@given(text=st.text(max_size=60))
def test_any_text_renders_or_is_refused_with_a_reason(text: str) -> None:
    refused = refusal(text)
    assert refused is None or (refused.problem and refused.where.startswith("line "))


PIECES = ["{{", "}}", "{%", "%}", "for", "in", "bars", "atr", "|", "round", "set", "x", "=", "(", ")", "if"]
MORE = ["endfor", "endif", "macro", "'", "1", "*", "**", "~", "\n"]


@given(st.lists(st.sampled_from([*PIECES, *MORE]), max_size=14))
def test_any_heap_of_tags_renders_or_is_refused_with_a_reason(pieces: list[str]) -> None:
    refused = refusal(" ".join(pieces))
    assert refused is None or refused.problem


def test_a_deep_template_leaves_the_interpreter_well() -> None:
    limit = sys.getrecursionlimit()
    with pytest.raises(InvalidInput, match="too deeply"):
        rendered("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}")
    assert sys.getrecursionlimit() == limit
