"""The rasteriser: words are really drawn, with our font only, the same every time, without eating memory."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import pyvips

from glassdesk.adapters.charting.pyvips import FONTS, HERE, pyvips_rasteriser
from glassdesk.kernel.canonical import sha256_hex
from glassdesk.kernel.errors import InvalidInput, Unavailable
from glassdesk.workflow.charts.text import text_width

DRAW = """
import sys
from glassdesk.adapters.charting.pyvips import pyvips_rasteriser
sys.stdout.buffer.write(pyvips_rasteriser().picture(sys.stdin.buffer.read(), 300, 60)[0])
"""

DRAW_WITH_THESE_FONTS = """
import sys
import pyvips
from glassdesk.adapters.charting.pyvips import PyvipsRasteriser
sys.stdout.buffer.write(PyvipsRasteriser(pyvips).picture(sys.stdin.buffer.read(), 300, 60)[0])
"""


def label(text: str, *, font: str = "DejaVu Sans", weight: str = "normal") -> bytes:
    words = f'<text x="10" y="40" font-size="20" font-weight="{weight}" fill="#000000">{text}</text>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="60" font-family="{font}">'
        f'<rect width="300" height="60" fill="#ffffff"/>{words}</svg>'
    ).encode()


def pixels(png: bytes) -> str:
    return pyvips_rasteriser().pixels_sha256(png)


def drawn_elsewhere(program: str, svg: bytes, **environment: str) -> bytes:
    """What a fresh process draws."""
    run = subprocess.run(
        [sys.executable, "-c", program],
        input=svg,
        capture_output=True,
        check=True,
        env=os.environ | environment,
    )
    return run.stdout


def extent(text: str, weight: str = "normal") -> tuple[int, int, int, int]:
    """Left, top, width and height of the ink."""
    image = pyvips.Image.pngload_buffer(pyvips_rasteriser().picture(label(text, weight=weight), 300, 60)[0])
    left, top, width, height = image.find_trim(background=[255, 255, 255])
    return left, top, width, height


def test_a_label_is_really_drawn() -> None:
    raster = pyvips_rasteriser()
    stop, entry, nothing = (
        pixels(raster.picture(label(t), 300, 60)[0]) for t in ("stop 181.20", "entry 181.20", "")
    )
    assert len({stop, entry, nothing}) == 3


def test_without_any_font_all_words_look_alike_so_it_is_our_font_that_tells_them_apart(
    tmp_path: Path,
) -> None:
    bare = tmp_path / "fonts.conf"
    bare.write_text('<?xml version="1.0"?><fontconfig></fontconfig>')
    words = [label("stop 181.20"), label("last 999.99")]
    without = [drawn_elsewhere(DRAW_WITH_THESE_FONTS, svg, FONTCONFIG_FILE=str(bare)) for svg in words]
    assert pixels(without[0]) == pixels(without[1])
    ours = [drawn_elsewhere(DRAW, svg, FONTCONFIG_FILE=str(bare)) for svg in words]
    assert ours == [pyvips_rasteriser().picture(svg, 300, 60)[0] for svg in words]
    assert pixels(ours[0]) != pixels(ours[1])


def test_fonts_of_the_host_are_not_seen() -> None:
    raster = pyvips_rasteriser()
    ours = pixels(raster.picture(label("Gq 4711"), 300, 60)[0])
    for other in ("DejaVu Serif", "Liberation Mono", "Arial", "monospace"):
        assert pixels(raster.picture(label("Gq 4711", font=other), 300, 60)[0]) == ours


def test_bold_is_a_font_of_its_own_and_widths_are_what_the_layout_reckons() -> None:
    for weight, bold in (("normal", False), ("bold", True)):
        text = "HMACD 12 26 0.12345H"
        width = extent(text, weight)[2]
        assert width == pytest.approx(text_width(text, 20, bold=bold), abs=5)


def test_two_processes_draw_the_same_bytes() -> None:
    svg = label("entry 187.15")
    assert (
        drawn_elsewhere(DRAW, svg)
        == drawn_elsewhere(DRAW, svg)
        == pyvips_rasteriser().picture(svg, 300, 60)[0]
    )


def test_a_process_without_a_home_draws_without_a_word(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", DRAW],
        input=label("entry"),
        capture_output=True,
        check=True,
        env=os.environ | {"HOME": str(tmp_path / "absent"), "XDG_CACHE_HOME": "/proc/nowhere"},
    )
    assert run.stderr == b""


def test_what_is_no_svg_or_has_another_size_is_refused() -> None:
    raster = pyvips_rasteriser()
    with pytest.raises(InvalidInput, match="cannot be drawn"):
        raster.picture(b"no picture", 300, 60)[0]
    with pytest.raises(InvalidInput, match="300 × 60"):
        raster.picture(label("x"), 301, 60)[0]
    with pytest.raises(InvalidInput, match="no PNG"):
        raster.pixels_sha256(b"no picture")


def test_pixels_are_the_same_whatever_the_encoder_did() -> None:
    png = pyvips_rasteriser().picture(label("x"), 300, 60)[0]
    again = pyvips.Image.pngload_buffer(png).pngsave_buffer(compression=1)
    assert sha256_hex(again) != sha256_hex(png)
    assert pixels(again) == pixels(png)


def test_a_missing_font_is_an_error_and_not_a_picture_without_words(tmp_path: Path) -> None:
    shutil.copy(HERE / "fonts.conf", tmp_path)
    with pytest.raises(Unavailable, match=FONTS[0]):
        pyvips_rasteriser(tmp_path)
