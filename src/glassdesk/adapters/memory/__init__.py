"""Parts that live in memory and do what a story tells them; shipped, because `memory:` is legal everywhere.

The database in memory is SQLite's own (`docs/decisions/0003`); artifacts in memory stand beside the others.
"""

from glassdesk.adapters.memory.bell import MemoryBell
from glassdesk.adapters.memory.broker import MemoryBroker
from glassdesk.adapters.memory.channel import MemoryChannel

__all__ = ["MemoryBell", "MemoryBroker", "MemoryChannel"]
