"""A backup is one file that opens as a desk, taken while the desk works."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from glassdesk.adapters.database import open_database
from glassdesk.adapters.database.backup import backup
from glassdesk.kernel.errors import InvalidInput, Unavailable
from glassdesk.workflow.access.model import Owner
from tests.adapters.laws.makers import write


def test_a_copy_taken_while_somebody_writes_is_whole(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    desk = open_database(url)
    write(desk, lambda t: desk.access.put_owner(t, Owner(password_hash="kept")))
    done = threading.Event()

    def keep_writing() -> None:
        while not done.is_set():
            write(desk, lambda t: desk.access.put_owner(t, Owner(password_hash="kept")))

    writer = threading.Thread(target=keep_writing)
    writer.start()
    backup(url, tmp_path / "copy.db")
    done.set()
    writer.join()
    desk.close()
    assert [path.name for path in tmp_path.glob("copy*")] == ["copy.db"]
    copied = open_database(f"sqlite:///{tmp_path / 'copy.db'}")
    assert write(copied, copied.access.owner) == Owner(password_hash="kept")
    copied.close()


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    open_database(url).close()
    with pytest.raises(InvalidInput, match="there already"):
        backup(url, tmp_path / "desk.db")


@pytest.mark.parametrize("url", ["memory:", "postgresql+psycopg://here/desk"])
def test_other_databases_have_their_own_tools(tmp_path: Path, url: str) -> None:
    with pytest.raises(InvalidInput, match="pg_dump"):
        backup(url, tmp_path / "copy.db")


def test_a_database_that_is_not_there_leaves_no_copy_behind(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="could not be copied"):
        backup(f"sqlite:///{tmp_path / 'nothing.db'}", tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []
