"""Prompts with kinds, translations and the moves of their labels: `0016_prompts.<database>.sql`."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from glassdesk.adapters.database.migrations.back import rebuild_before

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rebuild the versions with their new columns; where each label points becomes its first move."""
    connection = op.get_bind()
    script = Path(__file__).with_name(f"0016_prompts.{connection.dialect.name}.sql")
    for statement in script.read_text(encoding="utf-8").split("\n;\n"):
        if statement.strip():
            connection.exec_driver_sql(statement.strip())


def downgrade() -> None:
    """Versions are never deleted."""
    rebuild_before(op.get_bind(), revision)
