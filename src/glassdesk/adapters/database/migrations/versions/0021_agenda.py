"""When each strategy is looked at next, and why a schedule is paused: `0021_agenda.<database>.sql`."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from glassdesk.adapters.database.migrations.back import rebuild_before

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create three tables, an index and three columns."""
    connection = op.get_bind()
    script = Path(__file__).with_name(f"0021_agenda.{connection.dialect.name}.sql")
    for statement in script.read_text(encoding="utf-8").split("\n;\n"):
        if statement.strip():
            connection.exec_driver_sql(statement.strip())


def downgrade() -> None:
    """A pause without its reason is not what it was."""
    rebuild_before(op.get_bind(), revision)
