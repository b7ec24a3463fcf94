"""The beginning: every table, key and trigger, as frozen in `0001_beginning.<database>.sql`.

The files are written once by `python -m glassdesk.adapters.database.migrations` and never change afterwards.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from glassdesk.adapters.database.migrations.back import rebuild_before

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create everything."""
    connection = op.get_bind()
    script = Path(__file__).with_name(f"0001_beginning.{connection.dialect.name}.sql")
    for statement in script.read_text(encoding="utf-8").split("\n;\n"):
        if statement.strip():
            connection.exec_driver_sql(statement.strip())


def downgrade() -> None:
    """There is nothing before the beginning."""
    rebuild_before(op.get_bind(), revision)
