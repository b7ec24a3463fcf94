"""The table of requirements is whole, and names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

from tests.architecture.source import ROOT
from tests.architecture.test_specs import names_in

PAGE = (ROOT / "docs/requirements.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (R-\d{2,3}|X-\d{1,2}) \| (\w+) \|(.*)\|$", re.MULTILINE)
TEST = re.compile(r"`(tests/\S+\.py)::(test_\w+)`")
MOST_DECLINED = 12
NEVER_DECLINED = {*range(4, 8), *range(10, 14), *range(19, 35), *range(37, 46), *range(53, 59)}

Row = tuple[str, str, str]


def rows() -> list[Row]:
    return [(found[0], found[1], found[2]) for found in ROW.findall(PAGE)]


def test_every_requirement_and_every_defect_has_one_row() -> None:
    wanted = [f"R-{number:02d}" for number in range(1, 113)] + [f"X-{number}" for number in range(1, 19)]
    assert [row[0] for row in rows()] == wanted
    assert {row[1] for row in rows()} <= {"done", "part", "declined", "open"}


def test_what_is_done_names_a_test_that_is_there() -> None:
    for identity, state, rest in rows():
        named = TEST.findall(rest)
        assert bool(named) == (state in ("done", "part")), identity
        for file, name in named:
            assert name in names_in(Path(ROOT / file)), f"{identity}: {file} has no {name}"


def test_few_are_declined_none_that_must_be_there_and_each_with_a_reason() -> None:
    declined = [row for row in rows() if row[1] == "declined"]
    assert len(declined) <= MOST_DECLINED
    assert not {int(row[0][2:]) for row in declined} & NEVER_DECLINED
    assert all(len(row[2].split("|")[1].split()) >= 5 for row in declined)


def test_a_test_of_a_defect_is_named_after_it() -> None:
    for identity, _, rest in rows():
        if identity.startswith("X-"):
            for _, name in TEST.findall(rest):
                assert name.startswith(f"test_{identity.replace('-', '_')}_"), identity
