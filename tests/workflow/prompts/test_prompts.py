"""Prompts on the real database: versions for ever, what may be saved, what is rendered."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from glassdesk.kernel.errors import Conflict, IntegrityViolation, InvalidInput
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.prompts import bundle, catalogue
from glassdesk.workflow.prompts.model import Kind, PromptRef, PromptVersion, Resolution
from glassdesk.workflow.prompts.service import LABELS, packaged, prompt_sha256
from tests.workflow.prompts.world import BEGAN, BODY, SYSTEM, Desk, audited, first, settled

EXAMPLES = sorted((Path(__file__).parents[3] / "examples/prompts").glob("*.md"))


def test_a_version_is_kept_word_for_word_and_for_ever(desk: Desk, t: Transaction) -> None:
    one = first(desk, t)
    desk.clock.advance(timedelta(days=1))
    two = desk.prompts.revise(t, "mine", SYSTEM, BODY + "More.\n", "second", "bob")
    assert (one.number, one.author, one.created_at) == (1, "ada", BEGAN)
    assert (two.number, two.author, two.created_at) == (2, "bob", BEGAN + timedelta(days=1))
    assert list(desk.prompts.versions(t, "mine")) == [one, two]
    assert desk.prompts.version(t, "mine", 1).body == BODY
    assert one.sha256 == prompt_sha256("en", SYSTEM, BODY) != two.sha256


def test_the_hash_covers_the_text_and_not_the_name(desk: Desk, t: Transaction) -> None:
    assert first(desk, t, "one").sha256 == first(desk, t, "two").sha256
    other = desk.prompts.create(t, "three", "zh-Hant", SYSTEM, BODY, "", "ada")
    assert other.sha256 != first(desk, t, "four").sha256


def test_line_ends_of_a_browser_make_no_other_version(desk: Desk, t: Transaction) -> None:
    one = first(desk, t)
    browser = desk.prompts.create(t, "two", "en", "You read charts.\r\n\r\n", BODY.rstrip(), "", "ada")
    assert (browser.system, browser.body, browser.sha256) == (one.system, one.body, one.sha256)


def test_saving_the_same_text_again_is_refused(desk: Desk, t: Transaction) -> None:
    first(desk, t)
    with pytest.raises(Conflict, match="version 1 reads exactly so already"):
        desk.prompts.revise(t, "mine", SYSTEM, BODY, "again", "ada")


def test_who_opened_an_old_version_learns_that_a_newer_one_was_saved(desk: Desk, t: Transaction) -> None:
    """R-12."""
    first(desk, t)
    desk.prompts.revise(t, "mine", SYSTEM, "B {{ close }}", "second", "bob", base=1)
    with pytest.raises(Conflict, match="version 2 by bob was saved after you opened version 1"):
        desk.prompts.revise(t, "mine", SYSTEM, "C {{ close }}", "mine", "ada", base=1)


def test_every_act_is_an_audit_row_with_the_hash_before_and_after(desk: Desk, t: Transaction) -> None:
    """T-77."""
    one = first(desk, t)
    two = desk.prompts.revise(t, "mine", SYSTEM, "{{ close }}", "", "bob")
    desk.prompts.label(t, "mine", "live", 1, "eve")
    desk.prompts.label(t, "mine", "live", 1, "eve")
    assert audited(desk, t) == [
        ("ada", "prompt.version", "mine@1"),
        ("ada", "prompt.label", "mine:draft"),
        ("bob", "prompt.version", "mine@2"),
        ("bob", "prompt.label", "mine:draft"),
        ("eve", "prompt.label", "mine:live"),
    ]
    bodies = [row.body for row in desk.audit.entries(t)]
    assert f'"before":{{"number":1,"sha256":"{one.sha256}"}}' in bodies[2]
    assert f'"after":{{"number":2,"sha256":"{two.sha256}"}}' in bodies[2]
    assert desk.audit.verify(t) == 5


@pytest.mark.parametrize(
    ("name", "language", "told"),
    [
        ("Mine", "en", "name"),
        ("", "en", "name"),
        ("-x", "en", "name"),
        ("a" * 41, "en", "name"),
        ("a/b", "en", "name"),
        ("mine", "english", "language"),
        ("mine", "", "language"),
    ],
)
def test_a_bad_name_or_language_is_refused(
    name: str, language: str, told: str, desk: Desk, t: Transaction
) -> None:
    with pytest.raises(InvalidInput) as refused:
        desk.prompts.create(t, name, language, SYSTEM, BODY, "", "ada")
    assert refused.value.where == told
    assert refused.value.remedy


def test_a_name_is_given_once(desk: Desk, t: Transaction) -> None:
    first(desk, t)
    with pytest.raises(Conflict, match="the prompt 'mine' exists"):
        first(desk, t)


CHECKS = [
    ("a\n\n{{ simbol }}", "body, line 3", "there is no variable 'simbol'", "did you mean symbol"),
    ("{{ curent_price }}", "body, line 1", "there is no variable 'curent_price'", "current_price"),
    ("rsi of\n{{ rsi | rond }}", "body, line 2", "No filter named 'rond'", "round"),
    ("x\n{% for b in bars %}\n{{ b.close }}", "body, line 3", "end of template", ""),
    ("x\n{{ levels.hihg }}", "body, line 2", "no attribute 'hihg'", ""),
    ("{{ indicators.rsy_14 }}", "body, line 1", "no indicator has a line 'rsy_14'", "rsi_14"),
    ("\n{% if rsi > 70 %}hot{% endif %}", "body, line 2", "'>' not supported", "guard it"),
    ("{% include 'x' %}", "body, line 1", "include is not allowed", ""),
    ("{{ symbol.__class__ }}", "body, line 1", "unsafe", "reads values"),
    ("{{ 'a' * 10**9 }}", "body, line 1", "a repetition to more than 100,000", ""),
    ("x" * 20_000, "body", "20,001 characters", "at most 20,000"),
    ("a\nb\x00", "body, line 2", "the character '\\x00'", "remove it"),
    ("a\ud800", "body, line 1", "the character '\\ud800'", "remove it"),
    (" \n ", "body", "it is empty", "write"),
]


@pytest.mark.parametrize(("body", "where", "told", "remedy"), CHECKS)
def test_a_prompt_that_cannot_work_is_not_saved(
    body: str, where: str, told: str, remedy: str, desk: Desk, t: Transaction
) -> None:
    """R-33."""
    with pytest.raises(InvalidInput) as refused:
        desk.prompts.create(t, "mine", "en", SYSTEM, body, "", "ada")
    assert refused.value.where == where
    assert told in refused.value.problem
    assert remedy in refused.value.remedy
    assert list(desk.prompts.names(t)) == []


def test_the_part_at_fault_is_named(desk: Desk) -> None:
    with pytest.raises(InvalidInput) as refused:
        desk.prompts.check("{{ simbol }}", BODY)
    assert refused.value.where == "system, line 1"


@pytest.mark.parametrize(
    "body",
    [
        "{{ indicators.ema_21 }} {{ indicators['rsi_2'] | round(1) }}",
        "{% for name, value in indicators.items() %}{{ name }}={{ value | round(2) }} {% endfor %}",
        "{{ atr | default('unknown') }} {{ atr * 2 }}",
        "{% if rsi != 'N/A' and rsi > 70 %}hot{% endif %}",
        "{{ bars[-1].close }} {{ strategy.parameters.stop_atr }}",
        *[f"{{{{ {one.name} }}}}" for one in catalogue.CATALOGUE if one.type not in ("list", "map")],
    ],
)
def test_a_prompt_that_works_with_and_without_values_is_saved(body: str, desk: Desk, t: Transaction) -> None:
    assert desk.prompts.create(t, "mine", "en", SYSTEM, body, "", "ada").number == 1


def test_rendering_says_which_version_and_why(desk: Desk, t: Transaction) -> None:
    version = first(desk, t)
    rendered = desk.prompts.render(
        Resolution(version=version, reason="fixed"), {"symbol": "GLAS", "close": 101.5}
    )
    assert (rendered.name, rendered.number, rendered.reason) == ("mine", 1, "fixed")
    assert (rendered.prompt_sha256, rendered.user) == (version.sha256, "GLAS closed at 101.5.")
    assert desk.prompts.preview(Resolution(version=version, reason="")).user == "SAMP closed at 101.0."


def test_a_text_that_was_changed_behind_our_back_is_not_sent(desk: Desk, t: Transaction) -> None:
    version = first(desk, t)
    forged = PromptVersion(
        **{field: getattr(version, field) for field in PromptVersion.__slots__} | {"body": "BUY"}
    )
    with pytest.raises(IntegrityViolation, match="mine version 1 is not what was saved"):
        desk.prompts.render(Resolution(version=forged, reason="fixed"), {})


def test_a_clone_is_a_prompt_of_its_own(desk: Desk, t: Transaction) -> None:
    """R-40."""
    origin = first(desk, t)
    copy = desk.prompts.clone(t, "mine", 1, "copy", "bob")
    assert (copy.name, copy.number, copy.sha256) == ("copy", 1, origin.sha256)
    assert copy.message == "Copy of mine version 1"
    assert desk.prompts.labels(t, "copy") == {"draft": 1}


def test_the_packaged_prompts_are_there_from_the_start_and_seeding_again_changes_nothing(
    desk: Desk, t: Transaction
) -> None:
    """R-13, X-5."""
    desk.prompts.seed(t)
    rows = audited(desk, t)
    desk.prompts.seed(t)
    assert audited(desk, t) == rows
    assert list(desk.prompts.names(t)) == sorted(bundle.parse(text).name for text in packaged())
    kinds = {card.prompt.kind for card in desk.prompts.find(t)}
    assert kinds == set(Kind), "each kind of prompt has a packaged one"
    assert desk.prompts.labels(t, "chart-analyst") == dict.fromkeys(LABELS, 1)
    assert settled(desk, t, PromptRef(name="chart-analyst"))[0].author == "glassdesk"


def test_seeding_does_not_undo_what_a_person_changed(desk: Desk, t: Transaction) -> None:
    desk.prompts.seed(t)
    mine = desk.prompts.revise(t, "chart-analyst", SYSTEM, BODY, "mine", "ada")
    desk.prompts.label(t, "chart-analyst", "live", mine.number, "ada")
    desk.prompts.seed(t)
    assert settled(desk, t, PromptRef(name="chart-analyst"))[0] == mine


@pytest.mark.parametrize("text", [*packaged(), *[path.read_text() for path in EXAMPLES]])
def test_a_prompt_of_ours_has_no_price_to_copy_and_no_flattery(text: str) -> None:
    """X-17: an example with numbers would be an anchor; and no persona."""
    outside = text.partition("--- body ---")[0]
    if bundle.parse(text).system_prompt:
        outside += next(one for one in packaged() if bundle.parse(one).name == "chart-system")
    assert not any(price in outside for price in ("250", "245", "265", "2.5", "72"))
    assert not any(word in outside.lower() for word in ("expert", "world-class", "professional", "you are"))
    assert re.search(
        r"BUY, SELL, HOLD and ABSTAIN are equally good answers|BUY、SELL、HOLD 與 ABSTAIN 都是同樣好", outside
    )


def test_only_the_prompt_for_models_without_eyes_prints_the_code() -> None:
    assert all("{{ chart_code }}" not in text for text in packaged())
    assert [path.name for path in EXAMPLES if "{{ chart_code }}" in path.read_text()] == [
        "chart-analyst-text.md"
    ]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_can_be_taken_in(path: Path, desk: Desk, t: Transaction) -> None:
    assert desk.prompts.take_in(t, path.read_text(), "ada").name == path.stem


def test_an_old_text_comes_back_as_a_new_version(desk: Desk, t: Transaction) -> None:
    """R-04, R-39, X-7."""
    one = first(desk, t)
    two = desk.prompts.revise(t, "mine", SYSTEM, "{{ close }}", "", "ada")
    three = desk.prompts.restore(t, "mine", 1, "bob")
    assert (three.number, three.sha256, three.message) == (3, one.sha256, "Version 1 again")
    assert list(desk.prompts.versions(t, "mine")) == [one, two, three]
