"""The page about the architecture shows the contracts and the pipeline that are in force."""

import re
from pathlib import Path

import pytest

from tests.architecture.drawing import BLOCK, DRAWINGS, PAGE, redrawn
from tests.architecture.source import ROOT

PATH_IN_CODE = re.compile(r"`((?:src|tests|simulator|docs|examples|openspec)/[\w./-]+)`")
PAGES = [PAGE, ROOT / "README.md"]


def test_the_page_is_drawn_from_the_code() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == redrawn(page), "redraw it: python -m tests.architecture.drawing"


def test_every_drawing_stands_on_the_page_once() -> None:
    assert sorted(found["name"] for found in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))) == sorted(
        DRAWINGS
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_path_that_is_named_is_there(page: Path) -> None:
    named = PATH_IN_CODE.findall(page.read_text(encoding="utf-8"))
    assert [path for path in named if not (ROOT / path).exists()] == []
    assert named


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
