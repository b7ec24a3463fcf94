"""Prompts as files, and what changed between two versions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.adapters.database import open_database, upgrade
from glassdesk.kernel.errors import InvalidInput
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.prompts import bundle
from glassdesk.workflow.prompts.model import Kind, PromptVersion
from tests.workflow.prompts.world import BEGAN, BODY, HEAD, SYSTEM, Desk, first


def test_a_comparison_shows_what_changed_and_nothing_else(desk: Desk, t: Transaction) -> None:
    one = first(desk, t)
    two = desk.prompts.revise(t, "mine", SYSTEM, BODY + "Be brief.\n", "", "ada")
    told = desk.prompts.compare(one, two)
    assert "+Be brief." in told
    assert "--- mine@1 body" in told
    assert "system" not in told
    assert desk.prompts.compare(one, one) == ""


def test_an_exported_prompt_comes_back_with_the_same_hash(desk: Desk, t: Transaction) -> None:
    one = first(desk, t)
    text = desk.prompts.export(t, "mine", 1)
    assert desk.prompts.take_in(t, text, "bob") == one
    moved = desk.prompts.take_in(t, text.replace("name: mine", "name: other"), "bob")
    assert (moved.name, moved.number, moved.sha256) == ("other", 1, one.sha256)


def test_a_file_that_was_edited_is_the_next_version_once_its_hash_is_gone(desk: Desk, t: Transaction) -> None:
    first(desk, t)
    text = desk.prompts.export(t, "mine", 1).replace("closed", "ended")
    with pytest.raises(InvalidInput, match="the text is not what was exported"):
        desk.prompts.take_in(t, text, "bob")
    unsigned = "\n".join(line for line in text.split("\n") if not line.startswith("sha256"))
    assert desk.prompts.take_in(t, unsigned, "bob").number == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "this is no prompt file"),
        ("---\nname: x\n---\nsystem only", "this is no prompt file"),
        ("---\nname: x\n---\ns\n--- body ---\nb", "language is missing"),
        ("---\nlanguage: en\n---\ns\n--- body ---\nb", "name is missing"),
        ("---\nname x\n---\ns\n--- body ---\nb", "is no head line"),
    ],
)
def test_a_file_that_is_no_prompt_says_what_is_missing(text: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        bundle.parse(text)


PART = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r\x00"), min_size=1).map(
    lambda text: text.rstrip("\n") + "\n"
)


@given(system=PART, body=PART)
def test_any_text_survives_its_file(system: str, body: str) -> None:
    version = PromptVersion(
        name="x", number=3, language="en", system=system, body=body, sha256="0" * 64, message="a\nb",
        author="ada", created_at=BEGAN,
    )  # fmt: skip
    file = bundle.parse(bundle.export(version, HEAD))
    assert (file.system, file.body, file.message, file.sha256) == (system, body, "a\nb", "0" * 64)


def test_a_text_with_the_dividing_line_in_it_comes_back_too() -> None:
    version = PromptVersion(
        name="x", number=1, language="en", system="a\n--- body ---\nb\n", body="--- body 2 ---\n",
        sha256="", message="", author="ada", created_at=BEGAN,
    )  # fmt: skip
    file = bundle.parse(bundle.export(version, HEAD))
    assert (file.system, file.body) == (version.system, version.body)


def test_everything_about_a_prompt_travels_in_its_file(desk: Desk, t: Transaction, tmp_path: Path) -> None:
    """R-41: into an empty desk, and out again, byte for byte."""
    first(desk, t)
    notes, tags = 'He said "no"\n\n--- body ---', ("a", "b-2")
    desk.prompts.create(t, "sys", "en", "Answer in JSON.", "", " odd  message\n", "ada", kind=Kind.SYSTEM)
    desk.prompts.create(
        t, "zh", "zh-Hant", "", "{{ symbol }}", "", "ada",
        system_prompt="sys", translation_of="mine", tags=tags, notes=notes,
    )  # fmt: skip
    files = desk.prompts.export_all(t)
    url = f"sqlite:///{tmp_path}/other.db"
    upgrade(url)
    other = Desk(open_database(url))
    with other.transactions.begin() as u:
        other.prompts.take_in_all(u, list(files.values()), "bob")
        assert other.prompts.export_all(u) == files
        assert other.prompts.prompt(u, "zh") == desk.prompts.prompt(t, "zh")
        assert other.prompts.take_in_all(u, list(files.values()), "bob") == [
            other.prompts.versions(u, name)[-1] for name in ("mine", "sys", "zh")
        ]


def test_the_schema_of_the_answer_stands_with_the_version_and_its_change_is_shown(
    desk: Desk, t: Transaction
) -> None:
    one = first(desk, t)
    assert one.answer_schema == '{"a":1}'
    later = replace(one, number=2, answer_schema='{"a":1,"b":2}')
    told = desk.prompts.compare(one, later)
    assert "mine@2 answer schema" in told
    assert '+  "b": 2' in told
    assert desk.prompts.compare(replace(one, answer_schema=""), later) == ""
