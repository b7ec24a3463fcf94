"""The rasteriser: what an SVG of the same scene shows, words in our font only, the same bytes every time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path as File

import numpy as np
import pytest
import pyvips

from glassdesk.adapters.charting.agg import FONTS, HERE, agg_rasteriser
from glassdesk.adapters.charting.png import Pixels, packed, unpacked
from glassdesk.kernel.canonical import sha256_hex
from glassdesk.kernel.errors import InvalidInput, Unavailable
from glassdesk.workflow.charts.model import ChartSpec, Theme
from glassdesk.workflow.charts.scene import Box, Path, Primitive, Rect, Scene, Text
from glassdesk.workflow.charts.svg import to_svg
from glassdesk.workflow.charts.text import text_width
from tests.workflow.charts.pictures import bracket, scene
from tests.workflow.indicators.worlds import walk

DRAW = """
import sys
from glassdesk.adapters.charting.agg import agg_rasteriser
from tests.workflow.charts.pictures import scene
from tests.workflow.indicators.worlds import walk
sys.stdout.buffer.write(agg_rasteriser().picture(scene(walk(120)))[0])
"""

LIBRSVG = "import sys, pyvips; pyvips.Image.svgload(sys.argv[1]).extract_band(0, n=3).pngsave(sys.argv[2])"
BLACK = "#000000"


def canvas(*parts: Primitive, width: int = 300, height: int = 60) -> Scene:
    return Scene(width=width, height=height, background="#ffffff", parts=parts)


def words(text: str, *, bold: bool = False, y: float = 40) -> Text:
    return Text(x=10, y=y, text=text, size=20, colour=BLACK, bold=bold)


def pixels(*parts: Primitive) -> Pixels:
    return unpacked(agg_rasteriser().picture(canvas(*parts))[0])


def by_librsvg(svg: bytes, folder: File) -> Pixels:
    """Another program's drawing of the SVG with the same fonts; they are chosen when it is loaded."""
    fonts = folder / "fonts.conf"
    fonts.write_text(f'<?xml version="1.0"?><fontconfig><dir>{HERE / "fonts"}</dir></fontconfig>')
    (folder / "chart.svg").write_bytes(svg)
    subprocess.run(
        [sys.executable, "-c", LIBRSVG, folder / "chart.svg", folder / "chart.png"],
        check=True,
        env=os.environ | {"FONTCONFIG_FILE": str(fonts), "XDG_CACHE_HOME": str(folder)},
    )
    image = pyvips.Image.new_from_file(str(folder / "chart.png"))
    return np.frombuffer(image.write_to_memory(), np.uint8).reshape(image.height, image.width, 3)


