"""Indicator sets in versions: `0015_set_versions.<database>.sql`."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from glassdesk.adapters.database.migrations.back import rebuild_before

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, move the sets that were kept as version 1 into it."""
    connection = op.get_bind()
    script = Path(__file__).with_name(f"0015_set_versions.{connection.dialect.name}.sql")
    for statement in script.read_text(encoding="utf-8").split("\n;\n"):
        if statement.strip():
            connection.exec_driver_sql(statement.strip())


def downgrade() -> None:
    """Versions are never deleted."""
    rebuild_before(op.get_bind(), revision)
