"""From any database to this program's schema.

An empty database gets the newest schema at once, without Alembic, which takes a third of a second to import;
a test holds that equal to the whole history of migrations. An older one is migrated by `upgrade`, on the word
of a person; a newer one is refused.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    inspect,
    select,
)
from sqlalchemy.exc import DBAPIError

from glassdesk.adapters.database.engine import open_engine
from glassdesk.adapters.database.faults import translate
from glassdesk.adapters.database.schema import HEAD, create
from glassdesk.kernel.errors import Conflict
from glassdesk.workflow.processes.model import schema_skew

MIGRATIONS = Path(__file__).parent / "migrations"

# Alembic's own table, as Alembic makes it; in a metadata of its own because it is not ours.
STAMP = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)

# Any number that nobody else in this database uses: held until the transaction ends.
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(20121001)"


def make_ready(engine: Engine) -> None:
    """Give an empty database our schema; leave one that has it. Raises `VersionSkew` for another schema."""
    try:
        with engine.begin() as connection:
            _wait(connection)
            found = revision(connection)
            if found is None:
                create(connection)
                STAMP.create(connection)
                connection.execute(STAMP.insert().values(version_num=HEAD))
    except DBAPIError as fault:
        raise translate(fault) from fault
    if found is not None:
        schema_skew(HEAD, found)


def _wait(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_ONE_AT_A_TIME)


def revision(connection: Connection) -> str | None:
    """The revision the database is at, `None` for an empty one. Raises `Conflict` for tables not ours."""
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        found: str | None = connection.execute(select(STAMP.c.version_num)).scalar()
        return found
    if tables:
        named = ", ".join(sorted(tables)[:3])
        raise Conflict(
            f"the database holds tables that are not ours: {named}", remedy="name an empty database"
        )
    return None


def upgrade(url: str, *, target: str = "head") -> None:
    """Run every migration up to `target` on the database at `url`, in one transaction."""
    # Alembic is a third of a second that only an upgrade pays for
    from alembic import command
    from alembic.config import Config

    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            _wait(connection)
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes["connection"] = connection
            command.upgrade(config, target)
    except DBAPIError as fault:
        raise translate(fault) from fault
    finally:
        engine.dispose()
