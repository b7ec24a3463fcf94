"""What the predecessor of this desk did wrong with prompts (X-1 … X-18): one test each, named after it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from glassdesk.adapters.database import open_database, upgrade
from glassdesk.adapters.templates import SandboxedTemplates
from glassdesk.kernel.errors import Conflict, InvalidInput
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.prompts import catalogue
from glassdesk.workflow.prompts.bundle import parse
from glassdesk.workflow.prompts.lint import whole_sample
from glassdesk.workflow.prompts.model import PromptRef
from glassdesk.workflow.prompts.packaged import packaged
from glassdesk.workflow.prompts.pointers import LABELS
from tests.workflow.prompts.world import BODY, SYSTEM, Desk, first

NAMES = [parse(one).name for one in packaged()]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept.db"


@pytest.fixture
def kept(file: Path) -> Desk:
    """A desk whose database is a file that others may open."""
    upgrade(f"sqlite:///{file}")
    return Desk(open_database(f"sqlite:///{file}"))


def count(file: Path, table: str, where: str = "1 = 1") -> int:
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as link:
        found = int(link.execute(text(f"select count(*) from {table} where {where}")).scalar_one())  # noqa: S608
    engine.dispose()
    return found


def test_X_4_one_label_of_one_scope_points_at_one_version(desk: Desk, t: Transaction) -> None:
    """There, a key with NULL in it let several defaults stand side by side."""
    first(desk, t)
    desk.prompts.revise(t, "mine", SYSTEM, "{{ close }}", "", "ada")
    for scope in ("", "class:STK", "strategy:trend"):
        for number in (1, 2, 1):
            desk.prompts.label(t, "mine", "live", number, "ada", scope=scope)
    assert dict(desk.prompts.labels(t, "mine")) == {"draft": 2, "live": 1}
    assert dict(desk.prompts.scoped(t, "mine")) == {("class:STK", "live"): 1, ("strategy:trend", "live"): 1}
    [move] = [one for one in desk.prompts.moves(t, "mine") if one.scope == "class:STK" and one.move == 3]
    with pytest.raises(Conflict, match="moved meanwhile"):
        desk.store.add_move(t, move)


def test_X_5_seeding_twice_makes_no_second_row(kept: Desk, file: Path) -> None:
    for _ in range(3):
        with kept.transactions.begin() as t:
            kept.prompts.seed(t)
    assert count(file, "prompts") == count(file, "prompt_versions") == len(NAMES)
    assert count(file, "prompt_moves") == len(NAMES) * len(LABELS)


def test_X_6_nothing_of_a_prompt_can_be_deleted_not_even_behind_our_back(kept: Desk, file: Path) -> None:
    with kept.transactions.begin() as t:
        first(kept, t)
        kept.prompts.archive(t, "mine", "ada")
    engine = create_engine(f"sqlite:///{file}")
    for table in ("prompt_versions", "prompt_moves"):
        with pytest.raises(Exception, match="append-only"), engine.begin() as link:
            link.execute(text(f"delete from {table}"))  # noqa: S608
    engine.dispose()
    with kept.transactions.read() as t:
        assert kept.prompts.version(t, "mine", 1).body == BODY


def test_X_7_an_old_text_is_still_there_word_for_word(kept: Desk, file: Path) -> None:
    with kept.transactions.begin() as t:
        first(kept, t)
        for number in range(2, 6):
            kept.prompts.revise(t, "mine", SYSTEM, f"{number} {{{{ close }}}}", "", "ada")
    engine = create_engine(f"sqlite:///{file}")
    with pytest.raises(Exception, match="append-only"), engine.begin() as link:
        link.execute(text("update prompt_versions set body = 'other'"))
    engine.dispose()
    with kept.transactions.read() as t:
        assert [one.body for one in kept.prompts.versions(t, "mine")][:2] == [BODY, "2 {{ close }}\n"]


def test_X_10_no_variable_knows_what_comes_after_the_slot(desk: Desk) -> None:
    """There, "next price movement" was filled with the past one."""
    words = " ".join(f"{one.name} {one.meaning}" for one in catalogue.CATALOGUE).lower()
    assert not re.search(r"\b(?:next|future|tomorrow|forecast)\b", words)
    with pytest.raises(InvalidInput, match="there is no variable 'next_price_movement'"):
        desk.prompts.check(SYSTEM, "{{ next_price_movement }}")


def test_X_11_a_prompt_is_never_told_a_count_of_rules_as_a_confidence() -> None:
    assert not any("confidence" in one.name or "score" in one.name for one in catalogue.CATALOGUE)


@pytest.mark.parametrize("source", packaged(), ids=NAMES)
def test_X_17_no_prompt_of_ours_holds_a_price_or_a_ratio_to_copy(source: str) -> None:
    """There, the example said 250, 245, 265 and a ratio that was not theirs."""
    file, engine = parse(source), SandboxedTemplates()
    allowed = {"2", "900", "0", "1", "0.5", "4"}  # schema_version, a limit of text, bounds of rules
    assert set(re.findall(r"\d+(?:\.\d+)?", engine.render(file.system, whole_sample()))) - allowed <= {"20"}
    words = re.findall(r"[A-Za-z_0-9. ]*\d{3,}[A-Za-z_0-9. ]*", file.body)
    assert [
        one for one in words if "{{" not in one and not re.search(r"[_a-z]\d|\d (?:bars|days)", one)
    ] == []


def test_X_18_what_one_desk_keeps_another_reads_from_the_database(kept: Desk, file: Path) -> None:
    """There, tests ran over a cache inside the router; here there is none to run over."""
    with kept.transactions.begin() as t:
        first(kept, t)
        kept.prompts.label(t, "mine", "live", 1, "ada")
    other = Desk(open_database(f"sqlite:///{file}"))
    with other.transactions.read() as t:
        assert other.prompts.resolve(t, PromptRef(name="mine")).version.body == BODY
    with kept.transactions.begin() as t:
        kept.prompts.revise(t, "mine", SYSTEM, "{{ close }}", "", "ada")
        kept.prompts.label(t, "mine", "live", 2, "ada")
    with other.transactions.read() as t:
        assert other.prompts.resolve(t, PromptRef(name="mine")).version.number == 2


@pytest.mark.parametrize("name", NAMES)
def test_a_packaged_translation_says_what_its_original_says(name: str, desk: Desk, t: Transaction) -> None:
    """R-14: whoever changes the original sees here that its translations are to be looked at."""
    desk.prompts.seed(t)
    assert {card.prompt.name: card.stale for card in desk.prompts.find(t)}[name] is False


def test_one_packaged_prompt_is_in_traditional_chinese(desk: Desk, t: Transaction) -> None:
    """R-14, R-31."""
    desk.prompts.seed(t)
    rendered = desk.prompts.preview(desk.prompts.resolve(t, PromptRef(name="chart-analyst-zh-hant")))
    assert rendered.language == "zh-Hant"
    assert "均線趨勢：看漲" in rendered.user
    assert "BUY、SELL、HOLD 與 ABSTAIN 都是同樣好的答案" in rendered.system
