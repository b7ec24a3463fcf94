"""Closed bars are kept: `0013_bars.<database>.sql`."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from glassdesk.adapters.database.migrations.back import rebuild_before

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables and their triggers."""
    connection = op.get_bind()
    script = Path(__file__).with_name(f"0013_bars.{connection.dialect.name}.sql")
    for statement in script.read_text(encoding="utf-8").split("\n;\n"):
        if statement.strip():
            connection.exec_driver_sql(statement.strip())


def downgrade() -> None:
    """Corrections are never deleted."""
    rebuild_before(op.get_bind(), revision)
