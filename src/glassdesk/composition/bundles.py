"""Strategy files, handed to the doors."""

from glassdesk.adapters.bundles import (
    dump_strategy,
    group_from,
    group_line,
    load_strategy,
    strategy_from,
    strategy_to,
)

__all__ = ["dump_strategy", "group_from", "group_line", "load_strategy", "strategy_from", "strategy_to"]
