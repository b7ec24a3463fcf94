"""Tests of prompts: `0020_prompt_tests.<database>.sql`."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from glassdesk.adapters.database.migrations.back import rebuild_before

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create a table."""
    connection = op.get_bind()
    script = Path(__file__).with_name(f"0020_prompt_tests.{connection.dialect.name}.sql")
    for statement in script.read_text(encoding="utf-8").split("\n;\n"):
        if statement.strip():
            connection.exec_driver_sql(statement.strip())


def downgrade() -> None:
    """What was tested is never deleted."""
    rebuild_before(op.get_bind(), revision)
