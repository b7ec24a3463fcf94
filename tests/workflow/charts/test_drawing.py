"""What stands in a picture and where: nothing clipped, nothing covered, everything that was asked for."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import combinations, pairwise
from statistics import fmean, median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.charts.model import ChartSpec, Level, LevelKind, Theme
from glassdesk.workflow.charts.panel import Frame
from glassdesk.workflow.charts.scene import Box, Line, Path, Rect, Scene, Text
from glassdesk.workflow.charts.theme import PALETTES
from glassdesk.workflow.charts.window import window_over
from glassdesk.workflow.indicators.catalogue import CATALOGUE, kind_of
from glassdesk.workflow.indicators.compute import compute
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorValues
from glassdesk.workflow.indicators.model import Line as ValueLine
from glassdesk.workflow.indicators.presets import PRESETS, STANDARD, spec
from glassdesk.workflow.market_data.model import BarSize
from tests.workflow.charts.pictures import bracket, level, scene, tags, texts, words
from tests.workflow.indicators.worlds import walk

CROWD = IndicatorSet(
    name="crowd",
    indicators=(
        *(spec("sma", length=length) for length in (5, 10, 20, 50)),
        spec("ema", length=20),
        spec("ema", length=50),
        spec("bb"),
        spec("supertrend"),
        spec("macd"),
        spec("rsi"),
        spec("atr"),
        spec("rsi", length=5),
    ),
)


def check(drawn: Scene) -> None:
    """Every text and tag lies inside the picture, and no two of them overlap."""
    whole = Box(left=0, top=0, width=drawn.width, height=drawn.height)
    written = [part for part in drawn.parts if isinstance(part, Text)]
    assert [part for part in written if not whole.holds(part.box)] == []
    assert [tag for tag in tags(drawn) if not whole.holds(tag.box)] == []
    for one, other in combinations(tags(drawn), 2):
        assert not one.box.overlaps(other.box), (one, other)
    fixed = [part for part in written if part.role not in {"note", "tag-text"}]
    boxes = [(part.text, _tight(part)) for part in fixed] + [("tag", tag.box) for tag in tags(drawn)]
    for (name, one_box), (other_name, other_box) in combinations(boxes, 2):
        assert not one_box.overlaps(other_box), (name, other_name)
    legends = texts(drawn, "legend")
    for note in texts(drawn, "note"):
        assert not any(_tight(note).overlaps(_tight(legend)) for legend in legends), note.text


def _tight(text: Text) -> Box:
    """From the baseline to the height of a digit: what ink there is below and above may touch empty room."""
    return replace(text.box, top=text.y - 0.74 * text.size, height=0.74 * text.size)


@pytest.mark.parametrize("theme", list(Theme))
@pytest.mark.parametrize("kind", [entry.kind for entry in CATALOGUE])
def test_every_indicator_of_the_catalogue_draws_itself_readably(kind: str, theme: Theme) -> None:
    bars, one = walk(260, seed=3), IndicatorSet(name="one", indicators=(spec(kind),))
    drawn = scene(bars, ChartSpec(theme=theme), levels=bracket(bars), indicators=one)
    check(drawn)
    without = scene(bars, ChartSpec(theme=theme), levels=bracket(bars), indicators=NOTHING)
    assert len(marks(drawn)) > len(marks(without)), "it left no mark"
    assert any(text.startswith(kind_of(kind).title) for text in words(drawn, "legend"))
    assert len(tags(drawn)) > len(tags(without))


NOTHING = IndicatorSet(name="none", indicators=(spec("sma", length=400),))
"""A set that 260 bars cannot fill."""


def marks(drawn: Scene) -> list[Path]:
    return [part for part in drawn.parts if isinstance(part, Path)]


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
@pytest.mark.parametrize("size", [(640, 480), (1024, 768), (1920, 1400)])
def test_every_packaged_set_is_readable_at_every_size(preset: IndicatorSet, size: tuple[int, int]) -> None:
    bars = walk(400, seed=8, swing=0.03)
    check(scene(bars, ChartSpec(width=size[0], height=size[1]), levels=bracket(bars), indicators=preset))


def test_many_lines_leave_the_candles_two_thirds_of_their_panel() -> None:
    kinds = ("sma", "ema", "bb", "ichimoku", "sar", "pivots", "fib", "vp", "macd", "rsi", "adx", "obv")
    all_of_them = IndicatorSet(name="many", indicators=tuple(spec(kind) for kind in kinds))
    drawn = scene(walk(300, seed=5), ChartSpec(width=640, height=480), indicators=all_of_them)
    check(drawn)
    assert [text for text in words(drawn, "legend") if text.startswith("and ")] == [
        "and 23 more, see their values"
    ]


def test_dots_of_parabolic_sar_stand_on_the_side_of_the_trend() -> None:
    bars = walk(120, seed=5, swing=0.03)
    sar = IndicatorSet(name="sar", indicators=(spec("sar"),))
    direction = compute(sar, bars).values("sar_0p02_0p02_0p2_direction")[-60:]
    palette = PALETTES[Theme.LIGHT]
    drawn = marks(scene(bars, ChartSpec(bars=60), indicators=sar))
    found = {part.fill: part.steps.count("z") for part in drawn if "a" in part.steps}
    assert found == {palette.up: direction.count(1.0), palette.down: direction.count(-1.0)}


def test_the_cloud_changes_colour_where_its_edges_cross() -> None:
    bars = walk(300, seed=5, swing=0.02)
    cloud = IndicatorSet(name="cloud", indicators=(spec("ichimoku"),))
    values = compute(cloud, bars)
    a, b = (values.values(f"ichimoku_9_26_52_26_span_{end}")[-120:] for end in "ab")
    above = [x >= y for x, y in zip(a, b, strict=True) if x is not None and y is not None]
    changes = sum(one != other for one, other in pairwise(above))
    drawn = marks(scene(bars, ChartSpec(bars=120), indicators=cloud))
    pieces = [part.steps.count("z") for part in drawn if part.opacity == 0.14]
    assert changes > 0
    assert len(pieces) == 2
    assert sum(pieces) == 119 + changes


def test_levels_of_now_cross_the_picture_and_older_ones_do_not_widen_it() -> None:
    bars = walk(300, seed=5, swing=0.02)
    fib = IndicatorSet(name="fib", indicators=(spec("fib"),))
    drawn = scene(bars, ChartSpec(bars=120), indicators=fib)
    strokes = [part.steps for part in marks(drawn) if part.width > 1 and part.steps.count("H") == 1]
    assert len(strokes) == 7
    assert len({step.partition("H")[2] for step in strokes}) == 1
    named = [text for text in words(drawn, "tag-text") if " % " in text]
    assert len(named) == 7


@pytest.mark.parametrize("theme", list(Theme))
@pytest.mark.parametrize(
    ("bars", "width", "height"), [(15, 1024, 768), (90, 1024, 768), (400, 1920, 1400), (60, 640, 480)]
)
def test_every_size_is_readable(theme: Theme, bars: int, width: int, height: int) -> None:
    history = walk(460, seed=3)
    check(
        scene(history, ChartSpec(bars=bars, width=width, height=height, theme=theme), levels=bracket(history))
    )


@pytest.mark.parametrize(
    ("price", "decimals", "newest"), [(0.0123, 4, "0."), (9.87, 2, ""), (43_210.0, 2, ""), (900_000.0, 0, "")]
)
def test_every_price_is_readable(price: float, decimals: int, newest: str) -> None:
    bars = walk(200, seed=5, price=price, decimals=decimals, swing=0.03)
    drawn = scene(bars, levels=bracket(bars))
    check(drawn)
    assert f"C {bars[-1].close}" in words(drawn, "newest")
    assert any(text.startswith(newest) for text in words(drawn, "tick"))


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    count=st.integers(1, 260),
    price=st.sampled_from([0.02, 3.0, 117.0, 64_000.0]),
    size=st.sampled_from(list(BarSize)),
    crowded=st.booleans(),
    offsets=st.lists(st.floats(0.2, 5), max_size=5),
    shape=st.sampled_from([(1024, 768), (640, 480), (2560, 600)]),
)
def test_no_chart_has_clipped_or_covered_words(
    seed: int,
    count: int,
    price: float,
    size: BarSize,
    crowded: bool,
    offsets: list[float],
    shape: tuple[int, int],
) -> None:
    bars = walk(count, seed=seed, price=price, decimals=4, swing=0.03, size=size)
    levels = [level(LevelKind.TARGET, float(bars[-1].close) * offset, bars[0]) for offset in offsets]
    chosen = ChartSpec(width=shape[0], height=shape[1])
    check(scene(bars, chosen, levels=levels, indicators=CROWD if crowded else STANDARD, size=size))


def test_panels_follow_the_sets_order_and_what_cannot_be_computed_is_left_out() -> None:
    turned = IndicatorSet(name="turned", indicators=(spec("atr"), spec("rsi"), spec("macd")))
    heads = [text.split(" ")[0] for text in words(scene(walk(90), indicators=turned), "legend")]
    assert [head for head in heads if head in {"Volume", "ATR", "RSI", "MACD"}] == [
        "Volume",
        "ATR",
        "RSI",
        "MACD",
    ]
    young = words(scene(walk(16), indicators=turned), "legend")
    assert not any(text.startswith("MACD") for text in young)
    assert any(text.startswith("RSI") for text in young)


def test_volume_is_left_out_when_nothing_traded() -> None:
    assert not any(text.startswith("Volume") for text in words(scene(walk(90, volume=0)), "legend"))


def test_the_header_tells_the_newest_bar_and_the_reading_code() -> None:
    bars = walk(90)
    drawn = scene(bars)
    last, before = bars[-1], bars[-2]
    change = (float(last.close) / float(before.close) - 1) * 100
    assert words(drawn, "newest") == [
        "last bar 2024-05-06",
        f"O {last.open}",
        f"H {last.high}",
        f"L {last.low}",
        f"C {last.close}",
        f"{change:+.2f} %",
    ]
    assert words(drawn, "code") == ["7NY3"]


def test_the_extremes_and_the_middle_of_the_closes_are_told() -> None:
    bars = walk(120)
    shown, drawn = bars[-90:], scene(bars)
    closes = [float(bar.close) for bar in shown]
    assert words(drawn, "note") == [
        f"{max(bar.high for bar in shown):.2f}",
        f"{min(bar.low for bar in shown):.2f}",
    ]
    assert words(drawn, "summary") == [
        "90 bars",
        f"mean {fmean(closes):.2f}",
        f"median {median(closes):.2f}",
    ]


def test_tags_tell_the_last_close_levels_and_lines() -> None:
    bars = walk(120)
    values = compute(STANDARD, bars)
    drawn = words(scene(bars, levels=bracket(bars)), "tag-text")
    assert f"{bars[-1].close:.2f}" in drawn
    assert f"stop {bars[-1].close * Decimal('0.96'):.4f}" in drawn
    assert f"{values.last('sma_50'):.2f}" in drawn
    assert f"{values.last('rsi_14'):.2f}" in drawn


def test_a_level_far_away_is_pinned_to_the_edge_with_an_arrow() -> None:
    bars = walk(90)
    far = [level(LevelKind.TARGET, bars[-1].close * 5), level(LevelKind.STOP, bars[-1].close / 10)]
    drawn = scene(bars, levels=far)
    arrows = [text for text in texts(drawn, "tag-text") if text.text[0] in "▲▼"]
    assert [arrow.text.split(" ")[:2] for arrow in arrows] == [["▲", "target"], ["▼", "stop"]]
    assert arrows[0].y < min(tick.y for tick in texts(drawn, "tick"))


def test_a_fill_is_marked_at_its_bar_and_its_line_begins_there() -> None:
    bars = walk(90)
    colour = PALETTES[Theme.LIGHT].levels[LevelKind.FILL]
    drawn = scene(bars, levels=[level(LevelKind.FILL, bars[-10].close, bars[-10])])
    lines = [p for p in drawn.parts if isinstance(p, Line) and p.dash and p.colour == colour]
    dots = [p for p in drawn.parts if isinstance(p, Rect) and p.fill == colour and p.role != "tag"]
    assert len(lines) == len(dots) == 1
    assert dots[0].box.left < lines[0].x1 + 1 < dots[0].box.right
    assert 0.8 < lines[0].x1 / drawn.width < 0.9


def test_the_running_bar_is_hollow_and_named() -> None:
    bars = walk(30)
    drawn = scene(bars, running=True)
    hollow = [p for p in drawn.parts if isinstance(p, Rect) and p.fill == PALETTES[Theme.LIGHT].background]
    assert len(hollow) == 1
    assert words(drawn, "newest")[0].startswith("running bar (hatched)")


def test_up_and_down_bars_have_their_theme_colours() -> None:
    bars = walk(60)
    for theme, palette in PALETTES.items():
        drawn = scene(
            bars, ChartSpec(theme=theme), indicators=IndicatorSet(name="s", indicators=(spec("sma"),))
        )
        candles = [p for p in drawn.parts if isinstance(p, Path) and p.opacity == 1 and p.fill != "none"]
        ups = sum(bar.close >= bar.open for bar in bars)
        assert {p.fill: p.steps.count("z") for p in candles} == {
            palette.up: 2 * ups,
            palette.down: 2 * (len(bars) - ups),
        }


def test_two_averages_of_one_kind_have_different_colours() -> None:
    two = IndicatorSet(name="two", indicators=(spec("sma", length=5), spec("sma", length=10)))
    drawn = scene(walk(60), indicators=two)
    colours = [text.colour for text in texts(drawn, "legend") if text.text.startswith("SMA")]
    assert len(set(colours)) == 2


def test_a_line_with_a_single_value_is_still_seen() -> None:
    one = IndicatorSet(name="one", indicators=(spec("sma", length=20),))
    strokes = [p for p in scene(walk(20), indicators=one).parts if isinstance(p, Path) and p.width > 1]
    (((left, _), (right, _)),) = [stroke for path in strokes for stroke in path.strokes]
    assert right - left > 5


def test_a_price_that_never_moved_can_be_drawn() -> None:
    bars = [replace(b, open=Decimal(7), high=Decimal(7), low=Decimal(7), close=Decimal(7)) for b in walk(60)]
    check(scene(bars))


def test_values_of_other_bars_are_refused() -> None:
    bars = walk(60)
    with pytest.raises(InvalidInput, match="sma_20 has 59 values for 60 bars"):
        window_over(bars, compute(STANDARD, bars[:-1]), 90, running=False)
    with pytest.raises(InvalidInput, match="no bar to draw"):
        window_over(
            (), IndicatorValues(indicators=(), lines=(ValueLine(name="x", values=()),)), 90, running=False
        )


@given(count=st.integers(1, 400), width=st.integers(500, 2400))
def test_bars_stand_apart_inside_the_panel(count: int, width: int) -> None:
    box = Box(left=50, top=0, width=width, height=100)
    frame = Frame(box=box, data=box, low=0, high=1, count=count)
    spans = [(frame.x(i) - frame.body // 2, frame.x(i) - frame.body // 2 + frame.body) for i in range(count)]
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert box.left <= spans[0][0]
    assert spans[-1][1] <= box.right


def test_a_long_name_of_a_level_is_cut() -> None:
    bars = walk(60)
    long = Level(name="a name that never ends", price=bars[-1].close, kind=LevelKind.ENTRY)
    assert any(text.startswith("a name that ne ") for text in words(scene(bars, levels=[long]), "tag-text"))
