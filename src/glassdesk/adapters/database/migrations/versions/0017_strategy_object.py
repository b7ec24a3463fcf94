"""Versions of watchlists, what strategies own by them, what questions cost, sets that were put away:
`0017_strategy_object.<database>.sql`."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from glassdesk.adapters.database.migrations.back import rebuild_before

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; the watchlists that were kept become versions."""
    connection = op.get_bind()
    script = Path(__file__).with_name(f"0017_strategy_object.{connection.dialect.name}.sql")
    for statement in script.read_text(encoding="utf-8").split("\n;\n"):
        if statement.strip():
            connection.exec_driver_sql(statement.strip())


def downgrade() -> None:
    """What a run was made from is not thrown away."""
    rebuild_before(op.get_bind(), revision)
