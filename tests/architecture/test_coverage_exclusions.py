"""Lines that no test has to reach are few, and say why."""

import re

from tests.architecture.source import PRODUCT, sources

EXCLUSION = re.compile(r"#\s*pragma:\s*no\s*cover(?P<reason>.*)$")
MOST = 20


def exclusions() -> list[tuple[str, str]]:
    return [
        (f"{source.name}:{number}", found["reason"].strip(" :–-()"))
        for source in sources(*PRODUCT)
        for number, line in enumerate(source.lines, 1)
        if (found := EXCLUSION.search(line))
    ]


def test_hardly_any_line_is_excused_from_coverage() -> None:
    assert len(exclusions()) <= MOST, exclusions()


def test_every_excuse_gives_its_reason_on_the_same_line() -> None:
    assert [place for place, reason in exclusions() if len(reason) < 10] == []
