"""Sets of indicators: what is refused, what is spelled out, how lines are called, what survives storage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from glassdesk.adapters.clocks import ManualClock
from glassdesk.kernel.canonical import canonical_text, decode_text, digest
from glassdesk.kernel.errors import Conflict, InvalidInput, NotFound
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.indicators.catalogue import CATALOGUE, complete, complete_set, label, line_names
from glassdesk.workflow.indicators.compute import compute, minimum_bars, missing
from glassdesk.workflow.indicators.kind import Kind
from glassdesk.workflow.indicators.model import (
    IndicatorSet,
    IndicatorSetVersion,
    IndicatorSpec,
    IndicatorValues,
)
from glassdesk.workflow.indicators.presets import PRESETS, STANDARD, spec
from glassdesk.workflow.indicators.service import Indicators
from glassdesk.workflow.indicators.writing import read_spec, write_spec
from glassdesk.workflow.market_data.model import Bar
from tests.workflow.indicators.worlds import opening, walk


class NoTransaction:
    """A unit of work that ends at once."""

    def after_commit(self, ring: Callable[[], None]) -> None:
        ring()


class Shelf:
    """An indicator store of this test: refuses a taken version, as every store does."""

    def __init__(self) -> None:
        self._rows: list[IndicatorSetVersion] = []
        self._away: set[str] = set()

    def put(self, t: Transaction, version: IndicatorSetVersion) -> None:
        if any((row.name, row.version) == (version.name, version.version) for row in self._rows):
            raise Conflict(f"{version.name} is taken")
        self._rows.append(version)

    def versions(self, t: Transaction, name: str) -> Sequence[IndicatorSetVersion]:
        return [row for row in self._rows if row.name == name]

    def newest(self, t: Transaction) -> Sequence[IndicatorSetVersion]:
        return [self.versions(t, name)[-1] for name in sorted({row.name for row in self._rows})]

    def archive(self, t: Transaction, name: str, author: str, at: datetime) -> None:
        self._away.add(name)

    def archived(self, t: Transaction) -> frozenset[str]:
        return frozenset(self._away)


NOON = datetime(2024, 5, 6, 12, tzinfo=UTC)


def service() -> Indicators:
    return Indicators(Shelf(), ManualClock(NOON))


def set_of(*specs: IndicatorSpec) -> IndicatorSet:
    return IndicatorSet(name="tested", indicators=specs)


def with_values(bar: Bar, **prices: str) -> Bar:
    changed: dict[str, Any] = {name: Decimal(text) for name, text in prices.items()}
    return replace(bar, **changed)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (spec("smma"), ["smma", "one of sma, ema, wma, "]),
        (spec("rsi", lenght=14), ["lenght", "it has length"]),
        (spec("rsi", length=1), ["rsi.length", "1 bars", "whole number from 2 to 200"]),
        (spec("rsi", length=14.5), ["14.5", "whole number"]),
        (spec("rsi", length=float("nan")), ["nan", "from 2 to 200"]),
        (spec("bb", width=11), ["bb.width", "0.1 to 10"]),
        (spec("bb", width=2.0001), ["bb.width", "two decimals"]),
        (spec("vwap", anchor=5), ["vwap.anchor", "one of session, week, month, quarter, year"]),
        (spec("sar", start=0.5), ["start (0.5)", "above most (0.2)"]),
        (spec("macd", fast=26, slow=26), ["fast (26)", "below slow (26)"]),
        (IndicatorSpec(kind="sma", params=(("length", 5), ("length", 9))), ["twice"]),
    ],
)
def test_a_wrong_indicator_is_refused_with_its_place_and_its_range(
    wrong: IndicatorSpec, words: list[str]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        compute(set_of(wrong), walk(40))
    assert all(word in str(refused.value) for word in words)


@pytest.mark.parametrize("name", ["", "Daily", "with space", "-x", "a" * 41])
def test_a_set_needs_a_name_that_fits_in_an_address(name: str) -> None:
    with pytest.raises(InvalidInput, match="no name for a set"):
        complete_set(IndicatorSet(name=name, indicators=(spec("sma"),)))


def test_a_set_holds_1_to_12_different_indicators() -> None:
    with pytest.raises(InvalidInput, match="1 to 12"):
        complete_set(set_of())
    with pytest.raises(InvalidInput, match="1 to 12"):
        complete_set(set_of(*(spec("sma", length=n) for n in range(1, 14))))
    with pytest.raises(InvalidInput, match="SMA 20 stands in the set twice"):
        complete_set(set_of(spec("sma"), spec("sma", length=20)))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda b: [b[0], b[2], b[1]], "starts before"),
        (lambda b: [b[0], b[1], b[1]], "two bars start"),
        (lambda b: [b[0], with_values(b[1], close="NaN")], "not a number"),
        (lambda b: [b[0], with_values(b[1], volume="Infinity")], "not a number"),
        (lambda b: [b[0], with_values(b[1], high="1", low="2")], "high 1 is below low 2"),
        (lambda b: [b[0], with_values(b[1], low="0")], "not above 0"),
        (lambda b: [b[0], with_values(b[1], close="9999")], "outside"),
        (lambda b: [b[0], with_values(b[1], volume="-1")], "volume -1"),
    ],
)
def test_bars_that_cannot_be_are_refused_by_place(
    damage: Callable[[Sequence[Bar]], Sequence[Bar]], words: str
) -> None:
    with pytest.raises(InvalidInput, match=words) as refused:
        compute(set_of(spec("sma", length=2)), damage(walk(3)))
    assert refused.value.where.startswith(("bar 2 of", "bar 3 of"))


def test_too_few_bars_give_empty_lines_and_say_what_is_needed() -> None:
    bars = walk(14)
    values = compute(STANDARD, bars)
    assert values.values("rsi_14") == (None,) * 14
    assert values.last("atr_14") is not None
    short = {entry.title: (entry.needed, entry.given) for entry in missing(STANDARD, bars)}
    assert short == {
        "SMA 20": (20, 14),
        "SMA 50": (50, 14),
        "Bollinger 20 2": (20, 14),
        "MACD 12 26 9": (34, 14),
        "RSI 14": (15, 14),
    }
    assert missing(STANDARD, walk(50)) == ()


def test_no_bars_at_all_give_lines_without_values() -> None:
    values = compute(STANDARD, ())
    assert {line.values for line in values.lines} == {()}
    assert values.last("sma_20") is None


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.kind)
def test_the_minimum_of_bars_is_exact(entry: Kind) -> None:
    """Where bars decide (`patient`) it is the soonest: no bars are done with less, and these are with it."""
    wanted = set_of(IndicatorSpec(kind=entry.kind))
    enough = minimum_bars(wanted)
    bars = soonest(enough) if entry.patient else walk(enough)
    assert all(line.values[-1] is not None for line in compute(wanted, bars).lines)
    for fewer in (bars[:-1], bars[1:]):
        assert any(line.values[-1:] in ((None,), ()) for line in compute(wanted, fewer).lines)


def soonest(count: int) -> list[Bar]:
    """One bar a month, of which the eleventh is the highest and the lowest of all."""
    days = [date(2020 + at // 12, at % 12 + 1, 15) for at in range(count)]
    months = [replace(b, session=day, start=opening(day)) for b, day in zip(walk(count), days, strict=True)]
    return [with_values(b, low="1", high="900") if at == 10 else b for at, b in enumerate(months)]


def test_line_names_are_the_words_prompts_and_rules_use() -> None:
    names = [name for entry in STANDARD.indicators for name in line_names(complete(entry))]
    assert names == [
        "sma_20",
        "sma_50",
        "bb_20_2_upper",
        "bb_20_2_mid",
        "bb_20_2_lower",
        "supertrend_10_3",
        "supertrend_10_3_direction",
        "macd_12_26_9",
        "macd_12_26_9_signal",
        "macd_12_26_9_hist",
        "rsi_14",
        "atr_14",
    ]
    assert line_names(complete(spec("bb", width=2.5)))[0] == "bb_20_2p5_upper"
    assert label(complete(spec("bb", width=2.5))) == "Bollinger 20 2.5"


def test_defaults_are_spelled_out_and_order_does_not_matter() -> None:
    assert complete(spec("macd")) == spec("macd", signal=9, slow=26, fast=12)
    assert digest(complete(spec("sma"))) == digest(IndicatorSpec(kind="sma", params=(("length", 20),)))


def test_sets_and_values_survive_their_canonical_text() -> None:
    values = compute(STANDARD, walk(60))
    assert decode_text(IndicatorSet, canonical_text(STANDARD)) == STANDARD
    assert decode_text(IndicatorValues, canonical_text(values)) == values
    assert digest(decode_text(IndicatorValues, canonical_text(values))) == digest(values)


def test_values_have_ten_digits_and_no_negative_zero() -> None:
    still = compute(STANDARD, [with_values(b, open="7", high="7", low="7", close="7") for b in walk(60)])
    assert "-0.0" not in canonical_text(still)
    assert still.last("macd_12_26_9_hist") == 0
    for line in compute(STANDARD, walk(60)).lines:
        assert all(value is None or value == float(f"{value:.10g}") for value in line.values)


def test_a_line_is_read_from_its_newest_end() -> None:
    values = compute(set_of(spec("sma", length=1)), walk(5))
    line = values.values("sma_1")
    assert (values.last("sma_1"), values.at("sma_1", -2)) == (line[4], line[3])
    assert values.at("sma_1", -6) is None
    with pytest.raises(KeyError, match="there are sma_1"):
        values.last("sma_2")


def test_a_set_is_kept_spelled_out_and_never_changes_under_its_name() -> None:
    indicators, t = service(), NoTransaction()
    kept = indicators.create(t, set_of(spec("sma")))
    assert kept.indicators == (spec("sma", length=20),)
    assert indicators.create(t, set_of(spec("sma", length=20))) == kept
    with pytest.raises(Conflict, match="make a new version"):
        indicators.create(t, set_of(spec("sma", length=21)))
    assert indicators.get(t, "tested") == kept
    assert list(indicators.list(t)) == [kept, *PRESETS]
    with pytest.raises(NotFound, match=r"'other'.*one of tested, standard"):
        indicators.get(t, "other")


def test_a_change_is_a_new_version_and_the_old_one_stays() -> None:
    indicators, t = service(), NoTransaction()
    first = indicators.create(t, set_of(spec("sma")))
    second = indicators.edit(t, set_of(spec("sma"), spec("rsi")), base=1, message="momentum too")
    assert (second.version, second.author, second.created_at) == (2, "owner", NOON)
    assert indicators.get(t, "tested") == second.indicators
    assert indicators.get(t, "tested", 1) == first
    assert [(row.version, row.message) for row in indicators.versions(t, "tested")] == [
        (1, ""),
        (2, "momentum too"),
    ]
    with pytest.raises(NotFound, match=r"no version 3.*1 to 2"):
        indicators.get(t, "tested", 3)


def test_the_same_content_is_no_new_version_and_a_late_change_is_refused() -> None:
    indicators, t = service(), NoTransaction()
    indicators.create(t, set_of(spec("sma")))
    assert indicators.edit(t, set_of(spec("sma", length=20)), base=1).version == 1
    indicators.edit(t, set_of(spec("ema")), base=1)
    with pytest.raises(Conflict, match="version 2 of 'tested' was kept meanwhile"):
        indicators.edit(t, set_of(spec("wma")), base=1)
    with pytest.raises(InvalidInput, match=r"sma\.length"):
        indicators.edit(t, set_of(spec("sma", length=0)), base=2)


def test_an_archived_set_is_offered_no_more_and_its_versions_stay() -> None:
    sets, t = service(), NoTransaction()
    sets.create(t, set_of(spec("rsi", length=2)))
    sets.edit(t, set_of(spec("rsi", length=3)), base=1)
    assert sets.archive(t, "tested").version == 2
    assert "tested" not in [one.name for one in sets.newest(t)]
    assert sets.get(t, "tested", 1) == set_of(spec("rsi", length=2))
    assert [one.version for one in sets.versions(t, "tested")] == [1, 2]
    for change in (
        lambda: sets.create(t, set_of(spec("rsi", length=2))),
        lambda: sets.edit(t, set_of(spec("rsi", length=4)), base=2),
    ):
        with pytest.raises(Conflict, match="archived"):
            change()


def test_what_comes_with_the_program_is_not_archived() -> None:
    with pytest.raises(Conflict, match="comes with the program"):
        service().archive(NoTransaction(), "standard")


def test_what_comes_with_the_program_can_be_used_but_not_changed() -> None:
    indicators, t = service(), NoTransaction()
    assert indicators.get(t, "momentum") in PRESETS
    assert indicators.version(t, "momentum").version == 0
    assert indicators.create(t, indicators.get(t, "momentum")) in PRESETS
    for change in (indicators.create, partial(indicators.edit, base=0)):
        with pytest.raises(Conflict, match="choose another name"):
            change(t, replace(set_of(spec("sma")), name="momentum"))
    assert [row.version for row in indicators.newest(t)] == [0] * len(PRESETS)


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.kind)
def test_an_indicator_is_read_as_it_is_written(entry: Kind) -> None:
    full = complete(IndicatorSpec(kind=entry.kind))
    assert read_spec(write_spec(full)) == full
    assert complete(read_spec(f" {entry.kind} ")) == full


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("zsi", "there is no indicator 'zsi'"),
        ("rsi:lenght=2", r"'lenght=2' is no parameter of RSI: .*NAME=VALUE with length|lenght"),
        ("rsi:2", "'2' is no parameter of RSI"),
        ("rsi:length=two", "'two' is no number"),
        ("obv:length=2", "no parameter at all"),
    ],
)
def test_an_indicator_that_cannot_be_read_is_told(text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_spec(text)


def test_a_word_that_is_no_choice_is_refused_with_the_choices() -> None:
    with pytest.raises(InvalidInput, match="one of session, week, month, quarter, year"):
        complete(read_spec("vwap:anchor=decade"))


def test_the_service_computes_and_says_what_is_missing() -> None:
    indicators = service()
    assert indicators.compute(STANDARD, walk(60)) == compute(STANDARD, walk(60))
    assert indicators.missing(STANDARD, walk(49))[0].title == "SMA 50"
    assert indicators.catalogue() == CATALOGUE


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_presets_are_spelled_out_already(preset: IndicatorSet) -> None:
    assert complete_set(preset) == preset


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.kind)
def test_a_catalogue_entry_explains_itself_and_its_defaults_are_allowed(entry: Kind) -> None:
    assert entry.meaning.endswith(".")
    assert len(entry.meaning) > 40
    assert all(p.low <= p.default <= p.high and (p.unit or p.options) and p.title for p in entry.parameters)
    assert entry.minimum_bars({p.name: p.default for p in entry.parameters}) >= 1
    assert dict(complete(IndicatorSpec(kind=entry.kind)).params) == {
        p.name: p.default for p in entry.parameters
    }
