"""Processes of the desk: `0022_processes.<database>.sql`."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create a table."""
    connection = op.get_bind()
    script = Path(__file__).with_name(f"0022_processes.{connection.dialect.name}.sql")
    for statement in script.read_text(encoding="utf-8").split("\n;\n"):
        if statement.strip():
            connection.exec_driver_sql(statement.strip())


def downgrade() -> None:
    """Processes say it again themselves."""
    op.execute("DROP TABLE processes")
    op.execute("DELETE FROM changes WHERE topic = 'process'")
