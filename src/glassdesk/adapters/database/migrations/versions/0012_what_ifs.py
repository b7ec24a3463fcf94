"""What the broker said of an order before it was sent [§5.3], and what works there for others (`T-11`):
`0012_what_ifs.<database>.sql`."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from glassdesk.adapters.database.migrations.back import rebuild_before

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and its triggers."""
    connection = op.get_bind()
    script = Path(__file__).with_name(f"0012_what_ifs.{connection.dialect.name}.sql")
    for statement in script.read_text(encoding="utf-8").split("\n;\n"):
        if statement.strip():
            connection.exec_driver_sql(statement.strip())


def downgrade() -> None:
    """Rows are never deleted."""
    rebuild_before(op.get_bind(), revision)
