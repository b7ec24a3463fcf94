"""How far each message has come on each channel (`T-76`): `0007_deliveries.<database>.sql`."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from glassdesk.adapters.database.migrations.back import rebuild_before

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables anew, with what they held."""
    connection = op.get_bind()
    script = Path(__file__).with_name(f"0007_deliveries.{connection.dialect.name}.sql")
    for statement in script.read_text(encoding="utf-8").split("\n;\n"):
        if statement.strip():
            connection.exec_driver_sql(statement.strip())


def downgrade() -> None:
    """Deliveries would be lost."""
    rebuild_before(op.get_bind(), revision)
