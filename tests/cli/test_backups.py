"""Backups: restored to see that they can be, one a day, and a home that is made of one stands still."""

from __future__ import annotations

import tarfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from glassdesk.composition.backups import Backups
from tests.cli import world
from tests.cli.conftest import Typed

DAY = timedelta(days=1)


def made(type_in: Typed, folder: Path) -> Path:
    file = folder / "kept.tar.gz"
    assert type_in("db", "backup", "-o", str(file)).code == 0
    return file


def test_a_home_made_of_a_backup_is_the_same_desk_and_stands_at_halt(type_in: Typed, tmp_path: Path) -> None:
    file, again = made(type_in, tmp_path), tmp_path / "elsewhere/again"
    told = type_in("db", "restore", str(file), at=again)
    assert (told.code, told.err) == (0, "")
    orders = type_in("orders", "list", "--json").json
    assert type_in("orders", "list", "--json", at=again).json == orders
    assert type_in("lineage", orders[0]["order"], "--verify", at=again).code == 0
    newest = type_in("audit", "list", "--json", at=again).json[-1]
    assert (newest["actor"], newest["kind"]) == ("owner", "halt")
    assert '"after":"HALT"' in newest["body"]
    assert "restored from kept.tar.gz" in newest["body"]
    assert type_in("audit", "verify", at=again).code == 0
    assert [one.name for one in again.parent.iterdir()] == ["again"]


def test_a_home_that_is_there_is_not_written_over(type_in: Typed, tmp_path: Path, home: Path) -> None:
    told = type_in("db", "restore", str(made(type_in, tmp_path)), at=home)
    assert told.code == 2
    assert "is there already" in told.err


@pytest.mark.parametrize("spoil", ["torn", "no archive", "no database", "an artifact", "the database"])
def test_a_backup_that_is_not_whole_makes_no_home(type_in: Typed, tmp_path: Path, spoil: str) -> None:
    file, again = made(type_in, tmp_path), tmp_path / "again"
    inside = tmp_path / "inside"
    with tarfile.open(file) as archive:
        archive.extractall(inside, filter="data")
    some = next(one for one in (inside / "artifacts").rglob("*") if one.is_file())
    if spoil == "torn":
        file.write_bytes(file.read_bytes()[:-200])
    elif spoil == "no archive":
        file.write_bytes(b"nothing")
    else:
        if spoil == "an artifact":
            some.write_bytes(some.read_bytes() + b"x")
        elif spoil == "no database":
            (inside / "glassdesk.sqlite").unlink()
        else:
            (inside / "glassdesk.sqlite").write_bytes(b"no database at all" * 1000)
        with tarfile.open(file, "w:gz") as archive:
            archive.add(inside, ".")
    told = type_in("db", "restore", str(file), at=again)
    assert told.code in (1, 2)
    assert told.err.count("\n") == 1
    assert not again.exists()


def test_a_backup_is_made_once_a_day_and_the_oldest_go(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    with world.opened(home) as (ground, desk):
        told = ground.settings.model_copy(update={"backup_folder": folder, "backup_keep": 2})
        backups = Backups(replace(ground, settings=told), desk)
        first = backups.look()
        assert first is not None
        assert backups.look() is None
        assert Backups(replace(ground, settings=told), desk).look() is None
        later = []
        for _ in range(2):
            ground.clock.wait_until(ground.clock.now() + DAY)
            later.append(backups.look())
    assert sorted(folder.iterdir()) == later


def test_a_day_without_a_backup_is_an_alarm(home: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with world.opened(home) as (ground, desk):
        told = ground.settings.model_copy(update={"backup_folder": tmp_path / "file"})
        assert Backups(replace(ground, settings=told), desk).look() is None
        with desk.transactions.read() as t:
            alarm = desk.notifications.recent(t)[0]
    assert (alarm.title, alarm.severity.value) == ("There is no backup of today", "alarm")
