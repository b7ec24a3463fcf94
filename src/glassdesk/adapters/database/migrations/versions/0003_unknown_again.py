"""An acknowledged order that no reading ever shows may be of unknown fate again [F-57], as frozen in
`0003_unknown_again.<database>.sql`."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from glassdesk.adapters.database.migrations.back import rebuild_before

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Replace the trigger that judges changes of an order's state."""
    connection = op.get_bind()
    script = Path(__file__).with_name(f"0003_unknown_again.{connection.dialect.name}.sql")
    for statement in script.read_text(encoding="utf-8").split("\n;\n"):
        if statement.strip():
            connection.exec_driver_sql(statement.strip())


def downgrade() -> None:
    """Orders may be in the state already."""
    rebuild_before(op.get_bind(), revision)
