"""The how-to, done: an indicator of one's own from a folder, found wherever the others are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from glassdesk.adapters.indicators import own_kinds, own_mark
from glassdesk.adapters.templates import SandboxedTemplates
from glassdesk.kernel.errors import InvalidInput
from glassdesk.web.forms.fields import FormValues
from glassdesk.web.forms.indicators import read_set
from glassdesk.workflow.charts.model import ChartSpec
from glassdesk.workflow.indicators.catalogue import CATALOGUE, entries, use_own
from glassdesk.workflow.indicators.compute import compute
from glassdesk.workflow.indicators.model import IndicatorSet
from glassdesk.workflow.indicators.presets import spec
from glassdesk.workflow.indicators.writing import read_spec
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.prompts.checking import check
from glassdesk.workflow.signals.conditions.model import Conditions, Truth
from glassdesk.workflow.signals.conditions.needs import bars_needed, check_names, values_of
from glassdesk.workflow.signals.conditions.screening import screen
from glassdesk.workflow.signals.conditions.sentences import parse_statement
from tests.adapters.indicators.example import EXAMPLE
from tests.workflow.charts.pictures import scene, words
from tests.workflow.indicators.worlds import bar_set, walk


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The how-to's own file in a folder; what this process knows is as before afterwards."""
    (tmp_path / "indicators").mkdir()
    (tmp_path / "indicators/spread.py").write_text(EXAMPLE)
    yield tmp_path / "indicators"
    use_own(())


def test_it_is_found_in_form_chart_prompt_and_words(folder: Path) -> None:
    use_own(own_kinds(folder))
    assert [entry.kind for entry in entries()] == [*(entry.kind for entry in CATALOGUE), "spread"]
    read = read_set(FormValues((("name", "mine"), ("kind0", "spread"), ("p0.length", "7"))))
    assert read.wanted.indicators == (spec("spread", length=7),)
    assert [field.name for field in read.rows[0].fields] == ["p0.length"]
    bars = walk(120)
    mine = IndicatorSet(name="mine", indicators=(read_spec("spread:length=5"),))
    expected = sum(float(b.high - b.low) for b in bars[-5:]) / 5
    assert compute(mine, bars).last("spread_5") == pytest.approx(expected)
    assert any(
        text.startswith("Spread 5") for text in words(scene(bars, ChartSpec(), indicators=mine), "legend")
    )
    check(SandboxedTemplates(), "You read charts.", "Spread: {{ indicators.spread_5 }}")


def test_conditions_find_it_by_its_lines(folder: Path) -> None:
    """In a file, in the rows of the form, in what is counted, and on bars."""
    use_own(own_kinds(folder))
    mine = IndicatorSet(name="mine", indicators=(read_spec("spread:length=5"),))
    stated = Conditions(buy=parse_statement("spread(5) above 0.01"))
    check_names(stated, mine)
    assert "spread_5" in values_of(mine)
    assert bars_needed(stated, mine, BarSize.DAY) == 5
    bars = walk(60)
    seen = screen(stated, bar_set(bars), compute(mine, bars), {}, mine, holding=False).buy
    assert seen is not None
    assert seen.truth is Truth.TRUE
    assert seen.values[0].value == compute(mine, bars).last("spread_5")
    other = IndicatorSet(name="other", indicators=(read_spec("rsi:length=2"),))
    with pytest.raises(InvalidInput, match=r"add \{kind: spread, length: 5\} to its indicators"):
        check_names(stated, other)


def test_without_it_nothing_knows_its_name(folder: Path) -> None:
    with pytest.raises(InvalidInput, match="there is no indicator 'spread'"):
        read_spec("spread")
    with pytest.raises(InvalidInput, match="no indicator has a line"):
        check(SandboxedTemplates(), "You read charts.", "Spread: {{ indicators.spread_5 }}")


def test_the_files_are_marked_in_the_version_that_lineage_keeps(folder: Path) -> None:
    first = own_mark(folder)
    assert re.fullmatch(r"\+own\.[0-9a-f]{12}", first)
    (folder / "spread.py").write_text(EXAMPLE + "\n")
    assert own_mark(folder) != first
    assert own_mark(folder / "none") == ""


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("def compute", "def compute("), "it does not run: SyntaxError"),
        (("INDICATOR = Kind", "OTHER = Kind"), "it defines no indicator"),
    ],
)
def test_a_file_that_is_no_indicator_is_refused_by_name(
    folder: Path, change: tuple[str, str], says: str
) -> None:
    (folder / "spread.py").write_text(EXAMPLE.replace(*change))
    with pytest.raises(InvalidInput, match=says) as refused:
        own_kinds(folder)
    assert refused.value.where.endswith("spread.py")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('kind="spread"', 'kind="rsi"'), "there is an indicator 'rsi' already"),
        (('kind="spread"', 'kind="my_own"'), "'my_own' is no name"),
        (("return (simple(reach", "return (simple(reach[::-1]"), "looks ahead"),
        (("return (simple(reach", "return (simple(reach / 0"), "it cannot be computed|infinite"),
        (("return (simple(reach", "return (reach, simple(reach"), "does not answer 1 lines"),
        (("return (simple(reach", "return (simple(nothing"), "NameError"),
        (("default=14", "default=1000"), "the default of length is out of its range"),
    ],
)
def test_an_indicator_that_breaks_a_law_is_refused(folder: Path, change: tuple[str, str], says: str) -> None:
    assert change[0] in EXAMPLE
    (folder / "spread.py").write_text(EXAMPLE.replace(*change))
    with pytest.raises(InvalidInput, match=says):
        use_own(own_kinds(folder))
    assert entries() == CATALOGUE


def test_code_that_others_may_write_is_not_run(folder: Path) -> None:
    (folder / "spread.py").chmod(0o666)
    with pytest.raises(InvalidInput, match="somebody else may write this code"):
        own_kinds(folder)
