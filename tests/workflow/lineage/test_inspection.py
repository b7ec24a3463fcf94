"""The chain under inspection: one changed byte is found and named, a cut tail is seen by its anchor."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from glassdesk.adapters.artifacts import MemoryArtifacts
from glassdesk.adapters.artifacts.anchors import FileAnchors, MemoryAnchors
from glassdesk.adapters.clocks import ManualClock
from glassdesk.adapters.database import Stores, open_database
from glassdesk.kernel.errors import IntegrityViolation, Unavailable
from glassdesk.workflow.lineage import inspection as inspecting
from glassdesk.workflow.lineage.anchors import Anchor
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.lineage.inspection import Inspection
from glassdesk.workflow.lineage.model import Inspected, Reason

NOON = datetime(2012, 10, 1, 12, 0, tzinfo=UTC)
ROWS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A chain in a file, and what inspects it."""

    path: Path
    stores: Stores
    clock: ManualClock
    audit: Audit
    artifacts: MemoryArtifacts
    file: FileAnchors
    inspection: Inspection

    def grow(self, count: int) -> None:
        with self.stores.transactions.begin() as t:
            for _ in range(count):
                self.audit.append(t, "owner", "strategy.state", "trend", {"after": "enabled äöü"})

    def full(self) -> Inspected:
        return self.inspection.full(Reason.DEMAND)

    def by_hand(self, *statements: str) -> None:
        """What somebody does who has the file and no scruples: triggers do not hold them."""
        with sqlite3.connect(self.path) as link:
            names = link.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for (name,) in names:
                link.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                link.execute(statement)
        link.close()


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    path, clock = tmp_path / "desk.db", ManualClock(NOON)
    stores = open_database(f"sqlite:///{path}")
    artifacts, file = MemoryArtifacts(), FileAnchors(tmp_path / "audit.anchors")
    made = Chain(
        path=path,
        stores=stores,
        clock=clock,
        audit=Audit(stores.audit, clock),
        artifacts=artifacts,
        file=file,
        inspection=Inspection(
            stores.transactions, stores.audit, stores.inspections, file, artifacts, clock, database="here"
        ),
    )
    made.grow(ROWS)
    yield made
    stores.close()


def test_a_chain_that_holds_is_inspected_in_full_and_that_is_kept(chain: Chain) -> None:
    found = chain.full()
    assert (found.problem, found.after, found.last, found.rows) == ("", 0, ROWS, ROWS)
    assert chain.inspection.recent()[0] == [found]


def test_one_byte_changed_by_hand_in_the_file_is_found_and_its_row_named(chain: Chain) -> None:
    with sqlite3.connect(chain.path) as link:
        link.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (hashes,) = link.execute("SELECT previous || hash FROM audit WHERE seq = 17").fetchone()
    link.close()
    data = bytearray(chain.path.read_bytes())
    place = data.index(hashes.encode())
    body = data.index(b"enabled", place)
    data[body] ^= 0x01
    chain.path.write_bytes(bytes(data))
    assert chain.full().problem == "row 17 (strategy.state trend) was changed"


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'owneR'",
        "kind = 'strategy.statf'",
        "ref = 'trene'",
        "body = '{}'",
        "at = '2012-10-01 12:00:01.000000'",
        "at = 'no instant'",
        "previous = 'x' || substr(previous, 2)",
        "hash = 'x' || substr(hash, 2)",
        "body = CAST(x'ff' AS TEXT)",
        "actor = NULL",
        "seq = 99",
    ],
)
def test_whatever_is_changed_in_a_row_that_row_is_named(chain: Chain, change: str) -> None:
    chain.by_hand(
        "CREATE TABLE loose AS SELECT * FROM audit",
        "DROP TABLE audit",
        "ALTER TABLE loose RENAME TO audit",
        f"UPDATE audit SET {change} WHERE seq = 17",  # noqa: S608 - a test's own words
    )
    assert chain.full().problem.startswith("row 17 ")


def test_a_row_taken_out_is_named(chain: Chain) -> None:
    chain.by_hand("DELETE FROM audit WHERE seq = 17")
    assert chain.full().problem == "row 17 is missing"


def test_a_tail_that_was_cut_off_with_its_head_is_seen_by_the_anchor(chain: Chain) -> None:
    anchored = chain.inspection.anchor()
    assert anchored is not None
    chain.by_hand(
        "DELETE FROM audit WHERE seq > 20",
        "UPDATE audit_head SET seq = 20, hash = (SELECT hash FROM audit WHERE seq = 20)",
        "DELETE FROM anchors",
    )
    problem = chain.full().problem
    assert "the chain ends at row 20" in problem
    assert f"row {ROWS} was there" in problem


