"""Laws of inspections of the audit chain, of its anchors, and of how its rows are found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from glassdesk.adapters.artifacts.anchors import FileAnchors, MemoryAnchors
from glassdesk.adapters.clocks import ManualClock
from glassdesk.adapters.database import Stores
from glassdesk.kernel.errors import IntegrityViolation
from glassdesk.workflow.lineage.anchors import Anchor
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.lineage.model import Inspected, Reason
from glassdesk.workflow.lineage.ports import AnchorFile
from tests.adapters.laws.makers import MINUTE, NOON

FOUND = Inspected(at=NOON, reason=Reason.START, after=0, last=7, hash="a" * 64, problem="")
ANCHOR = Anchor(database="here", seq=7, hash="a" * 64, at=NOON, artifact="b" * 64)


def test_inspections_are_kept_newest_first(stores: Stores) -> None:
    later = replace(FOUND, at=NOON + MINUTE, reason=Reason.NIGHT, problem="row 3 is missing")
    with stores.transactions.begin() as t:
        for one in (FOUND, later, FOUND):
            stores.inspections.add_inspection(t, one)
        assert list(stores.inspections.inspections(t)) == [later, FOUND]
        assert list(stores.inspections.inspections(t, limit=1)) == [later]


def test_anchors_are_only_appended(stores: Stores) -> None:
    earlier = replace(ANCHOR, seq=3)
    with stores.transactions.begin() as t:
        for one in (ANCHOR, earlier, replace(ANCHOR, hash="c" * 64)):
            stores.inspections.add_anchor(t, one)
        assert list(stores.inspections.anchors(t)) == [earlier, ANCHOR]


def test_rows_of_the_chain_are_found_by_actor_kind_and_ref_from_either_end(stores: Stores) -> None:
    audit = Audit(stores.audit, ManualClock(NOON))
    with stores.transactions.begin() as t:
        for actor, kind, ref in (
            ("owner", "halt", "halt"),
            ("dealer", "order.filled", "order:1"),
            ("dealer", "order.working", "order:2"),
            ("owner", "resume", "halt"),
        ):
            audit.append(t, actor, kind, ref)
        assert [row.seq for row in audit.entries(t, actor="owner")] == [1, 4]
        assert [row.seq for row in audit.entries(t, kind="order.")] == [2, 3]
        assert [row.seq for row in audit.entries(t, ref="order:2", actor="dealer")] == [3]
        assert [row.seq for row in audit.entries(t, before=4, limit=2)] == [2, 3]
        assert [row.seq for row in audit.entries(t, before=4, limit=2, actor="owner")] == [1]


@pytest.fixture(params=["file", "memory"])
def anchors(request: pytest.FixtureRequest, tmp_path: Path) -> AnchorFile:
    return FileAnchors(tmp_path / "audit.anchors") if request.param == "file" else MemoryAnchors()


def test_an_anchor_file_gives_back_what_was_appended_in_order(anchors: AnchorFile) -> None:
    assert list(anchors.read()) == []
    kept = [ANCHOR, replace(ANCHOR, seq=9, artifact="")]
    for one in kept:
        anchors.append(one)
    assert list(anchors.read()) == kept


def test_a_line_that_is_no_anchor_is_named(tmp_path: Path) -> None:
    path = tmp_path / "audit.anchors"
    path.write_text(ANCHOR.line() + "\n{}\n")
    with pytest.raises(IntegrityViolation) as broken:
        FileAnchors(path).read()
    assert broken.value.where == "audit.anchors, line 2"
