"""The tour's pictures are there, small, and each is shown."""

from __future__ import annotations

import re

from tests.architecture.source import ROOT
from tests.tour.__main__ import MOST_BYTES, PICTURES


def test_every_picture_of_the_tour_is_there_and_small_and_every_file_is_shown() -> None:
    shown = re.findall(r"\]\(pictures/([a-z-]+\.png)\)", (ROOT / "docs" / "tour.md").read_text())
    files = {file.name: file.stat().st_size for file in PICTURES.iterdir()}
    assert set(shown) == set(files)
    assert len(shown) == len(set(shown)) >= 10
    assert max(files.values()) <= MOST_BYTES
