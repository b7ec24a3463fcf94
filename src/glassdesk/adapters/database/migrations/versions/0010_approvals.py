"""A person's yes to one exact order (`design.md` §2): `0010_approvals.<database>.sql`."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from glassdesk.adapters.database.migrations.back import rebuild_before

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and its triggers."""
    connection = op.get_bind()
    script = Path(__file__).with_name(f"0010_approvals.{connection.dialect.name}.sql")
    for statement in script.read_text(encoding="utf-8").split("\n;\n"):
        if statement.strip():
            connection.exec_driver_sql(statement.strip())


def downgrade() -> None:
    """Rows are never deleted."""
    rebuild_before(op.get_bind(), revision)
