"""Shares that change lanes on a person's word, and what a break looks like (`T-16`, `T-35`, `T-37`):
`0008_adjustments.<database>.sql`."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from glassdesk.adapters.database.migrations.back import rebuild_before

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, and give breaks their kind."""
    connection = op.get_bind()
    script = Path(__file__).with_name(f"0008_adjustments.{connection.dialect.name}.sql")
    for statement in script.read_text(encoding="utf-8").split("\n;\n"):
        if statement.strip():
            connection.exec_driver_sql(statement.strip())


def downgrade() -> None:
    """What a person said of shares would be lost."""
    rebuild_before(op.get_bind(), revision)
