"""Prompts on the real database: versions for ever, labels that move, one resolver."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.adapters.clocks.manual import ManualClock
from glassdesk.adapters.database import Stores, open_database, upgrade
from glassdesk.adapters.templates import SandboxedTemplates
from glassdesk.kernel.errors import Conflict, IntegrityViolation, InvalidInput, NotFound
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.prompts import bundle, catalogue, pointers
from glassdesk.workflow.prompts.model import Kind, Move, Prompt, PromptRef, PromptVersion, Resolution, Search
from glassdesk.workflow.prompts.service import LABELS, Prompts, packaged, prompt_sha256

BEGAN = datetime(2024, 3, 1, 14, 30, tzinfo=UTC)
HEAD = Prompt(name="x", kind=Kind.COMBINED)
SYSTEM = "You read charts.\n"
BODY = "{{ symbol }} closed at {{ close }}.\n"
EXAMPLES = sorted((Path(__file__).parents[3] / "examples/prompts").glob("*.md"))


class Desk:
    def __init__(self, stores: Stores) -> None:
        self.clock = ManualClock(BEGAN)
        self.transactions = stores.transactions
        self.audit = Audit(stores.audit, self.clock)
        self.prompts = Prompts(stores.prompts, SandboxedTemplates(), self.audit, self.clock, {"a": 1})


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    url = f"sqlite:///{tmp_path}/desk.db"
    upgrade(url)
    return Desk(open_database(url))


@pytest.fixture
def t(desk: Desk) -> Iterator[Transaction]:
    with desk.transactions.begin() as transaction:
        yield transaction


def first(desk: Desk, t: Transaction, name: str = "mine") -> PromptVersion:
    return desk.prompts.create(t, name, "en", SYSTEM, BODY, "first", "ada")


def settled(desk: Desk, t: Transaction, ref: PromptRef) -> tuple[PromptVersion, str]:
    found = desk.prompts.resolve(t, ref)
    return found.version, found.reason


def audited(desk: Desk, t: Transaction) -> list[tuple[str, str, str]]:
    return [(row.actor, row.kind, row.ref) for row in desk.audit.entries(t)]


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


def test_a_strategy_follows_its_label_and_the_reason_is_kept(desk: Desk, t: Transaction) -> None:
    """X-13: moving a label changes what the next run is sent; a fixed number never moves."""
    one = first(desk, t)
    two = desk.prompts.revise(t, "mine", SYSTEM, "{{ close }}!", "second", "ada")
    desk.prompts.label(t, "mine", "live", 1, "ada")
    assert settled(desk, t, PromptRef(name="mine")) == (one, "label live")
    desk.prompts.label(t, "mine", "live", 2, "ada")
    assert settled(desk, t, PromptRef(name="mine")) == (two, "label live")
    assert settled(desk, t, PromptRef(name="mine", number=1)) == (one, "fixed")
    assert settled(desk, t, PromptRef(name="mine", label="draft")) == (two, "label draft")
    desk.prompts.label(t, "mine", "live", 1, "ada")
    assert settled(desk, t, PromptRef(name="mine"))[0].number == 1


@pytest.mark.parametrize(
    ("ref", "told"),
    [
        (PromptRef(name="other"), "there is no prompt 'other' (prompts: mine)"),
        (PromptRef(name="mine", number=7), "'mine' has no version 7 (1 to 1)"),
        (
            PromptRef(name="mine"),
            "the label 'live' of 'mine' points nowhere (label a version; now: draft → 1)",
        ),
    ],
)
def test_what_resolves_to_nothing_says_what_there_is(
    ref: PromptRef, told: str, desk: Desk, t: Transaction
) -> None:
    first(desk, t)
    with pytest.raises(NotFound) as refused:
        desk.prompts.resolve(t, ref)
    assert told in str(refused.value)


def test_a_new_version_moves_the_draft_label_and_no_other(desk: Desk, t: Transaction) -> None:
    first(desk, t)
    desk.prompts.label(t, "mine", "live", 1, "ada")
    desk.prompts.revise(t, "mine", SYSTEM, "{{ close }}", "", "ada")
    assert desk.prompts.labels(t, "mine") == {"draft": 2, "live": 1}


def test_an_unknown_label_names_the_labels(desk: Desk, t: Transaction) -> None:
    first(desk, t)
    with pytest.raises(InvalidInput, match="draft, shadow, paper, live"):
        desk.prompts.label(t, "mine", "prod", 1, "ada")


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


def test_the_packaged_prompts_are_there_from_the_start_and_seeding_again_changes_nothing(
    desk: Desk, t: Transaction
) -> None:
    """R-13, X-5."""
    desk.prompts.seed(t)
    rows = audited(desk, t)
    desk.prompts.seed(t)
    assert audited(desk, t) == rows
    assert (
        list(desk.prompts.names(t)) == [bundle.parse(text).name for text in packaged()] == ["chart-analyst"]
    )
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
    assert not any(price in outside for price in ("250", "245", "265", "2.5", "72"))
    assert not any(word in outside.lower() for word in ("expert", "world-class", "professional", "you are"))
    assert outside.index("BUY, SELL, HOLD and ABSTAIN are equally good answers") > 0


def test_only_the_prompt_for_models_without_eyes_prints_the_code() -> None:
    assert all("{{ chart_code }}" not in text for text in packaged())
    assert [path.name for path in EXAMPLES if "{{ chart_code }}" in path.read_text()] == [
        "chart-analyst-text.md"
    ]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_can_be_taken_in(path: Path, desk: Desk, t: Transaction) -> None:
    assert desk.prompts.take_in(t, path.read_text(), "ada").name == path.stem


def test_a_label_of_a_strategy_wins_over_its_class_and_that_over_the_one_for_all(
    desk: Desk, t: Transaction
) -> None:
    """R-05, R-06, R-09: explicit → strategy → asset class → global, and the reason says which."""
    first(desk, t)
    for number in (2, 3):
        desk.prompts.revise(t, "mine", SYSTEM, f"{number} {{{{ close }}}}", "", "ada")
    desk.prompts.label(t, "mine", "live", 1, "ada")
    desk.prompts.label(t, "mine", "live", 2, "ada", scope="class:STK")
    desk.prompts.label(t, "mine", "live", 3, "ada", scope="strategy:trend")

    def means(strategy: str, sec_type: str, number: int | None = None) -> tuple[int, str]:
        ref = PromptRef(name="mine", number=number)
        found = desk.prompts.resolve(t, ref, strategy=strategy, sec_type=sec_type)
        return found.version.number, found.reason

    assert means("trend", "STK") == (3, "label live of strategy trend")
    assert means("dips", "STK") == (2, "label live of STK")
    assert means("dips", "FUND") == (1, "label live")
    assert means("trend", "STK", number=1) == (1, "fixed")
    desk.prompts.label(t, "mine", "live", None, "ada", scope="strategy:trend")
    assert means("trend", "STK") == (2, "label live of STK")


def test_what_has_no_label_and_no_row_is_taken_from_the_packaged_file(desk: Desk, t: Transaction) -> None:
    """R-06: the file, version 0, and the reason says so."""
    found = desk.prompts.resolve(t, PromptRef(name="chart-analyst"))
    assert found.version.number == 0
    assert found.reason == "packaged file: the label 'live' of 'chart-analyst' points nowhere"
    desk.prompts.seed(t)
    seeded = desk.prompts.resolve(t, PromptRef(name="chart-analyst"))
    assert (seeded.version.number, seeded.version.sha256) == (1, found.version.sha256)
    assert desk.prompts.preview(found) == replace(desk.prompts.preview(seeded), number=0, reason=found.reason)


def test_a_translation_without_a_label_falls_back_to_its_original(desk: Desk, t: Transaction) -> None:
    """R-14."""
    one = first(desk, t)
    desk.prompts.label(t, "mine", "live", 1, "ada")
    more: dict[str, Any] = {"translation_of": "mine"}
    said = desk.prompts.create(
        t, "mine-zh", "zh-Hant", "讀圖。", "{{ symbol }} 收於 {{ close }}。", "", "ada", **more
    )
    found = desk.prompts.resolve(t, PromptRef(name="mine-zh"))
    assert found.version == one
    assert found.reason == "label live of the original: the label 'live' of 'mine-zh' points nowhere"
    desk.prompts.label(t, "mine-zh", "live", 1, "ada")
    assert desk.prompts.resolve(t, PromptRef(name="mine-zh")).version == said
    assert desk.prompts.preview(desk.prompts.resolve(t, PromptRef(name="mine-zh"))).language == "zh-Hant"


def test_a_translation_is_marked_once_its_original_says_something_else(desk: Desk, t: Transaction) -> None:
    one = first(desk, t)
    desk.prompts.create(t, "zh", "zh-Hant", "讀圖。", "{{ symbol }}", "", "ada", translation_of="mine")

    def stale() -> dict[str, bool]:
        return {card.prompt.name: card.stale for card in desk.prompts.find(t)}

    assert stale() == {"mine": False, "zh": False}
    two = desk.prompts.revise(t, "mine", SYSTEM, "{{ close }}", "", "ada")
    assert stale() == {"mine": False, "zh": True}
    assert desk.prompts.versions(t, "zh")[-1].translates == one.sha256
    desk.prompts.revise(t, "zh", "讀圖。", "{{ close }}", "", "ada", translates=two.sha256)
    assert stale() == {"mine": False, "zh": False}
    with pytest.raises(InvalidInput, match="is written in en too"):
        desk.prompts.create(t, "en", "en", SYSTEM, BODY, "", "ada", translation_of="mine")


def test_a_rollback_goes_back_and_once_more_goes_back_further(desk: Desk, t: Transaction) -> None:
    """R-39: one act, effective at the next resolution, in the history."""
    first(desk, t)
    for number in (2, 3):
        desk.prompts.revise(t, "mine", SYSTEM, f"{number} {{{{ close }}}}", "", "ada")
    for number in (1, 2, 3):
        desk.prompts.label(t, "mine", "live", number, "ada")
    assert desk.prompts.rollback(t, "mine", "live", "ada", reason="worse") == 2
    assert settled(desk, t, PromptRef(name="mine"))[0].number == 2
    assert desk.prompts.rollback(t, "mine", "live", "ada") == 1
    with pytest.raises(Conflict, match="has not pointed elsewhere before"):
        desk.prompts.rollback(t, "mine", "live", "ada")
    desk.prompts.label(t, "mine", "live", 3, "ada")
    assert desk.prompts.rollback(t, "mine", "live", "ada") == 1
    moves = [one for one in desk.prompts.moves(t, "mine") if one.label == "live"]
    assert sorted((one.move, one.before, one.number, one.undoes) for one in moves) == [
        (1, None, 1, False), (2, 1, 2, False), (3, 2, 3, False), (4, 3, 2, True), (5, 2, 1, True),
        (6, 1, 3, False), (7, 3, 1, True),
    ]  # fmt: skip
    assert next(one.reason for one in moves if one.move == 4) == "worse"


STEPS = st.lists(st.one_of(st.integers(1, 4), st.none()), max_size=20)


@given(steps=STEPS)
def test_rollbacks_undo_moves_like_a_stack(steps: list[int | None]) -> None:
    """`None` is a rollback; the model is a list that is pushed and popped."""
    stack: list[int] = []
    moves: list[Move] = []
    for step in steps:
        before = stack[-1] if stack else None
        if step is None and len(stack) > 1:
            stack.pop()
        elif step is not None:
            stack.append(step)
        else:
            continue
        moves.append(
            Move(
                name="x",
                label="live",
                scope="",
                move=len(moves) + 1,
                number=stack[-1],
                before=before,
                undoes=step is None,
                reason="",
                actor="ada",
                at=BEGAN,
            )
        )
    assert pointers.standing(moves) == stack
    assert pointers.pointers(moves) == ({("", "live"): stack[-1]} if stack else {})


def test_a_label_that_somebody_moved_meanwhile_is_not_moved_on_an_old_view(
    desk: Desk, t: Transaction
) -> None:
    """R-12."""
    first(desk, t)
    desk.prompts.revise(t, "mine", SYSTEM, "{{ close }}", "", "ada")
    desk.prompts.label(t, "mine", "live", 1, "ada")
    desk.prompts.label(t, "mine", "live", 2, "bob", seen=1)
    with pytest.raises(Conflict, match="live points to version 2 now, not to version 1 as you saw it"):
        desk.prompts.label(t, "mine", "live", 1, "ada", seen=1)


def test_tags_and_notes_change_without_a_version_and_one_after_the_other(desk: Desk, t: Transaction) -> None:
    """R-03, R-12."""
    first(desk, t)
    after = desk.prompts.describe(t, "mine", ("a",), "note", "ada", edition=1)
    assert (after.tags, after.notes, after.edition) == (("a",), "note", 2)
    with pytest.raises(Conflict, match="mine was changed after you opened it"):
        desk.prompts.describe(t, "mine", (), "", "bob", edition=1)
    assert len(desk.prompts.versions(t, "mine")) == 1


def test_what_is_archived_is_out_of_the_lists_and_still_answers(desk: Desk, t: Transaction) -> None:
    """R-10, R-11, X-6: nothing is deleted; what strategies trade by is not archived."""
    one = first(desk, t)
    with pytest.raises(Conflict, match="used by trend"):
        desk.prompts.archive(t, "mine", "ada", ("trend",))
    desk.prompts.archive(t, "mine", "ada")
    assert desk.prompts.names(t) == []
    assert [card.prompt.name for card in desk.prompts.find(t, Search(archived=True))] == ["mine"]
    assert settled(desk, t, PromptRef(name="mine", number=1))[0] == one
    with pytest.raises(Conflict, match="mine is archived"):
        desk.prompts.label(t, "mine", "live", 1, "ada")
    desk.prompts.unarchive(t, "mine", "ada")
    assert desk.prompts.names(t) == ["mine"]
    assert not hasattr(desk.prompts, "delete")


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (Search(), ["daily", "mine", "sys"]),
        (Search(text="CLOSED AT"), ["mine"]),
        (Search(text="dai"), ["daily"]),
        (Search(kind="system"), ["sys"]),
        (Search(language="zh-Hant"), ["daily"]),
        (Search(tag="night"), ["daily"]),
        (Search(label="live"), ["mine"]),
        (Search(tag="night", kind="system"), []),
    ],
)
def test_prompts_are_found_by_what_they_are_and_say(
    search: Search, found: list[str], desk: Desk, t: Transaction
) -> None:
    """R-02, R-35."""
    first(desk, t)
    desk.prompts.label(t, "mine", "live", 1, "ada")
    kind = Kind.DAILY
    desk.prompts.create(
        t, "daily", "zh-Hant", "讀圖。", "{{ symbol }}", "", "ada", kind=kind, tags=("night",)
    )
    desk.prompts.create(t, "sys", "en", "Answer in JSON.", "", "", "ada", kind=Kind.SYSTEM)
    assert [card.prompt.name for card in desk.prompts.find(t, search)] == found


def test_a_shared_system_part_is_resolved_sent_and_named(desk: Desk, t: Transaction) -> None:
    """R-02: system messages are prompts of their own, with labels of their own."""
    desk.prompts.create(t, "sys", "en", "Answer in JSON.", "", "", "ada", kind=Kind.SYSTEM)
    made = desk.prompts.create(t, "mine", "en", "", BODY, "", "ada", system_prompt="sys")
    for name in ("sys", "mine"):
        desk.prompts.label(t, name, "live", 1, "ada")
    rendered = desk.prompts.preview(desk.prompts.resolve(t, PromptRef(name="mine")))
    assert (rendered.system, rendered.system_name, rendered.system_number) == ("Answer in JSON.", "sys", 1)
    assert made.sha256 != prompt_sha256("en", "", BODY)
    desk.prompts.revise(t, "sys", "Answer in one JSON object.", "", "", "ada")
    desk.prompts.label(t, "sys", "live", 2, "ada")
    again = desk.prompts.preview(desk.prompts.resolve(t, PromptRef(name="mine")))
    assert (again.system, again.system_number, again.number) == ("Answer in one JSON object.", 2, 1)


@pytest.mark.parametrize(
    ("system", "body", "more", "told"),
    [
        ("S", "B", {"kind": Kind.SYSTEM}, "a prompt of kind system has no body"),
        ("S", BODY, {"system_prompt": "mine"}, "mine is not of kind system"),
        ("S", BODY, {"system_prompt": "sys"}, "the system part is that of sys"),
        ("", BODY, {}, "it is empty"),
        ("S", "", {"kind": Kind.SYSTEM, "system_prompt": "sys"}, "leans on no other"),
    ],
)
def test_parts_that_do_not_go_together_are_refused(
    system: str, body: str, more: dict[str, Any], told: str, desk: Desk, t: Transaction
) -> None:
    first(desk, t)
    desk.prompts.create(t, "sys", "en", "Answer in JSON.", "", "", "ada", kind=Kind.SYSTEM)
    with pytest.raises(InvalidInput, match=told):
        desk.prompts.create(t, "other", "en", system, body, "", "ada", **more)


def test_an_old_text_comes_back_as_a_new_version(desk: Desk, t: Transaction) -> None:
    """R-04, R-39, X-7."""
    one = first(desk, t)
    two = desk.prompts.revise(t, "mine", SYSTEM, "{{ close }}", "", "ada")
    three = desk.prompts.restore(t, "mine", 1, "bob")
    assert (three.number, three.sha256, three.message) == (3, one.sha256, "Version 1 again")
    assert list(desk.prompts.versions(t, "mine")) == [one, two, three]


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
