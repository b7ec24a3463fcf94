"""A whole chart: equal input gives equal bytes, other input another reading code, bad input a clear error."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from glassdesk.adapters.charting.agg import agg_rasteriser
from glassdesk.kernel.canonical import canonical_text, decode_text, sha256_hex
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.charts.model import Chart, ChartSpec, Level, LevelKind, Picture, Theme
from glassdesk.workflow.charts.reading_code import ALPHABET, reading_code
from glassdesk.workflow.charts.scene import Box, Path, Rect, Scene, Text, num
from glassdesk.workflow.charts.service import Charts
from glassdesk.workflow.charts.svg import to_svg
from glassdesk.workflow.indicators.compute import compute
from glassdesk.workflow.indicators.presets import STANDARD
from glassdesk.workflow.market_data.model import BarSize
from tests.workflow.charts.pictures import CONTRACT, ZONE, bracket
from tests.workflow.indicators.worlds import bar_set, walk

BARS = walk(150, seed=3)

GOLDEN = "3d00148703d41b650db106df044d439b9122dd79d54b4f10818534bcfe2e3823"
"""SHA-256 of the SVG below. It changes with every change of the drawing, and never with the machine."""


@pytest.fixture(scope="module")
def charts() -> Charts:
    return Charts(agg_rasteriser())


def picture(charts: Charts, **changes: Any) -> Picture:
    """The chart of this file, with some of its arguments changed."""
    bars = changes.pop("bars", BARS)
    arguments: dict[str, Any] = {
        "spec": ChartSpec(),
        "contract": CONTRACT,
        "bar_set": bar_set(bars),
        "values": compute(STANDARD, bars),
        "levels": bracket(BARS),
        "zone": ZONE,
    }
    return charts.draw(**(arguments | changes))


def test_equal_input_gives_equal_bytes(charts: Charts) -> None:
    assert picture(charts) == picture(Charts(agg_rasteriser()))


def test_the_svg_has_the_same_bytes_on_every_machine(charts: Charts) -> None:
    assert picture(charts).chart.svg_sha256 == GOLDEN


def test_the_chart_names_its_bytes_and_its_bars(charts: Charts) -> None:
    drawn = picture(charts)
    assert drawn.chart.svg_sha256 == sha256_hex(drawn.svg)
    assert drawn.chart.png_sha256 == sha256_hex(drawn.png)
    assert (drawn.chart.first_bar, drawn.chart.last_bar) == (BARS[-90].session, BARS[-1].session)
    assert (drawn.chart.n_bars, drawn.chart.timeframe) == (90, BarSize.DAY)
    assert decode_text(Chart, canonical_text(drawn.chart)) == drawn.chart


def test_fewer_bars_than_asked_for_are_drawn_as_they_are(charts: Charts) -> None:
    assert picture(charts, bars=BARS[:12]).chart.n_bars == 12


def test_the_reading_code_stands_in_the_picture_once(charts: Charts) -> None:
    drawn = picture(charts)
    assert drawn.svg.count(drawn.chart.code.encode()) == 1


def test_the_reading_code_follows_everything_that_is_drawn(charts: Charts) -> None:
    raised = (*BARS[:-1], replace(BARS[-1], close=BARS[-1].close + Decimal("0.01")))
    codes = [
        picture(charts).chart.code,
        picture(charts, bars=raised).chart.code,
        picture(charts, levels=()).chart.code,
        picture(charts, running=True).chart.code,
        picture(charts, spec=ChartSpec(bars=89)).chart.code,
        picture(charts, contract=replace(CONTRACT, symbol="GLAZ")).chart.code,
    ]
    assert len(set(codes)) == len(codes)


def test_bars_that_are_not_drawn_do_not_change_the_reading_code(charts: Charts) -> None:
    # The first bar is too long ago for any line of the window but the averages that never forget.
    older = (replace(BARS[0], volume=BARS[0].volume + 1), *BARS[1:])
    assert picture(charts, bars=older).chart.code == picture(charts).chart.code


def test_reading_codes_use_all_their_characters_evenly() -> None:
    codes = [reading_code(sha256_hex(str(number).encode())) for number in range(4000)]
    counts = Counter("".join(codes))
    assert set(counts) == set(ALPHABET)
    assert max(counts.values()) < 1.3 * min(counts.values())
    assert not set(ALPHABET) & set("0O1ILQD2Z5S6G8BUV")


def test_intraday_charts_tell_the_exchanges_time(charts: Charts) -> None:
    bars = walk(100, size=BarSize.MIN_15)
    drawn = picture(
        charts, bar_set=bar_set(bars, size=BarSize.MIN_15), values=compute(STANDARD, bars), levels=()
    )
    assert b"last bar 2024-01-05 15:45 New York" in drawn.svg


def test_the_svg_is_well_formed_and_rounded_to_hundredths(charts: Charts) -> None:
    drawn = picture(charts, levels=[Level(name="<a&b>", price=BARS[-1].close, kind=LevelKind.ENTRY)])
    root = ET.fromstring(drawn.svg)  # noqa: S314 -- our own bytes
    assert root.attrib["width"] == "1024"
    assert any((element.text or "").startswith("<a&b>") for element in root.iter())
    assert re.search(rb'="[^"a-z#]*\.\d{3}', drawn.svg) is None


def test_text_cannot_leave_its_element() -> None:
    nasty = Text(x=1, y=1, text='</text><script>"\x00\n', size=10, colour="#000000")
    scene = Scene(width=10, height=10, background="#ffffff", parts=(nasty,))
    root = ET.fromstring(to_svg(scene))  # noqa: S314 -- our own bytes
    assert [element.text for element in root.iter() if element.text and "script" in element.text] == [
        '</text><script>"'
    ]


def test_every_primitive_has_its_svg() -> None:
    box = Box(left=0.004, top=1, width=2.5, height=3.333)
    scene = Scene(
        width=10,
        height=10,
        background="#ffffff",
        parts=(
            Rect(box=box, stroke="#010203", radius=2, role="tag"),
            Path(strokes=[((0, 0), (1, 0))], stroke="#010203", clip=box, opacity=0.5, dash=(2, 1)),
        ),
    )
    text = to_svg(scene).decode()
    assert (
        '<rect x="0" y="1" width="2.5" height="3.33" fill="none" stroke="#010203" rx="2" class="tag"/>'
        in text
    )
    assert '<clipPath id="c0">' in text
    assert 'clip-path="url(#c0)" d="M0 0H1" fill="none" stroke="#010203" stroke-dasharray="2 1"' in text


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "1"), (0.006, "0.01"), (-0.004, "0"), (12.346, "12.35"), (1e7, "10000000")]
)
def test_coordinates_are_written_short(value: float, text: str) -> None:
    assert num(value) == text


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (ChartSpec(bars=9), "chart.bars: bars is 9 .a whole number from 10 to 400"),
        (ChartSpec(width=100), "chart.width: width is 100 .a whole number from 640 to 2560"),
        (ChartSpec(height=9999), "chart.height"),
        (ChartSpec(title="x" * 81), "80 characters at most"),
    ],
)
def test_a_spec_out_of_range_is_refused_with_its_range(charts: Charts, spec: ChartSpec, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        picture(charts, spec=spec)


def test_an_unknown_zone_is_refused(charts: Charts) -> None:
    with pytest.raises(InvalidInput, match="no time zone 'New York'"):
        picture(charts, zone="New York")


def test_themes_differ_in_pixels_only_by_colour_and_code(charts: Charts) -> None:
    light, dark = picture(charts), picture(charts, spec=ChartSpec(theme=Theme.DARK))
    assert light.chart.pixels_sha256 != dark.chart.pixels_sha256
    assert (light.chart.n_bars, light.chart.width) == (dark.chart.n_bars, dark.chart.width)
