"""What is counted need not have a signal: conditions kept the analyst from being asked. As frozen in
`0024_kept_back.<database>.sql`."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from glassdesk.adapters.database.migrations.back import rebuild_before

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Subjects belong to runs; SQLite needs both tables made anew for that."""
    connection = op.get_bind()
    script = Path(__file__).with_name(f"0024_kept_back.{connection.dialect.name}.sql")
    for statement in script.read_text(encoding="utf-8").split("\n;\n"):
        if statement.strip():
            connection.exec_driver_sql(statement.strip())


def downgrade() -> None:
    """Only where nobody wrote anything: subjects without a signal have no place in the older schema."""
    rebuild_before(op.get_bind(), revision)
