"""Signals as the scoreboard counts them, and what became of them: `0019_evaluation.<database>.sql`."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from glassdesk.adapters.database.migrations.back import rebuild_before

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create two tables."""
    connection = op.get_bind()
    script = Path(__file__).with_name(f"0019_evaluation.{connection.dialect.name}.sql")
    for statement in script.read_text(encoding="utf-8").split("\n;\n"):
        if statement.strip():
            connection.exec_driver_sql(statement.strip())


def downgrade() -> None:
    """What a person set by hand is never deleted."""
    rebuild_before(op.get_bind(), revision)
