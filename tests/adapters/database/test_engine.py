"""How each database is opened: durable, patient, and clear about what it does not speak."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from glassdesk.adapters.database import open_database
from glassdesk.adapters.database import transactions as units
from glassdesk.adapters.database.engine import open_engine
from glassdesk.kernel.errors import InvalidInput, Unavailable
from glassdesk.workflow.access.model import Owner
from tests.servers import postgres
from tests.servers.starting import HERE, free_port


def test_sqlite_is_opened_so_that_a_commit_survives_a_power_cut(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'desk.db'}")
    with engine.connect() as connection:
        asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "recursive_triggers")
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked}
    engine.dispose()
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30000,
        "recursive_triggers": 1,
    }


@pytest.mark.services
def test_postgresql_is_opened_in_utc_with_limits_on_waiting() -> None:
    engine = open_engine(postgres.server().empty_database())
    with engine.connect() as connection:
        names = ("TimeZone", "lock_timeout", "idle_in_transaction_session_timeout")
        found = [connection.execute(text(f"SHOW {name}")).scalar() for name in names]
    engine.dispose()
    assert found == ["UTC", "30s", "30s"]


@pytest.mark.parametrize("url", ["mysql://here/desk", "postgresql://here/desk", "nonsense", ""])
def test_an_unknown_database_is_refused_with_the_three_that_are_spoken(url: str) -> None:
    with pytest.raises(InvalidInput, match=r"sqlite:///PATH, postgresql\+psycopg"):
        open_engine(url)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        open_database(f"sqlite:///{tmp_path / 'nowhere' / 'desk.db'}")


def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        open_database(f"postgresql+psycopg://nobody@{HERE}:{free_port()}/desk")


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    path.write_bytes(b"this is a letter, not a database" * 100)
    with pytest.raises(Exception, match="not a database"):
        open_database(f"sqlite:///{path}")


def test_another_process_that_writes_too_long_makes_the_database_busy(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    stores = open_database(f"sqlite:///{path}")
    with stores.transactions.read():
        pass
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with stores.transactions.read() as t:
        # the one connection of the pool: what follows uses it, and does not wait for half a minute
        units.unit(t).connection.exec_driver_sql("PRAGMA busy_timeout=20")
    with pytest.raises(Unavailable, match="busy"):
        stores.transactions.begin().__enter__()
    with stores.transactions.read() as t:
        assert stores.access.owner(t) == Owner(password_hash=None)
    other.execute("ROLLBACK")
    other.close()
    stores.close()


@pytest.mark.services
def test_a_connection_cut_by_the_server_is_replaced_at_the_next_unit_of_work() -> None:
    url = postgres.server().ready_database()
    stores = open_database(url)
    with stores.transactions.read() as t:
        number = units.unit(t).connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    killer = open_engine(url)
    with killer.begin() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:number)"), {"number": number})
    killer.dispose()
    with stores.transactions.begin() as t:
        stores.access.put_owner(t, Owner(password_hash="after"))
    stores.close()


@pytest.mark.services
def test_a_connection_cut_inside_a_unit_of_work_is_unavailable() -> None:
    url = postgres.server().ready_database()
    stores, killer = open_database(url), open_engine(url)

    def cut_inside() -> None:
        with stores.transactions.begin() as t:
            number = units.unit(t).connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            with killer.begin() as connection:
                connection.execute(text("SELECT pg_terminate_backend(:number)"), {"number": number})
            stores.access.put_owner(t, Owner(password_hash="lost"))

    with pytest.raises(Unavailable):
        cut_inside()
    with stores.transactions.read() as t:
        assert stores.access.owner(t).password_hash is None
    killer.dispose()
    stores.close()


def test_memory_serves_one_unit_of_work_at_a_time() -> None:
    stores = open_database("memory:")
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with stores.transactions.begin() as t:
            stores.access.put_owner(t, Owner(password_hash="first"))
            entered.set()
            leave.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    assert entered.wait(10)
    threading.Timer(0.05, leave.set).start()
    with stores.transactions.read() as t:
        assert stores.access.owner(t).password_hash == "first"
    holder.join()
    stores.close()


def test_an_engines_own_address_opens_its_database_again(tmp_path: Path) -> None:
    first = open_engine(f"sqlite:///{tmp_path / 'desk.db'}")
    again = open_engine(first.url.render_as_string(hide_password=False))
    assert again.url.database == first.url.database
    again.dispose()
    first.dispose()
