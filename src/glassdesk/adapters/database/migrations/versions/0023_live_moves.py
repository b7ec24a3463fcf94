"""Unlocks and locks of live accounts: `0023_live_moves.<database>.sql`."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from glassdesk.adapters.database.migrations.back import rebuild_before

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    connection = op.get_bind()
    script = Path(__file__).with_name(f"0023_live_moves.{connection.dialect.name}.sql")
    for statement in script.read_text(encoding="utf-8").split("\n;\n"):
        if statement.strip():
            connection.exec_driver_sql(statement.strip())


def downgrade() -> None:
    """Only where nobody wrote anything: a live account without its moves would count as never unlocked."""
    rebuild_before(op.get_bind(), revision)
