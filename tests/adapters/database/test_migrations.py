"""The history of migrations and the metadata tell of one schema, on both databases."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text

from glassdesk.adapters.database import open_database, upgrade
from glassdesk.adapters.database.engine import open_engine
from glassdesk.adapters.database.migrations.__main__ import write
from glassdesk.adapters.database.schema import HEAD, metadata
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.upgrade import MIGRATIONS, make_ready
from glassdesk.kernel.canonical import canonical_text
from glassdesk.kernel.errors import Conflict, IntegrityViolation
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.contracts.watchlists import Watchlist
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSpec
from tests.adapters.laws.makers import a_run
from tests.adapters.laws.test_evaluation import an_outcome
from tests.adapters.laws.test_evaluation import stored as stored_subject
from tests.servers import postgres

_POSTGRES_CATALOGUE = """
SELECT 'column', c.table_name || '.' || c.column_name,
       concat_ws(' ', data_type, collation_name, numeric_precision, numeric_scale, is_nullable,
                 column_default)
  FROM information_schema.columns c WHERE table_schema = 'public'
UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
ORDER BY 1, 2, 3
"""


def sqlite_schema(path: Path) -> dict[tuple[str, str], str]:
    with sqlite3.connect(path) as link:
        rows = link.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    link.close()
    return {(kind, name): " ".join(sql.split()) for kind, name, sql in rows if name != "alembic_version"}


def postgres_schema(url: str) -> list[tuple[str, str, str]]:
    with psycopg.connect(url.replace("+psycopg", "")) as link:
        rows = link.execute(_POSTGRES_CATALOGUE.encode()).fetchall()
    return [(kind, name, text) for kind, name, text in rows if "alembic_version" not in name]


def made_at_once(url: str) -> None:
    engine = open_engine(url)
    make_ready(engine)
    engine.dispose()


def test_the_migrations_of_sqlite_lead_to_the_metadata(tmp_path: Path) -> None:
    migrated, fresh = tmp_path / "migrated.db", tmp_path / "fresh.db"
    upgrade(f"sqlite:///{migrated}")
    made_at_once(f"sqlite:///{fresh}")
    assert sqlite_schema(migrated) == sqlite_schema(fresh)
    assert {name for kind, name in sqlite_schema(fresh) if kind == "table"} >= set(metadata.tables)


@pytest.mark.services
def test_the_migrations_of_postgresql_lead_to_the_metadata() -> None:
    migrated, fresh = postgres.server().empty_database(), postgres.server().empty_database()
    upgrade(migrated)
    made_at_once(fresh)
    assert postgres_schema(migrated) == postgres_schema(fresh)
    assert len(postgres_schema(fresh)) > 400


def test_upgrading_twice_changes_nothing_and_the_desk_opens(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    for _ in range(2):
        upgrade(url)
    stores = open_database(url)
    with stores.transactions.begin() as t:
        assert stores.audit.head(t) == (0, "0" * 64)
    stores.close()


def test_a_desk_that_was_opened_first_can_be_upgraded(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    open_database(url).close()
    before = sqlite_schema(tmp_path / "desk.db")
    upgrade(url)
    assert sqlite_schema(tmp_path / "desk.db") == before


def test_the_newest_revision_is_the_one_this_program_names() -> None:
    revisions = [path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")]
    assert max(revisions) == HEAD


@pytest.mark.parametrize(("found", "remedy"), [("0000", "db upgrade"), ("9999", "newer program")])
def test_a_schema_of_another_program_is_refused_with_a_remedy(
    tmp_path: Path, found: str, remedy: str
) -> None:
    path = tmp_path / "desk.db"
    open_database(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as link:
        link.execute("UPDATE alembic_version SET version_num = ?", (found,))
    link.close()
    with pytest.raises(Conflict, match=remedy):
        open_database(f"sqlite:///{path}")


def test_tables_of_somebody_else_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    with sqlite3.connect(path) as link:
        link.execute("CREATE TABLE invoices (id INTEGER)")
    link.close()
    with pytest.raises(Conflict, match="invoices"):
        open_database(f"sqlite:///{path}")


def test_a_fresh_desk_is_ready_sooner_than_its_code_is_imported_and_without_alembic(tmp_path: Path) -> None:
    program = (
        "import sys, time\n"
        "began = time.process_time()\n"
        "from glassdesk.adapters.database import open_database\n"
        "imported = time.process_time()\n"
        f"open_database('sqlite:///{tmp_path / 'desk.db'}').close()\n"
        "print((time.process_time() - imported) / (imported - began), 'alembic' in sys.modules)\n"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    ratio, alembic = said.split()
    assert float(ratio) < 1
    assert alembic == "False"


def test_the_first_revision_holds_what_the_tool_writes_until_there_is_a_second(tmp_path: Path) -> None:
    """Frozen once released: from then on a change of the metadata needs a revision of its own."""
    if HEAD == "0001":
        write(tmp_path, "0001_beginning")
        for script in tmp_path.iterdir():
            assert script.read_text() == (MIGRATIONS / "versions" / script.name).read_text()


OLD = IndicatorSet(name="mine", indicators=(IndicatorSpec(kind="rsi", params=(("length", 2.0),)),))
LIST = Watchlist(
    name="caps",
    version=4,
    contracts=(
        Contract(
            conid=265598, symbol="AAPL", name="APPLE", sec_type="STK", exchange="NASDAQ", currency="USD"
        ),
    ),
    changed_at=datetime(2024, 5, 6, 12, tzinfo=UTC),
)


def migrated_with_what_was_kept(url: str) -> None:
    """Up with rows of the time in them, down refused, up again: what a person kept is there after each."""
    upgrade(url, target="0014")
    engine = open_engine(url)
    with engine.begin() as connection:
        for table, name, body in (
            ("indicator_sets", OLD.name, canonical_text(OLD)),
            ("watchlists", LIST.name, canonical_text(LIST)),
        ):
            statement = text(f"INSERT INTO {table} (name, body) VALUES (:name, :body)")  # noqa: S608
            connection.execute(statement, {"name": name, "body": body})
    upgrade(url)
    assert kept(url) == ([(OLD, 1, "owner")], LIST)
    for target in ("0014", "base"):
        with pytest.raises(NotImplementedError, match="restore a backup"):
            go_back(engine, target)
    engine.dispose()
    assert kept(url) == ([(OLD, 1, "owner")], LIST)
    upgrade(url)
    assert kept(url) == ([(OLD, 1, "owner")], LIST)


def go_back(engine: Engine, target: str) -> None:
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, target)


def kept(url: str) -> tuple[list[tuple[IndicatorSet, int, str]], Watchlist | None]:
    """The sets, and the list as a version that a run may point at."""
    stores = open_database(url)
    with stores.transactions.begin() as t:
        sets = [(row.indicators, row.version, row.author) for row in stores.indicators.newest(t)]
        assert stores.watchlists.last_version(t, LIST.name) == LIST.version
        stores.watchlists.note(t, "run", LIST)
        found = stores.watchlists.seen_by(t, "run")
    stores.close()
    return sets, found


def test_sets_and_lists_that_were_kept_survive_every_revision_on_sqlite(tmp_path: Path) -> None:
    migrated_with_what_was_kept(f"sqlite:///{tmp_path / 'desk.db'}")


@pytest.mark.services
def test_sets_and_lists_that_were_kept_survive_every_revision_on_postgresql() -> None:
    migrated_with_what_was_kept(postgres.server().empty_database())


def migrated_with_outcomes(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the scoreboard counted before subjects belonged to runs is there afterwards, and append-only."""
    upgrade(url, target="0023")
    run = a_run()
    with monkeypatch.context() as older:
        older.setattr(sys.modules["glassdesk.adapters.database.upgrade"], "HEAD", "0023")
        stores = open_database(url)
        with stores.transactions.begin() as t:
            subject = stored_subject(stores, t, run)
            stores.evaluation.add_outcome(t, an_outcome(run))
        stores.close()
    upgrade(url)
    stores = open_database(url)
    with stores.transactions.read() as t:
        assert stores.evaluation.subject(t, run.run) == subject
        assert stores.evaluation.outcomes(t, run.run) == [an_outcome(run)]
    for table in ("subjects", "outcomes"):
        with pytest.raises(IntegrityViolation), stores.transactions.begin() as t:
            unit(t).execute(text(f"DELETE FROM {table}"))  # noqa: S608
    stores.close()


