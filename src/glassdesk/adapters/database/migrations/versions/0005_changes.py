"""How often each topic was changed, for pages that follow it: `0005_changes.<database>.sql`."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from glassdesk.adapters.database.migrations.back import rebuild_before

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and its rows."""
    connection = op.get_bind()
    script = Path(__file__).with_name(f"0005_changes.{connection.dialect.name}.sql")
    for statement in script.read_text(encoding="utf-8").split("\n;\n"):
        if statement.strip():
            connection.exec_driver_sql(statement.strip())


def downgrade() -> None:
    """The program needs its counters."""
    rebuild_before(op.get_bind(), revision)