def test_a_head_that_says_otherwise_is_seen(chain: Chain) -> None:
    chain.by_hand("UPDATE audit_head SET hash = replace(hash, 'a', 'b')")
    assert f"the chain ends at row {ROWS}, its head says" in chain.full().problem


def test_a_chain_written_anew_is_seen_by_the_anchor(chain: Chain, tmp_path: Path) -> None:
    chain.inspection.anchor()
    other = open_database(f"sqlite:///{tmp_path / 'other.db'}")
    audit = Audit(other.audit, chain.clock)
    with other.transactions.begin() as t:
        for _ in range(ROWS + 5):
            audit.append(t, "owner", "strategy.state", "another")
    anew = Inspection(
        other.transactions,
        other.audit,
        other.inspections,
        chain.file,
        chain.artifacts,
        chain.clock,
        database="here",
    )
    assert "the chain was written anew" in anew.full(Reason.DEMAND).problem
    other.close()


def test_anchors_of_another_database_say_nothing_of_this_one(chain: Chain) -> None:
    chain.file.append(Anchor(database="there", seq=999, hash="f" * 64, at=NOON))
    assert chain.full().problem == ""


def test_an_anchor_stands_in_file_artifacts_and_database_and_only_once_for_a_row(chain: Chain) -> None:
    made = chain.inspection.anchor()
    assert made is not None
    assert chain.inspection.anchor() is None
    assert list(chain.file.read()) == list(chain.inspection.recent()[1]) == [made]
    assert chain.artifacts.get(made.artifact) == made.document()
    chain.grow(1)
    again = chain.inspection.anchor()
    assert again is not None
    assert again.seq == ROWS + 1
    assert chain.full().problem == ""


def test_an_anchor_file_is_only_appended_and_private(chain: Chain, tmp_path: Path) -> None:
    chain.inspection.anchor()
    path = tmp_path / "audit.anchors"
    first = path.read_text()
    chain.grow(1)
    chain.inspection.anchor()
    assert path.read_text().startswith(first)
    assert path.stat().st_mode & 0o077 == 0


def test_an_anchor_changed_by_hand_differs_from_its_copy(chain: Chain, tmp_path: Path) -> None:
    made = chain.inspection.anchor()
    assert made is not None
    path = tmp_path / "audit.anchors"
    path.write_text(replace(made, seq=5).line() + "\n")
    assert chain.full().problem
    path.write_text("not an anchor\n")
    assert "cannot be read" in chain.full().problem


class Gone(MemoryArtifacts):
    """An artifact store that has lost everything, or does not answer."""

    def __init__(self, failure: Exception) -> None:
        super().__init__()
        self._failure = failure

    def get(self, sha256: str) -> bytes:
        raise self._failure


def inspected_with(chain: Chain, failure: Exception) -> Inspected:
    return Inspection(
        chain.stores.transactions,
        chain.stores.audit,
        chain.stores.inspections,
        chain.file,
        Gone(failure),
        chain.clock,
        database="here",
    ).full(Reason.NIGHT)


def test_a_copy_that_is_lost_is_named_and_a_store_that_does_not_answer_is_no_finding(chain: Chain) -> None:
    chain.inspection.anchor()
    lost = inspected_with(chain, IntegrityViolation("changed"))
    assert lost.problem == f"the copy of the anchor at row {ROWS} is not in the artifact store"
    with pytest.raises(Unavailable):
        inspected_with(chain, Unavailable("away"))


def test_at_a_start_the_last_rows_are_recomputed(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspecting, "TAIL", 10)
    chain.by_hand("UPDATE audit SET actor = 'x' WHERE seq = 5")
    found = chain.inspection.tail(Reason.START)
    assert (found.problem, found.after, found.last) == ("", 20, ROWS)
    chain.by_hand("UPDATE audit SET actor = 'x' WHERE seq = 25")
    assert chain.inspection.tail(Reason.START).problem == "row 25 (strategy.state trend) was changed"
    assert chain.full().problem == "row 5 (strategy.state trend) was changed"


def test_an_empty_chain_holds_and_has_nothing_to_anchor() -> None:
    stores, clock = open_database("memory:"), ManualClock(NOON + timedelta(days=1))
    empty = Inspection(
        stores.transactions,
        stores.audit,
        stores.inspections,
        MemoryAnchors(),
        MemoryArtifacts(),
        clock,
        database="",
    )
    assert empty.full(Reason.DEMAND).problem == ""
    assert empty.anchor() is None
    stores.close()
