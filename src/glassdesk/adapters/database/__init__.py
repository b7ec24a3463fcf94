"""Tables and stores on SQLite and PostgreSQL: a module per step, one metadata, one history of migrations."""

from glassdesk.adapters.database.stores import Stores, open_database
from glassdesk.adapters.database.upgrade import upgrade

__all__ = ["Stores", "open_database", "upgrade"]
