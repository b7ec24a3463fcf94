"""Labels and the one resolver: what a strategy means now, and why; lists and archives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.kernel.errors import Conflict, InvalidInput, NotFound
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.prompts import pointers
from glassdesk.workflow.prompts.model import Kind, Move, PromptRef, Search
from glassdesk.workflow.prompts.service import prompt_sha256
from tests.workflow.prompts.world import BEGAN, BODY, SYSTEM, Desk, first, settled


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