def test_outcomes_survive_the_revision_that_frees_subjects_of_signals_on_sqlite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrated_with_outcomes(f"sqlite:///{tmp_path / 'desk.db'}", monkeypatch)


@pytest.mark.services
def test_outcomes_survive_the_revision_that_frees_subjects_of_signals_on_postgresql(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    migrated_with_outcomes(postgres.server().empty_database(), monkeypatch)


def revisions() -> list[str]:
    return sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def up_and_down_and_up(url: str, schema: Callable[[], object]) -> None:
    """An empty database revision by revision; each schema on the way down is the one of the way up."""
    on_the_way_up: list[object] = []
    for revision in revisions():
        upgrade(url, target=revision)
        on_the_way_up.append(schema())
    engine = open_engine(url)
    for expected in reversed(on_the_way_up):
        assert schema() == expected
        go_back(engine, "-1")
    assert not schema()
    upgrade(url)
    assert schema() == on_the_way_up[-1]
    engine.dispose()


def test_an_empty_database_goes_up_down_and_up_again_on_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    up_and_down_and_up(f"sqlite:///{path}", lambda: sqlite_schema(path))


@pytest.mark.services
def test_an_empty_database_goes_up_down_and_up_again_on_postgresql() -> None:
    url = postgres.server().empty_database()
    up_and_down_and_up(url, lambda: postgres_schema(url))


def differences(url: str) -> list[object]:
    """What Alembic sees between the metadata and the database, its tables, columns and types reflected."""
    upgrade(url)
    engine = open_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found: list[object] = compare_metadata(context, metadata)
    engine.dispose()
    return found


def test_what_alembic_reflects_is_the_metadata_on_sqlite(tmp_path: Path) -> None:
    assert differences(f"sqlite:///{tmp_path / 'desk.db'}") == []


@pytest.mark.services
def test_what_alembic_reflects_is_the_metadata_on_postgresql() -> None:
    assert differences(postgres.server().empty_database()) == []


def test_a_column_that_the_database_lacks_is_seen(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    upgrade(url)
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE processes DROP COLUMN host")
    engine.dispose()
    assert "host" in str(differences(url))


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_engine(f"sqlite:///{tmp_path / 'desk.db'}")


def test_many_processes_may_open_a_fresh_desk_at_once(tmp_path: Path) -> None:
    program = (
        "from glassdesk.adapters.database import open_database\n"
        f"open_database('sqlite:///{tmp_path / 'desk.db'}').close()\n"
    )
    began = time.monotonic()
    starting = [subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE) for _ in range(4)]
    told = [process.communicate(timeout=60)[1].decode() for process in starting]
    assert [process.returncode for process in starting] == [0] * 4, told
    assert time.monotonic() - began < 60