@pytest.mark.parametrize("theme", list(Theme))
def test_the_picture_shows_what_the_svg_shows(theme: Theme, tmp_path: File) -> None:
    bars = walk(200, seed=3, swing=0.03)
    drawn = scene(bars, ChartSpec(theme=theme), levels=bracket(bars), running=True)
    ours = unpacked(agg_rasteriser().picture(drawn)[0]).astype(float)
    theirs = by_librsvg(to_svg(drawn), tmp_path).astype(float)
    difference = np.abs(ours - theirs)
    # Edges are smoothed a little otherwise; a part that is absent, moved or of another colour is more.
    assert difference.mean() < 1.2
    tiles = difference.reshape(768 // 16, 16, 1024 // 16, 16, 3).mean(axis=(1, 3, 4))
    assert tiles.max() < 30


def test_a_rectangle_on_whole_pixels_has_sharp_edges() -> None:
    whole = Path(blocks=[(20, 10, 1, 30), (18, 15, 5, 9)], fill=BLACK)
    tag = Rect(box=Box(left=40, top=10, width=30, height=12), fill=BLACK)
    drawn = pixels(whole, tag)[:, :, 0]
    assert set(np.unique(drawn)) == {0, 255}
    assert (drawn == 0).sum() == 30 + 4 * 9 + 30 * 12
    assert (drawn[10:40, 20] == 0).all()
    assert (drawn[10:22, 40:70] == 0).all()


def test_half_a_pixel_is_half_as_dark_and_opacity_lets_the_ground_through() -> None:
    half = Path(blocks=[(20, 10.5, 3, 10)], fill=BLACK)
    pale = Path(blocks=[(30, 10, 3, 10)], fill=BLACK, opacity=0.4)
    drawn = pixels(half, pale)[:, :, 0]
    assert drawn[10, 21] == pytest.approx(127, abs=2)
    assert drawn[15, 31] == pytest.approx(153, abs=2)


def test_dots_areas_and_lines_are_where_they_should_be_and_end_at_their_clip() -> None:
    clip = Box(left=0, top=0, width=100, height=60)
    dot = Path(dots=[(50, 30, 10)], fill=BLACK)
    line = Path(strokes=[((90, 30.5), (200, 30.5))], stroke=BLACK, clip=clip)
    area = Path(areas=[[(10, 10), (20, 10), (20, 20), (10, 20)]], fill=BLACK, clip=clip)
    drawn = pixels(dot, line, area)[:, :, 0]
    assert (drawn[30, 41:59] == 0).all()
    assert (255 - drawn[:, 38:62].astype(float)).sum() / 255 == pytest.approx(np.pi * 100, rel=0.02)
    assert (drawn[30, 90:100] == 0).all()
    assert (drawn[30, 100:] == 255).all()
    assert (drawn[10:20, 10:20] == 0).all()


def test_dashes_leave_the_ground_between_them() -> None:
    dashed = Path(strokes=[((0, 30.5), (100, 30.5))], stroke=BLACK, dash=(4, 4))
    assert [int(v) for v in pixels(dashed)[30, :16, 0]] == [0] * 4 + [255] * 4 + [0] * 4 + [255] * 4


def test_every_word_is_drawn_and_another_one_otherwise() -> None:
    seen = {sha256_hex(pixels(words(text)).tobytes()) for text in ("stop 181.20", "entry 181.20", "")}
    assert len(seen) == 3


def test_bold_is_a_font_of_its_own_and_widths_are_what_the_layout_reckons() -> None:
    for bold, size in product((False, True), (10.4, 13.0, 20.0, 23.7)):
        text = Text(x=10, y=40, text="HMACD 12 26 0.12345H", size=size, colour=BLACK, bold=bold)
        drawn = unpacked(agg_rasteriser().picture(canvas(text, width=400))[0])
        ink = np.flatnonzero(drawn.min(axis=(0, 2)) < 128)
        assert ink[-1] - ink[0] == pytest.approx(text_width(text.text, size, bold=bold), abs=0.3 * size)


def test_a_halo_keeps_letters_apart_from_what_lies_below() -> None:
    below = Path(blocks=[(0, 0, 300, 60)], fill="#e0303f")
    plain = Text(x=10, y=40, text="104.82", size=20, colour=BLACK)
    haloed = Text(x=10, y=40, text="104.82", size=20, colour=BLACK, halo="#ffffff")
    assert not (pixels(below, plain) == 255).all(axis=2).any()
    assert (pixels(below, haloed) == 255).all(axis=2).sum() > 100


def test_a_text_in_any_script_is_drawn_without_an_error() -> None:
    for text in ("", "· ▲ ▼ €", "玻璃", "a\u0000b\n", "𝄞"):
        agg_rasteriser().picture(canvas(words(text)))


def test_two_processes_draw_the_same_bytes() -> None:
    runs = [subprocess.run([sys.executable, "-c", DRAW], capture_output=True, check=True) for _ in range(2)]
    assert runs[0].stdout == runs[1].stdout == agg_rasteriser().picture(scene(walk(120)))[0]


def test_threads_may_share_one() -> None:
    rasteriser, drawn = agg_rasteriser(), [scene(walk(60 + count)) for count in range(6)]
    alone = [rasteriser.picture(one) for one in drawn]
    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(rasteriser.picture, drawn)) == alone


def test_many_threads_pack_the_same_bytes() -> None:
    # ISA-L's level 1 failed this in one process of four.
    drawn = [unpacked(agg_rasteriser().picture(scene(walk(60 + count)))[0]) for count in range(24)]
    alone = [packed(one) for one in drawn]
    with ThreadPoolExecutor(40) as threads:
        assert list(threads.map(packed, drawn * 80)) == alone * 80


def test_pixels_are_the_same_whatever_the_encoder_did() -> None:
    rasteriser = agg_rasteriser()
    png, shown = rasteriser.picture(canvas(words("x")))
    again = pyvips.Image.pngload_buffer(png).pngsave_buffer(compression=1)
    assert sha256_hex(again) != sha256_hex(png)
    assert rasteriser.pixels_sha256(png) == rasteriser.pixels_sha256(again) == shown


def test_another_program_reads_the_same_pixels() -> None:
    drawn = np.random.default_rng(1).integers(0, 256, (7, 5, 3), np.uint8)
    image = pyvips.Image.pngload_buffer(packed(drawn))
    assert (image.width, image.height, image.bands) == (5, 7, 3)
    assert image.write_to_memory() == drawn.tobytes()


@pytest.mark.parametrize("spoil", ["beginning", "end", "checksum", "filtered", "grey"])
def test_what_is_no_picture_of_ours_is_refused(spoil: str) -> None:
    rasteriser = agg_rasteriser()
    png = rasteriser.picture(canvas(words("x")))[0]
    image = pyvips.Image.pngload_buffer(png)
    spoiled = {
        "beginning": b"no picture",
        "end": png[:200],
        "checksum": png[:60] + bytes([png[60] ^ 1]) + png[61:],
        "filtered": image.pngsave_buffer(filter="paeth"),
        "grey": image.extract_band(0).pngsave_buffer(),
    }
    with pytest.raises(InvalidInput, match="no PNG of a chart"):
        rasteriser.pixels_sha256(spoiled[spoil])


def test_a_missing_font_is_an_error_and_not_a_picture_without_words(tmp_path: File) -> None:
    (tmp_path / "fonts").mkdir()
    shutil.copy(HERE / "fonts" / FONTS[1], tmp_path / "fonts")
    with pytest.raises(Unavailable, match=FONTS[0]):
        agg_rasteriser(tmp_path)
