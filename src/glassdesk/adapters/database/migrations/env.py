"""How Alembic reaches the database: on the connection and in the transaction of `upgrade`."""

from __future__ import annotations

from alembic import context

from glassdesk.adapters.database.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=False)
context.run_migrations()
